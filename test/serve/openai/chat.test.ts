import OpenAI, { APIError } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiWorld, openApiWorld } from "../support/api-world.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

function client(apiKey = "key-all", options: object = {}): OpenAI {
  return new OpenAI({ baseURL: `${world.url}/v1`, apiKey, maxRetries: 0, ...options });
}

const models = ["openai/gpt-5.4-mini", "anthropic/claude-haiku-4-5", "google/gemini-3.5-flash"];
const weather: OpenAI.ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const clock: OpenAI.ChatCompletionTool = {
  type: "function",
  function: { name: "now", parameters: { type: "object", properties: {} } },
};

/** What we add to OpenAI's objects. */
interface Switchyard {
  readonly switchyard: { provider: string; cost: { total: string }; attempts: { model: string; outcome: string }[] };
}

describe.each(models)("the openai SDK asking %s", (model) => {
  test("gets an answer, its usage and its cost", async () => {
    const made = await client().chat.completions.create({
      model,
      messages: [
        { role: "developer", content: "Be terse." },
        { role: "user", content: "Hello there" },
      ],
      max_completion_tokens: 200,
    });
    expect(made.object).toBe("chat.completion");
    expect(made.model).toBe(model);
    expect(made.choices[0]?.message.content).toBe(`[simulated ${model}] Hello there`);
    expect(made.choices[0]?.finish_reason).toBe("stop");
    expect(made.usage?.total_tokens).toBe((made.usage?.prompt_tokens ?? 0) + (made.usage?.completion_tokens ?? 0));
    expect(made.usage?.prompt_tokens).toBeGreaterThan(0);
    const { switchyard } = made as unknown as Switchyard;
    expect(Number(switchyard.cost.total)).toBeGreaterThan(0);
    expect(switchyard.attempts).toMatchObject([{ model, outcome: "succeeded" }]);
    expect(made._request_id).toBe(made.id);
  });

  test("streams the same answer, with usage when it asks for it", async () => {
    const asked = { model, messages: [{ role: "user" as const, content: "say 40 words" }] };
    const whole = await client().chat.completions.create(asked);
    const stream = client().chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
    let deltas = 0;
    stream.on("content", () => {
      deltas += 1;
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(final.choices[0]?.finish_reason).toBe("stop");
    expect(final.usage).toEqual(whole.usage);
    expect(deltas).toBeGreaterThan(5);
  });

  test("goes through a tool loop with parallel calls, streamed and not, reasoning returned unchanged", async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: "user", content: 'think, then call get_weather {"city":"Oslo"} and call now' },
    ];
    const asked = { model, tools: [weather, clock], reasoning_effort: "low" as const };
    const whole = (await client().chat.completions.create({ ...asked, messages })).choices[0];
    expect(whole?.finish_reason).toBe("tool_calls");
    const streamed = (
      await client()
        .chat.completions.stream({ ...asked, messages })
        .finalChatCompletion()
    ).choices[0];
    const names = (message: OpenAI.ChatCompletionMessage | undefined) =>
      message?.tool_calls?.map((call) =>
        call.type === "function" ? [call.function.name, call.function.arguments] : [],
      );
    expect(names(whole?.message)).toEqual([
      ["get_weather", '{"city":"Oslo"}'],
      ["now", "{}"],
    ]);
    expect(names(streamed?.message)).toEqual(names(whole?.message));
    for (const message of [whole?.message, streamed?.message]) {
      if (message === undefined) throw new Error("no message");
      const results = (message.tool_calls ?? []).map((call) => ({
        role: "tool" as const,
        tool_call_id: call.id,
        content: "12 degrees",
      }));
      // The simulators refuse reasoning that was changed or left out where the provider does.
      const next = await client().chat.completions.create({ ...asked, messages: [...messages, message, ...results] });
      expect(next.choices[0]?.message.content).toContain("12 degrees");
    }
  });

  test("gets JSON by a schema", async () => {
    const made = await client().chat.completions.create({
      model,
      messages: [{ role: "user", content: "A city" }],
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "city",
          strict: true,
          schema: {
            type: "object",
            properties: { name: { type: "string" } },
            required: ["name"],
            additionalProperties: false,
          },
        },
      },
    });
    expect(JSON.parse(made.choices[0]?.message.content ?? "")).toEqual({ name: expect.any(String) });
  });

  test("shows an image", async () => {
    const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
    const made = await client().chat.completions.create({
      model,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
          ],
        },
      ],
    });
    expect(made.choices[0]?.message.content).toContain("I see 1 image");
  });
});

