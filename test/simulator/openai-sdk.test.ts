import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

function client(apiKey = simulator().apiKey("openai")): OpenAI {
  return new OpenAI({ baseURL: simulator().baseUrl("openai"), apiKey, maxRetries: 0 });
}

const weather: OpenAI.Chat.Completions.ChatCompletionFunctionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Current weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    },
    strict: true,
  },
};

describe("Chat Completions through the openai SDK", () => {
  test("answers with the user's text, marked as simulated, and bills what it says it bills", async () => {
    const made = await client().chat.completions.create({
      model: "gpt-4.1-mini",
      messages: [
        { role: "system", content: "Be terse." },
        { role: "user", content: "Hello there" },
      ],
    });
    expect(made.choices[0]?.message.content).toBe("[simulated openai/gpt-4.1-mini] Hello there");
    expect(made.choices[0]?.finish_reason).toBe("stop");
    expect(made._request_id).toMatch(/^req_sim/);
    await simulator().book.idle();
    const { billed } = simulator().book.totals("openai");
    expect(billed).toMatchObject({
      inputTokens: made.usage?.prompt_tokens,
      outputTokens: made.usage?.completion_tokens,
    });
  });

  test("streams the same text with usage in the last chunk", async () => {
    const asked = { model: "gpt-4.1-mini", messages: [{ role: "user" as const, content: "say 50 words" }] };
    const whole = await client().chat.completions.create(asked);
    const stream = await client().chat.completions.create({
      ...asked,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    let finish: string | null | undefined;
    let chunks = 0;
    for await (const chunk of stream) {
      chunks += 1;
      text += chunk.choices[0]?.delta.content ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(finish).toBe("stop");
    expect(usage).toEqual(whole.usage);
    expect(chunks).toBeGreaterThan(50);
  });

  test("goes through a tool loop with two parallel calls, streamed in fragments", async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: "user", content: 'call get_weather {"city":"Oslo"} and call get_weather {"city":"Łódź"}' },
    ];
    const runner = client().chat.completions.stream({ model: "gpt-4.1-mini", messages, tools: [weather] });
    const first = await runner.finalChatCompletion();
    // The SDK's stream helper adds fields of its own to what it assembles; they are not for the wire.
    const calls = (first.choices[0]?.message.tool_calls ?? []).map((call) => {
      if (call.type !== "function") throw new Error("expected function calls");
      const { name, arguments: args } = call.function;
      return { id: call.id, type: call.type, function: { name, arguments: args } };
    });
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(calls.map((call) => JSON.parse(call.function.arguments))).toEqual([{ city: "Oslo" }, { city: "Łódź" }]);
    const answered: OpenAI.ChatCompletionMessageParam[] = calls.map((call, index) => ({
      role: "tool",
      tool_call_id: call.id,
      content: `${index} °C`,
    }));
    const second = await client().chat.completions.create({
      model: "gpt-4.1-mini",
      messages: [...messages, { role: "assistant", tool_calls: calls }, ...answered],
      tools: [weather],
    });
    expect(second.choices[0]?.message.content).toBe(
      "[simulated openai/gpt-4.1-mini] get_weather returned: 0 °C; get_weather returned: 1 °C",
    );
  });

  test("answers a strict schema with JSON that the SDK parses", async () => {
    const shape = z.object({
      city: z.string(),
      kind: z.enum(["town", "village"]),
      people: z.array(z.object({ age: z.int() })),
    });
    const made = await client().chat.completions.parse({
      model: "gpt-5.4-mini",
      messages: [{ role: "user", content: "Describe a place" }],
      response_format: zodResponseFormat(shape, "place"),
    });
    expect(made.choices[0]?.message.parsed).toEqual({
      city: "simulated city",
      kind: "town",
      people: [{ age: expect.any(Number) }],
    });
  });

  test("spends a reasoning model's whole limit on reasoning when the limit is small", async () => {
    const made = await client().chat.completions.create({
      model: "gpt-5.4",
      reasoning_effort: "high",
      max_completion_tokens: 20,
      messages: [{ role: "user", content: "Hello" }],
    });
    expect(made.choices[0]).toMatchObject({ finish_reason: "length", message: { content: "" } });
    expect(made.usage?.completion_tokens_details?.reasoning_tokens).toBe(20);
  });

  test("refuses in the message's refusal, and filters with its finish reason", async () => {
    const ask = (content: string) =>
      client().chat.completions.create({ model: "gpt-4.1", messages: [{ role: "user", content }] });
    const refused = (await ask("refuse this")).choices[0];
    expect(refused).toMatchObject({ finish_reason: "stop", message: { content: null } });
    expect(refused?.message.refusal).toContain("simulated");
    expect((await ask("content filter, please")).choices[0]?.finish_reason).toBe("content_filter");
  });

  test("reports a long prompt's second visit as cached", async () => {
    const asked = {
      model: "gpt-5.6-luna",
      reasoning_effort: "none" as const,
      messages: [
        { role: "system" as const, content: "x".repeat(8_000) },
        { role: "user" as const, content: "Hi" },
      ],
    };
    const first = (await client().chat.completions.create(asked)).usage;
    const second = (await client().chat.completions.create(asked)).usage;
    expect(first?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect(second?.prompt_tokens_details?.cached_tokens).toBeGreaterThanOrEqual(1_920);
    expect(second?.prompt_tokens).toBe(first?.prompt_tokens);
  });

  test("counts the images it was shown", async () => {
    const made = await client().chat.completions.create({
      model: "gpt-4.1",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Look" },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
            { type: "image_url", image_url: { url: "https://example.test/a.jpg", detail: "low" } },
          ],
        },
      ],
    });
    expect(made.choices[0]?.message.content).toBe("[simulated openai/gpt-4.1] Look (I see 2 images)");
  });
});

