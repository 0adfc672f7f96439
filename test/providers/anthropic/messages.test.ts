import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anthropic } from "../../../src/providers/anthropic/index.ts";
import { ask, card, weatherTool } from "../support/model.ts";
import { bodyOf, collect, decode, named, wireRequest } from "../support/stream.ts";
import { claudeStream } from "./fixture.ts";

const model = card("anthropic/claude-sonnet-5");

describe("requests to Messages", () => {
  test("system, image, tools and effort become one body", () => {
    const request = wireRequest(anthropic, model, {
      system: "Be terse.",
      messages: [
        {
          role: "user",
          content: [
            { type: "image", url: "https://ex.test/a.png" },
            { type: "image", data: "iVBORw0KGgo=" },
            { type: "text", text: "What city? Then its weather." },
            { type: "text", text: "" },
          ],
        },
      ],
      params: { max_output_tokens: 1024, reasoning_effort: "low", stop: ["END"] },
      tools: [weatherTool],
      tool_choice: "auto",
    });
    expect(request.url).toBe("http://127.0.0.1:9/v1/messages");
    expect(request.headers).toMatchObject({ "x-api-key": "test-key", "anthropic-version": "2026-10-21" });
    expect(JSON.parse(String(request.body))).toEqual({
      model: "claude-sonnet-5",
      max_tokens: 1024,
      system: "Be terse.",
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "url", url: "https://ex.test/a.png" } },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
            { type: "text", text: "What city? Then its weather." },
          ],
        },
      ],
      stream: true,
      stop_sequences: ["END"],
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "low" },
      tools: [{ name: "get_weather", description: "Current weather", input_schema: weatherTool.parameters }],
      tool_choice: { type: "auto" },
    });
  });

  test("tool results come first in the user turn that follows, and foreign call ids are made fit", () => {
    const body = bodyOf(anthropic, model, {
      messages: [
        { role: "user", content: "Weather?" },
        {
          role: "assistant",
          content: "Looking",
          tool_calls: [
            { id: "functions.get:0", name: "get_weather", arguments: { city: "Oslo" } },
            { id: "functions.get:1", name: "get_weather", arguments: {} },
          ],
        },
        { role: "tool", tool_call_id: "functions.get:0", content: "3°C" },
        { role: "tool", tool_call_id: "functions.get:1", content: [{ type: "text", text: "5°C" }] },
        { role: "user", content: "And now?" },
      ],
      params: {},
    });
    expect(body.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "Weather?" }] },
      {
        role: "assistant",
        content: [
          { type: "text", text: "Looking" },
          { type: "tool_use", id: "functions_get_0", name: "get_weather", input: { city: "Oslo" } },
          { type: "tool_use", id: "functions_get_1", name: "get_weather", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "functions_get_0", content: "3°C" },
          { type: "tool_result", tool_use_id: "functions_get_1", content: [{ type: "text", text: "5°C" }] },
          { type: "text", text: "And now?" },
        ],
      },
    ]);
  });

  test("max_tokens is required, so without a wish it is what the model can write", () => {
    expect(bodyOf(anthropic, model, ask("Hi")).max_tokens).toBe(64_000);
    expect(bodyOf(anthropic, card("anthropic/claude-opus-4-6", { maxOutput: null }), ask("Hi")).max_tokens).toBe(
      128_000,
    );
  });

  test("reasoning of another provider is left out", () => {
    const body = bodyOf(anthropic, model, {
      messages: [
        { role: "user", content: "Hi" },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "hm", provider: "openai", opaque: { block: { type: "thinking" } } },
            { type: "text", text: "Hello" },
          ],
        },
        { role: "user", content: "Bye" },
      ],
      params: {},
    });
    expect((body.messages as unknown[])[1]).toEqual({ role: "assistant", content: [{ type: "text", text: "Hello" }] });
  });

  test.each([
    ["claude-haiku-4-5-20251001", "2023-06-01"],
    ["claude-sonnet-4-20250514", "2023-06-01"],
    ["claude-opus-4-6", "2023-06-01"],
    ["claude-opus-4-7", "2026-10-21"],
    ["claude-sonnet-5-5", "2026-10-21"],
    ["claude-of-next-year", "2026-10-21"],
  ])("%s is spoken to in version %s, which decides on sampling", (id, version) => {
    const target = card(`anthropic/${id}`);
    expect(wireRequest(anthropic, target, ask("Hi")).headers["anthropic-version"]).toBe(version);
    const sample = () => bodyOf(anthropic, target, ask("Hi", { params: { temperature: 0.3 } }));
    if (version === "2023-06-01") expect(sample().temperature).toBe(0.3);
    else expect(sample).toThrow(/params.temperature/);
  });

  test.each([
    ["claude-haiku-4-5", "medium", { thinking: { type: "enabled", budget_tokens: 8192 } }],
    ["claude-haiku-4-5", "none", { thinking: { type: "disabled" } }],
    [
      "claude-opus-4-5",
      "max",
      { thinking: { type: "enabled", budget_tokens: 32_000 }, output_config: { effort: "high" } },
    ],
    [
      "claude-opus-4-6",
      "max",
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "max" } },
    ],
    [
      "claude-opus-5",
      "minimal",
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "low" } },
    ],
    ["claude-opus-5", "none", { thinking: { type: "disabled" } }],
  ] as const)("%s at effort %s thinks as its family does", (id, effort, expected) => {
    const body = bodyOf(anthropic, card(`anthropic/${id}`), ask("Hi", { params: { reasoning_effort: effort } }));
    expect({ thinking: body.thinking, ...(body.output_config ? { output_config: body.output_config } : {}) }).toEqual(
      expected,
    );
  });

  test.each([
    ["claude-sonnet-5-5", { params: { reasoning_effort: "none" } }, "params.reasoning_effort"],
    ["claude-fable-5-1", { params: { reasoning_effort: "none" } }, "params.reasoning_effort"],
    ["claude-sonnet-5-5", { params: {}, tools: [weatherTool], tool_choice: "required" }, "tool_choice"],
    [
      "claude-sonnet-5",
      { params: { reasoning_effort: "low" }, tools: [weatherTool], tool_choice: { name: "get_weather" } },
      "tool_choice",
    ],
    ["claude-haiku-4-5", { params: { temperature: 0.5, top_p: 0.5 } }, "params.top_p"],
    ["claude-haiku-4-5", { params: { temperature: 1.5 } }, "params.temperature"],
    ["claude-haiku-4-5", { params: { reasoning_effort: "low", max_output_tokens: 1024 } }, "params.reasoning_effort"],
    ["claude-opus-5", { params: { seed: 1 } }, "params.seed"],
  ] as const)("%s refuses %j naming %s", (id, rest, field) => {
    expect(() => bodyOf(anthropic, card(`anthropic/${id}`), ask("Hi", rest))).toThrow(field);
  });

  test("an assistant message at the end is continued by old models and refused for new ones", () => {
    const prefill = {
      messages: [
        { role: "user" as const, content: "A haiku" },
        { role: "assistant" as const, content: "Snow \n" },
      ],
      params: {},
    };
    const body = bodyOf(anthropic, card("anthropic/claude-haiku-4-5"), prefill);
    expect((body.messages as unknown[])[1]).toEqual({ role: "assistant", content: [{ type: "text", text: "Snow" }] });
    expect(() => bodyOf(anthropic, model, prefill)).toThrow("messages[1]");
  });

  test("a schema is closed, and what Anthropic rejects is told in the description", () => {
    const body = bodyOf(
      anthropic,
      model,
      ask("A number", {
        response_schema: {
          type: "object",
          properties: {
            n: { type: "integer", description: "The number.", minimum: 1, maximum: 6 },
            s: { oneOf: [{ type: "string" }, { type: "null" }] },
          },
          required: ["n"],
        },
      }),
    );
    expect(body.output_config).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: {
            n: { type: "integer", description: "The number. (minimum: 1, maximum: 6)" },
            s: { anyOf: [{ type: "string" }, { type: "null" }] },
          },
          required: ["n"],
          additionalProperties: false,
        },
      },
    });
  });

  test("a media type that is not known there is refused", () => {
    const messages = [
      { role: "user" as const, content: [{ type: "image" as const, data: "AAAA", media_type: "image/tiff" }] },
    ];
    expect(() => bodyOf(anthropic, model, { messages, params: {} })).toThrow("messages[0].content[0]");
  });
});