test("a bare model name is OpenAI's", async () => {
  const made = await client().chat.completions.create({
    model: "gpt-5.4-mini",
    messages: [{ role: "user", content: "Hi" }],
  });
  expect(made.model).toBe("openai/gpt-5.4-mini");
});

test("reasoning is shown in the member other servers of this API use", async () => {
  const asked = {
    model: "anthropic/claude-haiku-4-5",
    messages: [{ role: "user" as const, content: "think hard" }],
    reasoning_effort: "low" as const,
    max_completion_tokens: 8_000,
  };
  const made = await client().chat.completions.create(asked);
  expect(made.choices[0]?.message).toMatchObject({ reasoning_content: expect.stringContaining("reasoning") });
  let streamed = "";
  for await (const chunk of await client().chat.completions.create({ ...asked, stream: true })) {
    streamed += (chunk.choices[0]?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? "";
  }
  expect(streamed).toContain("reasoning");
});

test("fallbacks and cost limits go through the body as the tool has them", async () => {
  world.simulator.faults.script([{ fault: { kind: "quota_exhausted" }, provider: "openai", times: 3 }]);
  const asked = {
    model: "openai/gpt-5.4-mini",
    messages: [{ role: "user" as const, content: "Hi" }],
    fallbacks: ["anthropic/claude-haiku-4-5"],
  };
  const made = await client().chat.completions.create(asked);
  expect(made.model).toBe("anthropic/claude-haiku-4-5");
  const { switchyard } = made as unknown as Switchyard;
  expect(switchyard.attempts.map(({ outcome }) => outcome)).toEqual(["failed", "succeeded"]);
  world.simulator.faults.clear();
  await expect(
    client().chat.completions.create({ ...asked, max_cost: "0.000000001" } as typeof asked),
  ).rejects.toMatchObject({ status: 402 });
});

describe("errors reach the SDK as its own error classes", () => {
  const hello = { messages: [{ role: "user" as const, content: "Hi" }] };

  test("an unknown model is a 404 that names near ones", async () => {
    const error = await client()
      .chat.completions.create({ model: "openai/gpt-5.4-minni", ...hello })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect((error as APIError).message).toContain("openai/gpt-5.4-mini");
    expect((error as APIError).code).toBe("not_found");
  });

  test("no key, and a key nobody knows, are a 401", async () => {
    await expect(client("nobody").chat.completions.create({ model: "x/y", ...hello })).rejects.toThrow(
      OpenAI.AuthenticationError,
    );
  });

  test("a model outside the key's rights is a 403", async () => {
    const asked = client("key-openai").chat.completions.create({ model: "anthropic/claude-haiku-4-5", ...hello });
    await expect(asked).rejects.toThrow(OpenAI.PermissionDeniedError);
  });

  test("a field that cannot be honoured is named and not dropped", async () => {
    const asked = client().chat.completions.create({ model: models[1] ?? "", ...hello, logprobs: true });
    await expect(asked).rejects.toMatchObject({ status: 400, code: "unsupported", param: "logprobs" });
    const several = client().chat.completions.create({ model: models[0] ?? "", ...hello, n: 2 });
    await expect(several).rejects.toMatchObject({ status: 400, param: "n" });
  });

  test("a wrong field is named with what is allowed", async () => {
    const asked = client().chat.completions.create({
      model: models[0] ?? "",
      messages: [{ role: "usr" as "user", content: "Hi" }],
    });
    await expect(asked).rejects.toThrow("messages[0].role must be one of");
  });

  test("an empty pool is a 402 that the SDK does not repeat", async () => {
    await using poor = await openApiWorld({ initial_grant: "0" });
    const openai = new OpenAI({ baseURL: `${poor.url}/v1`, apiKey: "key-all", maxRetries: 5 });
    const error = await openai.chat.completions
      .create({ model: models[0] ?? "", ...hello })
      .catch((thrown: unknown) => thrown as APIError);
    expect(error).toMatchObject({ status: 402, code: "insufficient_credits", type: "insufficient_quota" });
    expect(poor.simulator.book.totals().requests).toBe(0);
  });

  test("a provider that fails before it says anything is a status, also when streamed", async () => {
    world.simulator.faults.script([{ fault: { kind: "quota_exhausted" }, times: 2 }]);
    await expect(client().chat.completions.create({ model: models[0] ?? "", ...hello })).rejects.toMatchObject({
      status: expect.any(Number),
    });
    const streamed = client().chat.completions.create({ model: models[0] ?? "", ...hello, stream: true });
    await expect(streamed).rejects.toBeInstanceOf(APIError);
    world.simulator.faults.clear();
  });

  test("a provider that breaks off in mid-answer is an error in the stream, after what was said", async () => {
    world.simulator.faults.script([{ fault: { kind: "cut_mid_stream", afterEvents: 12 }, times: 1 }]);
    let said = "";
    const read = async () => {
      const asked = {
        model: "anthropic/claude-haiku-4-5",
        messages: [{ role: "user" as const, content: "say 60 words" }],
      };
      for await (const chunk of await client().chat.completions.create({ ...asked, stream: true })) {
        said += chunk.choices[0]?.delta.content ?? "";
      }
    };
    await expect(read()).rejects.toBeInstanceOf(APIError);
    expect(said).toContain("simulated");
    world.simulator.faults.clear();
  });
});

test("a client that leaves stops the upstream call", async () => {
  world.simulator.faults.script([{ fault: { kind: "slow_drip", chunkMs: 50 }, times: 1 }]);
  const stream = await client().chat.completions.create({
    model: "openai/gpt-5.4-mini",
    messages: [{ role: "user", content: "say 2000 words" }],
    stream: true,
  });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  await expect.poll(() => world.simulator.book.entries.at(-1)?.outcome).toBe("client_gone");
  world.simulator.faults.clear();
});

test("the same Idempotency-Key gives the same generation, paid once", async () => {
  const asked = { model: "openai/gpt-5.4-mini", messages: [{ role: "user" as const, content: "once" }] };
  const headers = { "Idempotency-Key": "chat-1" };
  const first = await client().chat.completions.create(asked, { headers });
  const spent = await world.spent();
  const second = await client().chat.completions.create(asked, { headers });
  expect(second.id).toBe(first.id);
  expect(await world.spent()).toBe(spent);
  const other = client().chat.completions.create({ ...asked, seed: 1 }, { headers });
  await expect(other).rejects.toMatchObject({ status: 409 });
});

test("what is charged is what the provider bills", async () => {
  await using fresh = await openApiWorld();
  const openai = new OpenAI({ baseURL: `${fresh.url}/v1`, apiKey: "key-all" });
  const costs: number[] = [];
  for (const model of models) {
    const made = await openai.chat.completions.create({
      model,
      messages: [{ role: "user", content: "say 100 words" }],
    });
    costs.push(Number((made as unknown as Switchyard).switchyard.cost.total));
  }
  expect(Number(await fresh.spent())).toBeCloseTo(
    costs.reduce((sum, cost) => sum + cost, 0),
    9,
  );
});

test("models lists what can be called, by the key's rights", async () => {
  const all = await client().models.list();
  const ids = all.data.map((model) => model.id);
  expect(ids).toEqual(expect.arrayContaining(models));
  expect(ids.some((id) => id.startsWith("groq/"))).toBe(false);
  const few = await client("key-openai").models.list();
  expect(few.data.every((model) => model.owned_by === "openai")).toBe(true);
  const one = await client().models.retrieve("anthropic/claude-haiku-4-5");
  expect(one).toMatchObject({ id: "anthropic/claude-haiku-4-5", owned_by: "anthropic" });
  await expect(client().models.retrieve("openai/no-such-model")).rejects.toThrow(OpenAI.NotFoundError);
});

test("a path that is not served names those that are", async () => {
  const answer = await fetch(`${world.url}/v1/completions`, { method: "POST" });
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain("/v1/chat/completions");
});
