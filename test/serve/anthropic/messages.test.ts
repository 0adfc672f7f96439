import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiWorld, openApiWorld } from "../support/api-world.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

function client(apiKey = "key-all"): Anthropic {
  return new Anthropic({ baseURL: world.url, apiKey, maxRetries: 0 });
}

const models = ["openai/gpt-5.4-mini", "anthropic/claude-sonnet-5", "google/gemini-3.5-flash"];
const tools: Anthropic.Tool[] = [
  {
    name: "get_weather",
    input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
  { name: "now", input_schema: { type: "object", properties: {} } },
];

describe.each(models)("the Anthropic SDK asking %s", (model) => {
  test("gets an answer, its usage and its cost", async () => {
    const made = await client().messages.create({
      model,
      max_tokens: 400,
      system: [{ type: "text", text: "Be terse." }],
      messages: [{ role: "user", content: "Hello there" }],
    });
    expect(made.content.filter(({ type }) => type === "text")).toMatchObject([
      { type: "text", text: `[simulated ${model}] Hello there` },
    ]);
    expect(made).toMatchObject({ type: "message", role: "assistant", model, stop_reason: "end_turn" });
    expect(made.usage.input_tokens).toBeGreaterThan(0);
    expect(made.usage.output_tokens).toBeGreaterThan(0);
    expect(made).toMatchObject({ switchyard: { cost: { total: expect.stringMatching(/^0\.\d+/) } } });
    expect(made._request_id).toBe(made.id);
  });

  test("streams the same answer", async () => {
    const asked = { model, max_tokens: 2_000, messages: [{ role: "user" as const, content: "say 40 words" }] };
    const whole = await client().messages.create(asked);
    const stream = client().messages.stream(asked);
    let deltas = 0;
    stream.on("text", () => {
      deltas += 1;
    });
    const final = await stream.finalMessage();
    expect(final.content.filter(({ type }) => type === "text")).toEqual(
      whole.content.filter(({ type }) => type === "text"),
    );
    expect(final.usage).toMatchObject(whole.usage);
    expect(final.stop_reason).toBe("end_turn");
    expect(deltas).toBeGreaterThan(5);
  });

  test("goes through a tool loop with parallel calls, streamed and not, thinking returned unchanged", async () => {
    const messages: Anthropic.MessageParam[] = [
      { role: "user", content: 'think, then call get_weather {"city":"Oslo"} and call now' },
    ];
    const asked = {
      model,
      max_tokens: 4_000,
      tools,
      thinking: { type: "adaptive" as const, display: "summarized" as const },
    };
    const answers = [
      await client().messages.create({ ...asked, messages }),
      await client()
        .messages.stream({ ...asked, messages })
        .finalMessage(),
    ];
    for (const answer of answers) {
      expect(answer.stop_reason).toBe("tool_use");
      const calls = answer.content.filter((block) => block.type === "tool_use");
      expect(calls.map(({ name, input }) => [name, input])).toEqual([
        ["get_weather", { city: "Oslo" }],
        ["now", {}],
      ]);
      const results = calls.map(({ id }) => ({ type: "tool_result" as const, tool_use_id: id, content: "12 degrees" }));
      // The simulators refuse thinking that was changed or left out where the provider does.
      const next = await client().messages.create({
        ...asked,
        messages: [...messages, { role: "assistant", content: answer.content }, { role: "user", content: results }],
      });
      const text = next.content.map((block) => (block.type === "text" ? block.text : "")).join("");
      expect(text).toContain("12 degrees");
    }
    const blocks = (answer: Anthropic.Message | undefined) => answer?.content.map(({ type }) => type);
    expect(blocks(answers[0])).toEqual(blocks(answers[1]));
  });

  test("shows an image", async () => {
    const data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
    const made = await client().messages.create({
      model,
      max_tokens: 1_000,
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data } },
            { type: "text", text: "What is this?" },
          ],
        },
      ],
    });
    expect(JSON.stringify(made.content)).toContain("I see 1 image");
  });
});

test("a bare model name is Anthropic's, and the key may come in either header", async () => {
  const asked = { model: "claude-haiku-4-5", max_tokens: 100, messages: [{ role: "user" as const, content: "Hi" }] };
  expect((await client().messages.create(asked)).model).toBe("anthropic/claude-haiku-4-5");
  const bearer = new Anthropic({ baseURL: world.url, apiKey: null, authToken: "key-all", maxRetries: 0 });
  expect((await bearer.messages.create(asked)).model).toBe("anthropic/claude-haiku-4-5");
});

