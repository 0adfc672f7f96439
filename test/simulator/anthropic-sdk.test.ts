import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

function client(apiKey = simulator().apiKey("anthropic")): Anthropic {
  return new Anthropic({ baseURL: simulator().baseUrl("anthropic"), apiKey, maxRetries: 0 });
}

const tools: Anthropic.Tool[] = [
  {
    name: "get_weather",
    input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
  { name: "now", input_schema: { type: "object", properties: {} } },
];

describe("Messages through the @anthropic-ai/sdk", () => {
  test("answers with the user's text, marked as simulated, and bills what it says it bills", async () => {
    const made = await client().messages.create({
      model: "claude-sonnet-5",
      max_tokens: 100,
      system: "Be terse.",
      messages: [{ role: "user", content: "Hello there" }],
    });
    expect(made.content).toEqual([{ type: "text", text: "[simulated anthropic/claude-sonnet-5] Hello there" }]);
    expect(made.stop_reason).toBe("end_turn");
    expect(made._request_id).toMatch(/^req_sim/);
    await simulator().book.idle();
    expect(simulator().book.totals("anthropic").billed).toMatchObject({
      inputTokens: made.usage.input_tokens,
      outputTokens: made.usage.output_tokens,
    });
  });

  test("streams the same message", async () => {
    const asked = {
      model: "claude-haiku-4-5",
      max_tokens: 500,
      messages: [{ role: "user" as const, content: "say 40 words" }],
    };
    const whole = await client().messages.create(asked);
    const stream = client().messages.stream(asked);
    let deltas = 0;
    stream.on("text", () => {
      deltas += 1;
    });
    const final = await stream.finalMessage();
    expect(final.content).toEqual(whole.content);
    expect(final.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(deltas).toBeGreaterThan(40);
  });

  test("goes through a tool loop with thinking whose signature comes back unchanged", async () => {
    const asked = {
      model: "claude-sonnet-5",
      max_tokens: 1_000,
      thinking: { type: "adaptive" as const, display: "summarized" as const },
      tools,
    };
    const messages: Anthropic.MessageParam[] = [
      { role: "user", content: 'call get_weather {"city":"Oslo"} and call now' },
    ];
    const first = await client()
      .messages.stream({ ...asked, messages })
      .finalMessage();
    expect(first.stop_reason).toBe("tool_use");
    expect(first.content.map(({ type }) => type)).toEqual(["thinking", "tool_use", "tool_use"]);
    const [thinking, weather, now] = first.content;
    if (thinking?.type !== "thinking" || weather?.type !== "tool_use" || now?.type !== "tool_use")
      throw new Error("shape");
    expect([weather.input, now.input]).toEqual([{ city: "Oslo" }, {}]);
    const results: Anthropic.MessageParam = {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: weather.id, content: "3 °C" },
        { type: "tool_result", tool_use_id: now.id, content: [{ type: "text", text: "noon" }] },
      ],
    };
    const continued = (content: Anthropic.ContentBlockParam[]) =>
      client().messages.create({ ...asked, messages: [...messages, { role: "assistant", content }, results] });

    const second = await continued(first.content);
    expect(second.content.at(-1)).toMatchObject({
      text: expect.stringContaining("get_weather returned: 3 °C; now returned: noon"),
    });
    const altered = { ...thinking, thinking: `${thinking.thinking}!` };
    await expect(continued([altered, weather, now])).rejects.toThrow(/Invalid `signature` in `thinking` block/);
    await expect(continued([weather, now])).rejects.toThrow(/Expected `thinking` or `redacted_thinking`/);
  });

  test("hides thinking by default on a model that omits it, and still signs it", async () => {
    const made = await client().messages.create({
      model: "claude-opus-5",
      max_tokens: 1_000,
      thinking: { type: "adaptive" },
      messages: [{ role: "user", content: "Hi" }],
    });
    expect(made.content[0]).toMatchObject({
      type: "thinking",
      thinking: "",
      signature: expect.stringMatching(/.{20}/),
    });
    expect(made.usage.output_tokens_details?.thinking_tokens).toBe(64);
  });

  test("answers a schema with JSON", async () => {
    const schema = {
      type: "object",
      properties: { colour: { type: "string" } },
      required: ["colour"],
      additionalProperties: false,
    };
    const made = await client().messages.create({
      model: "claude-haiku-4-5",
      max_tokens: 200,
      messages: [{ role: "user", content: "Name a colour" }],
      output_config: { format: { type: "json_schema", schema } },
    });
    expect(made.content).toEqual([{ type: "text", text: '{"colour":"simulated colour"}' }]);
  });

  test("reads from the cache what a breakpoint wrote there, and counts it apart from the input", async () => {
    const asked = {
      model: "claude-sonnet-5",
      max_tokens: 50,
      system: [
        {
          type: "text" as const,
          text: "y".repeat(8_000),
          cache_control: { type: "ephemeral" as const, ttl: "1h" as const },
        },
      ],
      messages: [{ role: "user" as const, content: "Hi" }],
    };
    const first = (await client().messages.create(asked)).usage;
    const second = (await client().messages.create(asked)).usage;
    expect(first.cache_creation).toEqual({
      ephemeral_5m_input_tokens: 0,
      ephemeral_1h_input_tokens: first.cache_creation_input_tokens,
    });
    expect(first.cache_creation_input_tokens).toBeGreaterThan(2_000);
    expect(second).toMatchObject({
      cache_read_input_tokens: first.cache_creation_input_tokens,
      cache_creation_input_tokens: 0,
    });
    expect(second.input_tokens).toBe(first.input_tokens);
  });

  test("stops at the token limit, at a stop sequence, and by refusing", async () => {
    const ask = (content: string, more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) =>
      client().messages.create({
        model: "claude-haiku-4-5",
        max_tokens: 100,
        messages: [{ role: "user", content }],
        ...more,
      });
    expect(await ask("say 90 words", { max_tokens: 10 })).toMatchObject({
      stop_reason: "max_tokens",
      usage: { output_tokens: 10 },
    });
    expect(await ask("say 90 words", { stop_sequences: ["gamma"] })).toMatchObject({
      stop_reason: "stop_sequence",
      stop_sequence: "gamma",
    });
    const refused = await ask("refuse this");
    expect(refused).toMatchObject({ stop_reason: "refusal", content: [], stop_details: { type: "refusal" } });
  });

  test("counts tokens and lists models page by page", async () => {
    const { input_tokens } = await client().messages.countTokens({
      model: "claude-sonnet-5",
      messages: [{ role: "user", content: "12345678" }],
    });
    expect(input_tokens).toBe(6);
    const ids: string[] = [];
    for await (const model of client().models.list({ limit: 5 })) ids.push(model.id);
    expect(ids).toContain("claude-opus-4-1");
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("fails with the SDK's own error classes", async () => {
    const ask = (anthropic: Anthropic, model = "claude-sonnet-5") =>
      anthropic.messages.create({ model, max_tokens: 10, messages: [{ role: "user", content: "Hi" }] });
    await expect(ask(client("wrong"))).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    await expect(ask(client(), "claude-nope-1")).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    simulator().faults.script([
      { fault: { kind: "rate_limited", afterMs: 3_000 } },
      { fault: { kind: "quota_exhausted" } },
      { fault: { kind: "overloaded" } },
      { fault: { kind: "error_event", afterEvents: 4 } },
    ]);
    await expect(ask(client())).rejects.toSatisfy(
      (error) => error instanceof Anthropic.RateLimitError && error.headers.get("retry-after") === "3",
    );
    await expect(ask(client())).rejects.toMatchObject({ status: 429, errorCode: "enforced_spend_limit_reached" });
    await expect(ask(client())).rejects.toMatchObject({ status: 529, type: "overloaded_error" });
    const stream = client().messages.stream({
      model: "claude-sonnet-5",
      max_tokens: 99,
      messages: [{ role: "user", content: "say 30 words" }],
    });
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: "overloaded_error" });
  });
});