describe("Responses through the openai SDK", () => {
  const tool: OpenAI.Responses.FunctionTool = {
    type: "function",
    name: "get_weather",
    parameters: weather.function.parameters ?? {},
    strict: true,
  };

  test("answers, and continues from the stored response", async () => {
    const first = await client().responses.create({ model: "gpt-4.1", input: "My name is Ada" });
    expect(first.output_text).toBe("[simulated openai/gpt-4.1] My name is Ada");
    const second = await client().responses.create({
      model: "gpt-4.1",
      input: "And now?",
      previous_response_id: first.id,
    });
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
    expect((await client().responses.retrieve(first.id)).output_text).toBe(first.output_text);
  });

  test("streams events that the SDK assembles into the same response", async () => {
    const stream = client().responses.stream({
      model: "gpt-5.6-luna",
      input: "Hello",
      reasoning: { effort: "low", summary: "auto" },
    });
    const types = new Set<string>();
    for await (const event of stream) types.add(event.type);
    const final = await stream.finalResponse();
    expect(final.output.map(({ type }) => type)).toEqual(["reasoning", "message"]);
    expect(final.output_text).toBe("[simulated openai/gpt-5.6-luna] Hello");
    expect(final.usage?.output_tokens_details.reasoning_tokens).toBe(16);
    for (const type of [
      "response.created",
      "response.reasoning_summary_text.delta",
      "response.output_text.delta",
      "response.completed",
    ]) {
      expect(types).toContain(type);
    }
  });

  test("takes a tool loop whose encrypted reasoning comes back, and refuses one that lost or changed it", async () => {
    const asked = {
      model: "gpt-5.6-luna",
      reasoning: { effort: "medium" as const },
      store: false,
      include: ["reasoning.encrypted_content" as const],
      tools: [tool],
    };
    const input: OpenAI.Responses.ResponseInputItem[] = [{ role: "user", content: 'call get_weather {"city":"Oslo"}' }];
    const first = await client().responses.create({ ...asked, input });
    const [reasoning, call] = first.output;
    if (reasoning?.type !== "reasoning" || call?.type !== "function_call")
      throw new Error("expected reasoning and a call");
    const result = { type: "function_call_output" as const, call_id: call.call_id, output: "3 °C" };
    const second = await client().responses.create({ ...asked, input: [...input, reasoning, call, result] });
    expect(second.output_text).toContain("get_weather returned: 3 °C");

    const without = client().responses.create({ ...asked, input: [...input, call, result] });
    await expect(without).rejects.toThrow(/without its required 'reasoning' item/);
    const altered = { ...reasoning, encrypted_content: `${reasoning.encrypted_content?.slice(0, -4)}AAA=` };
    const changed = client().responses.create({ ...asked, input: [...input, altered, call, result] });
    await expect(changed).rejects.toMatchObject({ status: 400, code: "invalid_encrypted_content" });
  });

  test("ends incomplete at the output limit", async () => {
    const made = await client().responses.create({ model: "gpt-4.1", input: "say 100 words", max_output_tokens: 16 });
    expect(made).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    expect(made.output_text.length).toBe(64);
  });

  test("runs in the background until it is polled to its end, and is billed once", async () => {
    const started = await client().responses.create({ model: "gpt-4.1", input: "Hi", background: true });
    expect(started.status).toBe("queued");
    expect((await client().responses.retrieve(started.id)).status).toBe("in_progress");
    const ended = await client().responses.retrieve(started.id);
    await client().responses.retrieve(started.id);
    expect(ended.status).toBe("completed");
    expect(simulator().book.totals("openai").billed.outputTokens).toBe(ended.usage?.output_tokens);
  });

  test("resumes a stored stream after the event the client saw last", async () => {
    const stream = await client().responses.create({ model: "gpt-4.1", input: "say 20 words", stream: true });
    let id = "";
    const all: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) {
      if (event.type === "response.created") id = event.response.id;
      all.push(event);
    }
    const rest: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of await client().responses.retrieve(id, { stream: true, starting_after: 9 }))
      rest.push(event);
    expect(rest).toEqual(all.slice(10));
  });
});