test("what an agent like Claude Code sends is taken: cache marks, tool results with marks, system in blocks", async () => {
  const cache_control = { type: "ephemeral" as const };
  const made = await client().messages.create({
    model: "claude-sonnet-5",
    max_tokens: 500,
    system: [{ type: "text", text: "You are an agent.", cache_control }],
    metadata: { user_id: "u" },
    tools: [...tools.slice(0, 1), { ...(tools[1] as Anthropic.Tool), cache_control }],
    messages: [
      { role: "user", content: [{ type: "text", text: "Weather?", cache_control }] },
      {
        role: "assistant",
        content: [
          { type: "text", text: "Looking." },
          { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Oslo" } },
        ],
      },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "toolu_1",
            content: [{ type: "text", text: "no such city" }],
            is_error: true,
          },
          { type: "text", text: "Try again", cache_control },
        ],
      },
    ],
  });
  expect(made.stop_reason).toBe("end_turn");
  // Break points become the provider's automatic caching.
  expect(world.simulator.book.bodies("anthropic").at(-1)).toMatchObject({
    cache_control,
    messages: [{ role: "user" }, { role: "assistant" }, { role: "user", content: [{ type: "tool_result" }, {}] }],
  });
  expect(JSON.stringify(world.simulator.book.bodies("anthropic").at(-1))).toContain("Error:");
});

test("Claude's own parameters reach Claude, and are refused for a model that has none such", async () => {
  const thinking = { type: "enabled" as const, budget_tokens: 1_500 };
  const asked = { max_tokens: 4_000, thinking, messages: [{ role: "user" as const, content: "think" }] };
  await client().messages.create({ model: "claude-haiku-4-5", ...asked });
  expect(world.simulator.book.bodies("anthropic").at(-1)).toMatchObject({ thinking });
  // For another provider a thinking budget is an effort.
  await client().messages.create({ model: "openai/gpt-5.4-mini", ...asked });
  expect(JSON.stringify(world.simulator.book.bodies("openai").at(-1))).toMatch(/"low"/);
  const wrong = client().messages.create({ model: "openai/gpt-5.4-mini", ...asked, ...{ top_k: 5 } });
  await expect(wrong).rejects.toMatchObject({ status: 400, message: expect.stringContaining("top_k") });
  const serverTool = client().messages.create({
    model: "claude-haiku-4-5",
    max_tokens: 100,
    tools: [{ type: "web_search_20250305", name: "web_search" } as unknown as Anthropic.Tool],
    messages: [{ role: "user", content: "Hi" }],
  });
  await expect(serverTool).rejects.toMatchObject({ status: 400, message: expect.stringContaining("tools[0]") });
});

describe("errors reach the SDK as its own error classes", () => {
  const hello = { max_tokens: 100, messages: [{ role: "user" as const, content: "Hi" }] };

  test("unknown model, unknown key, wrong field", async () => {
    await expect(client().messages.create({ model: "claude-none", ...hello })).rejects.toThrow(Anthropic.NotFoundError);
    await expect(client("nobody").messages.create({ model: "claude-none", ...hello })).rejects.toThrow(
      Anthropic.AuthenticationError,
    );
    const wrong = client().messages.create({ model: "claude-haiku-4-5", max_tokens: 10, messages: [] });
    await expect(wrong).rejects.toThrow(Anthropic.BadRequestError);
  });

  test("an empty pool is a billing error that the SDK does not repeat", async () => {
    await using poor = await openApiWorld({ initial_grant: "0" });
    const anthropic = new Anthropic({ baseURL: poor.url, apiKey: "key-all", maxRetries: 5 });
    const error = await anthropic.messages.create({ model: "claude-haiku-4-5", ...hello }).catch((thrown) => thrown);
    expect(error).toMatchObject({ status: 402, type: "billing_error" });
    expect(poor.simulator.book.totals().requests).toBe(0);
  });

  test("a provider that breaks off in mid-answer is an error event, after what was said", async () => {
    world.simulator.faults.script([{ fault: { kind: "cut_mid_stream", afterEvents: 12 } }]);
    let said = "";
    const stream = client().messages.stream({
      model: "claude-haiku-4-5",
      max_tokens: 500,
      messages: [{ role: "user", content: "say 60 words" }],
    });
    stream.on("text", (text) => {
      said += text;
    });
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(APIError);
    expect(said).toContain("simulated");
    world.simulator.faults.clear();
  });
});

test("tokens are counted without asking anybody", async () => {
  const before = world.simulator.book.totals().requests;
  const count = (content: string) =>
    client().messages.countTokens({ model: "claude-haiku-4-5", messages: [{ role: "user", content }] });
  const [short, long] = [await count("Hi"), await count("word ".repeat(1_000))];
  expect(short.input_tokens).toBeGreaterThan(0);
  expect(long.input_tokens).toBeGreaterThan(1_000);
  expect(long.input_tokens).toBeLessThan(2_500);
  expect(world.simulator.book.totals().requests).toBe(before);
});

test("models are listed in Anthropic's shape for its SDK", async () => {
  const page = await client().models.list();
  expect(page.data.map(({ id }) => id)).toEqual(expect.arrayContaining(models));
  expect(page.data[0]).toMatchObject({ type: "model", display_name: expect.any(String) });
  expect(await client().models.retrieve("anthropic/claude-sonnet-5")).toMatchObject({
    id: "anthropic/claude-sonnet-5",
  });
});