describe("Messages streams", () => {
  test("thinking, text and a call become canonical events with totals that include the cache", async () => {
    expect(await decode(anthropic, model, claudeStream)).toEqual([
      { type: "start", model: "claude-sonnet-5", requestId: "msg_01Ab" },
      { type: "usage", usage: { inputTokens: 1610, cachedInputTokens: 1200, cacheWriteTokens: 0, outputTokens: 2 } },
      { type: "reasoning", text: "It shows Oslo…" },
      {
        type: "reasoning_part",
        part: {
          type: "reasoning",
          text: "It shows Oslo…",
          provider: "anthropic",
          opaque: { block: { type: "thinking", thinking: "It shows Oslo…", signature: "EqQB+/=" } },
        },
      },
      { type: "text", text: "This is Oslo." },
      { type: "tool_call", index: 0, id: "toolu_01", name: "get_weather" },
      { type: "tool_arguments", index: 0, text: '{"city":' },
      { type: "tool_arguments", index: 0, text: '"Oslo"}' },
      {
        type: "usage",
        usage: {
          inputTokens: 1610,
          cachedInputTokens: 1200,
          cacheWriteTokens: 0,
          outputTokens: 95,
          reasoningTokens: 40,
        },
      },
      { type: "finish", reason: "tool_calls" },
    ]);
  });

  test("usage counts hour-long cache writes apart and adds compaction and advice", async () => {
    const answer = await collect(
      anthropic,
      model,
      named(
        {
          type: "message_start",
          message: {
            id: "m",
            model: "c",
            usage: {
              input_tokens: 10,
              cache_creation_input_tokens: 30,
              cache_read_input_tokens: 5,
              cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
              output_tokens: 1,
            },
          },
        },
        {
          type: "message_delta",
          delta: { stop_reason: "end_turn" },
          usage: {
            output_tokens: 7,
            input_tokens: null,
            iterations: [
              { type: "message", input_tokens: 10, output_tokens: 7 },
              { type: "compaction", input_tokens: 100, output_tokens: 50 },
            ],
          },
        },
        { type: "message_stop" },
      ),
    );
    expect(answer.usage).toEqual({
      inputTokens: 145,
      cachedInputTokens: 5,
      cacheWriteTokens: 30,
      cacheWriteLongTokens: 20,
      outputTokens: 57,
    });
  });

  test.each([
    ["end_turn", "stop", undefined],
    ["stop_sequence", "stop", "stop_sequence"],
    ["pause_turn", "stop", "pause_turn"],
    ["max_tokens", "length", undefined],
    ["model_context_window_exceeded", "length", "model_context_window_exceeded"],
    ["refusal", "content_filter", "refusal"],
    ["compaction", "stop", "compaction"],
  ])("stop_reason %s is %s", async (stop_reason, reason, detail) => {
    const stream = named(
      { type: "message_start", message: { id: "m" } },
      { type: "message_delta", delta: { stop_reason } },
      { type: "message_stop" },
    );
    const answer = await collect(anthropic, model, stream);
    expect([answer.finish_reason, answer.finish_detail]).toEqual([reason, detail]);
  });

  test("an error event after text is the failure it says, and nothing follows it", async () => {
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_1" };
    const events = await decode(
      anthropic,
      model,
      claudeStream.slice(0, claudeStream.indexOf("event: message_delta")) + named(error, { type: "message_stop" }),
    );
    expect(events.at(-1)).toEqual({
      type: "failure",
      failure: { kind: "overloaded", message: "Overloaded", code: "overloaded_error", requestId: "req_1" },
    });
  });

  test("a stream without message_stop is cut", async () => {
    const cut = claudeStream.slice(0, claudeStream.indexOf("event: message_stop"));
    expect((await collect(anthropic, model, cut)).failure?.kind).toBe("network");
  });
});