describe("the rest of the API through the openai SDK", () => {
  test("embeds in the base64 that the SDK asks for and decodes, the same as floats", async () => {
    const ask = (encoding_format?: "float") =>
      client().embeddings.create({
        model: "text-embedding-3-small",
        input: ["alpha", "beta"],
        dimensions: 64,
        ...(encoding_format ? { encoding_format } : {}),
      });
    const [decoded, floats] = await Promise.all([ask(), ask("float")]);
    expect(decoded.data[0]?.embedding).toHaveLength(64);
    for (const [at, value] of (floats.data[1]?.embedding ?? []).entries()) {
      expect(decoded.data[1]?.embedding[at]).toBeCloseTo(value, 6);
    }
  });

  test("lists its models", async () => {
    const { data } = await client().models.list();
    expect(data.map(({ id }) => id)).toContain("gpt-5.4-mini");
  });

  test("fails with the SDK's own error classes", async () => {
    const ask = (openai: OpenAI, model = "gpt-4.1") =>
      openai.chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }] });
    await expect(ask(client("wrong"))).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(ask(client(), "gpt-nope")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(
      client().chat.completions.create({
        model: "gpt-5.4",
        messages: [{ role: "user", content: "Hi" }],
        max_tokens: 5,
      }),
    ).rejects.toMatchObject({ status: 400, code: "unsupported_parameter", param: "max_tokens" });

    simulator().faults.script([
      { fault: { kind: "rate_limited", afterMs: 2_000 } },
      { fault: { kind: "quota_exhausted" } },
      { fault: { kind: "server_error" } },
    ]);
    await expect(ask(client())).rejects.toSatisfy(
      (error) => error instanceof OpenAI.RateLimitError && error.headers?.get("retry-after") === "2",
    );
    await expect(ask(client())).rejects.toMatchObject({ status: 429, type: "insufficient_quota" });
    await expect(ask(client())).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    expect((await ask(client())).choices).toHaveLength(1);
  });
});
