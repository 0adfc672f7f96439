import { describe, expect, test } from "vitest";
import { providerLimits } from "../../src/core/limits.ts";
import { collectText } from "../../src/providers/collect.ts";
import type { TextEvent } from "../../src/providers/shapes/event.ts";
import { message } from "../../src/providers/shapes/message.ts";

const finish: TextEvent = { type: "finish", reason: "stop" };

describe("putting an answer together", () => {
  test("text, reasoning, calls and usage become one message that can be sent back", () => {
    const part = {
      type: "reasoning" as const,
      text: "hm",
      provider: "anthropic",
      opaque: { block: { type: "thinking" } },
    };
    const answer = collectText([
      { type: "start", model: "m", requestId: "r" },
      { type: "reasoning", text: "hm" },
      { type: "reasoning_part", part },
      { type: "text", text: "Hel" },
      { type: "text", text: "lo" },
      { type: "tool_call", index: 0, id: "a", name: "f", opaque: { google: {} } },
      { type: "tool_arguments", index: 0, text: '{"x":' },
      { type: "tool_call", index: 1, id: "b", name: "g" },
      { type: "tool_arguments", index: 0, text: "1}" },
      { type: "usage", usage: { inputTokens: 1, outputTokens: 1 } },
      { type: "usage", usage: { inputTokens: 1, outputTokens: 5 } },
      { type: "finish", reason: "tool_calls" },
    ]);
    const calls = [
      { id: "a", name: "f", arguments: { x: 1 }, opaque: { google: {} } },
      { id: "b", name: "g", arguments: {} },
    ];
    expect(answer).toEqual({
      text: "Hello",
      reasoning: "hm",
      tool_calls: calls,
      message: { role: "assistant", content: [part, { type: "text", text: "Hello" }], tool_calls: calls },
      finish_reason: "tool_calls",
      usage: { inputTokens: 1, outputTokens: 5 },
      model: "m",
      requestId: "r",
    });
    expect(message.parse(answer.message)).toEqual(answer.message);
  });

  test("an answer of text alone is a message with a string", () => {
    expect(collectText([{ type: "text", text: "Hi" }, finish]).message).toEqual({ role: "assistant", content: "Hi" });
  });

  test.each(['{"city": "Os', "[1]", '"Oslo"'])(
    "arguments %s that are no JSON object are a malformed answer",
    (text) => {
      const events: TextEvent[] = [
        { type: "tool_call", index: 0, id: "a", name: "f" },
        { type: "tool_arguments", index: 0, text },
      ];
      expect(collectText([...events, { type: "finish", reason: "tool_calls" }])).toMatchObject({
        failure: { kind: "malformed", code: "invalid_tool_arguments" },
      });
      const cut = collectText([...events, { type: "finish", reason: "length" }]);
      expect(cut.failure).toBeUndefined();
      expect(cut.tool_calls).toBeUndefined();
    },
  );

  test("nulls that stand for absent optional properties are taken out of the value", () => {
    const responseSchema = {
      type: "object",
      properties: { a: { type: "string" }, b: { type: ["string", "null"] }, c: { type: "string" } },
      required: ["a"],
    };
    const answer = collectText([{ type: "text", text: '{"a":"x","b":null,"c":null}' }, finish], { responseSchema });
    expect(answer.json).toEqual({ a: "x", b: null });
  });

  test("an answer that should be JSON and is not is malformed, unless it was cut or filtered", () => {
    const responseSchema = { type: "object" };
    const text: TextEvent = { type: "text", text: '{"a":' };
    expect(collectText([text, finish], { responseSchema }).failure?.code).toBe("invalid_json");
    expect(collectText([text, { type: "finish", reason: "length" }], { responseSchema }).failure).toBeUndefined();
  });

  test("a failure keeps what had come before it", () => {
    const answer = collectText([
      { type: "text", text: "Hel" },
      { type: "failure", failure: { kind: "network", message: "cut" } },
    ]);
    expect(answer).toMatchObject({ text: "Hel", failure: { kind: "network" } });
    expect(answer.finish_reason).toBeUndefined();
  });

  test("an answer one character past the bound is a failure, and nothing more is kept", () => {
    const half = "x".repeat(providerLimits.responseBodyBytesMax / 2);
    const whole: TextEvent[] = [
      { type: "text", text: half },
      { type: "text", text: half },
    ];
    expect(collectText([...whole, finish]).failure).toBeUndefined();
    const over = collectText([...whole, { type: "text", text: "y" }, { type: "text", text: "z" }, finish]);
    expect(over.failure?.code).toBe("answer_too_long");
    expect(over.text?.endsWith("z")).toBe(false);
  });
});