type Block = { readonly type: string; readonly [key: string]: unknown };

/** The events of an answer with these blocks, texts cut in two. */
function streamOf(blocks: readonly Block[]): string {
  const halves = (text: string) => [text.slice(0, text.length >> 1), text.slice(text.length >> 1)];
  const of = (block: Block, index: number) => {
    const delta = (type: string, rest: object) => ({ type: "content_block_delta", index, delta: { type, ...rest } });
    const start = (content_block: object) => ({ type: "content_block_start", index, content_block });
    const stop = { type: "content_block_stop", index };
    switch (block.type) {
      case "text":
        return [
          start({ type: "text", text: "" }),
          ...halves(String(block.text)).map((text) => delta("text_delta", { text })),
          stop,
        ];
      case "thinking":
        return [
          start({ type: "thinking", thinking: "", signature: "" }),
          ...halves(String(block.thinking)).map((thinking) => delta("thinking_delta", { thinking })),
          ...halves(String(block.signature)).map((signature) => delta("signature_delta", { signature })),
          stop,
        ];
      case "tool_use":
        return [
          start({ ...block, input: {} }),
          ...halves(JSON.stringify(block.input)).map((partial_json) => delta("input_json_delta", { partial_json })),
          stop,
        ];
      default:
        return [start(block), stop];
    }
  };
  return named(
    { type: "message_start", message: { id: "msg_1", model: "claude-sonnet-5", usage: {} } },
    ...blocks.flatMap(of),
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  );
}

const words = fc.string({ minLength: 1, unit: "grapheme" });
const thought = fc.oneof(
  fc.record({ type: fc.constant("thinking"), thinking: fc.string(), signature: words }),
  fc.record({ type: fc.constant("redacted_thinking"), data: words }),
);
const text = fc.record({ type: fc.constant("text"), text: words });
const call = fc.record({
  type: fc.constant("tool_use"),
  id: fc.uuid().map((id) => `toolu_${id}`),
  name: fc.constantFrom("get_weather", "search"),
  input: fc.dictionary(
    fc.string().filter((key) => key !== "__proto__"),
    fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
  ),
});

test("an assistant turn comes back block by block, byte for byte, thoughts between calls in their place", async () => {
  const turn = fc
    .tuple(
      fc.array(thought, { maxLength: 3 }),
      fc.option(text),
      fc.array(fc.tuple(call, fc.array(thought, { maxLength: 2 })), { maxLength: 3 }),
    )
    .map(([thoughts, said, calls]) => [...thoughts, ...(said ? [said] : []), ...calls.flat(2)] as Block[])
    .filter((blocks) => blocks.length > 0);
  await fc.assert(
    fc.asyncProperty(turn, async (blocks) => {
      const answer = await collect(anthropic, model, streamOf(blocks));
      const body = bodyOf(anthropic, model, {
        messages: [{ role: "user", content: "Go" }, answer.message, { role: "user", content: "On" }],
        params: {},
      });
      expect((body.messages as { content: unknown }[])[1]?.content).toEqual(blocks);
    }),
    { numRuns: 200 },
  );
});
