import { describe, expect, test } from "vitest";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { google } from "../../src/providers/google/index.ts";
import { openai } from "../../src/providers/openai/index.ts";
import { card } from "./support/model.ts";
import { bodyOf, collect, data, decode, named } from "./support/stream.ts";

/**
 * What users of other gateways lost in translation, one test for each. The names in brackets are the reports.
 */
const chat = card("openai/gpt-4.1");
const responses = card("openai/gpt-5.4");
const claude = card("anthropic/claude-sonnet-5");
const gemini = card("google/gemini-3.8-flash");
const chunk = (delta: object, rest: object = {}) => ({
  id: "c1",
  choices: [{ index: 0, delta, finish_reason: null, ...rest }],
});
const done = (reason: string) => chunk({}, { finish_reason: reason });

describe("usage in a stream", () => {
  const usage = {
    prompt_tokens: 33_019,
    completion_tokens: 7,
    prompt_tokens_details: { cached_tokens: 30_000 },
  };

  test("usage on a last chunk whose choices are not empty is kept, cached tokens too (litellm#36168)", async () => {
    const stream = data(chunk({ content: "Hi" }), done("stop"), { ...chunk({}), usage }, "[DONE]");
    expect((await collect(openai, chat, stream)).usage).toEqual({
      inputTokens: 33_019,
      cachedInputTokens: 30_000,
      outputTokens: 7,
    });
  });

  test("the finish waits for a usage chunk that comes after the finish reason (vercel/ai#17326)", async () => {
    const events = await decode(openai, chat, data(done("stop"), { choices: [], usage }, "[DONE]"));
    expect(events.map((event) => event.type)).toEqual(["start", "usage", "finish"]);
  });

  test("cumulative usage in every chunk is taken last, not added up (langfuse#8808)", async () => {
    const counts = (completion_tokens: number) => ({ prompt_tokens: 10, completion_tokens });
    const stream = data(
      { ...chunk({ content: "a" }), usage: counts(1) },
      { ...chunk({ content: "b" }), usage: counts(2) },
      { ...done("stop"), usage: counts(3) },
      "[DONE]",
    );
    expect((await collect(openai, chat, stream)).usage).toEqual({ inputTokens: 10, outputTokens: 3 });
    const gem = (tokens: number, rest: object = {}) => ({
      candidates: [{ content: { parts: [{ text: "x" }] }, ...rest }],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: tokens },
    });
    const answer = await collect(google, gemini, data(gem(1), gem(2), gem(3, { finishReason: "STOP" })));
    expect(answer.usage.outputTokens).toBe(3);
  });
});

describe("tool calls", () => {
  const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "f", arguments: '{"x":1}' };
  const completed = { type: "response.completed", response: { status: "completed", output: [call] } };

  test("arguments that come only when they are done are not lost (litellm#25321)", async () => {
    const added = { type: "response.output_item.added", output_index: 0, item: { ...call, arguments: "" } };
    const argumentsDone = { type: "response.function_call_arguments.done", output_index: 0, arguments: call.arguments };
    const itemDone = { type: "response.output_item.done", output_index: 0, item: call };
    for (const events of [
      [added, argumentsDone, itemDone, completed],
      [added, itemDone, completed],
      [added, completed],
      [completed],
    ]) {
      const answer = await collect(openai, responses, named(...events));
      expect(answer.tool_calls).toEqual([{ id: "call_1", name: "f", arguments: { x: 1 } }]);
    }
  });

  test("parallel calls that all claim index 0 stay apart (litellm#15307, any-llm#970)", async () => {
    const whole = (id: string, args: string) =>
      chunk({ tool_calls: [{ index: 0, id, function: { name: "f", arguments: args } }] });
    const answer = await collect(
      openai,
      chat,
      data(whole("a", '{"x":1}'), whole("b", '{"x":2}'), done("tool_calls"), "[DONE]"),
    );
    expect(answer.tool_calls?.map((one) => [one.id, one.arguments])).toEqual([
      ["a", { x: 1 }],
      ["b", { x: 2 }],
    ]);
  });

  test("calls without any index stay apart", async () => {
    const both = [
      { id: "a", function: { name: "f", arguments: '{"x":1}' } },
      { id: "b", function: { name: "f", arguments: '{"x":2}' } },
    ];
    const answer = await collect(openai, chat, data(chunk({ tool_calls: both }), done("tool_calls"), "[DONE]"));
    expect(answer.tool_calls?.map((one) => one.arguments)).toEqual([{ x: 1 }, { x: 2 }]);
  });

  test.each([null, "", undefined])(
    "a continuation whose id and name are %s changes neither (opencode#43328)",
    async (nothing) => {
      const stream = data(
        chunk({ tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }] }),
        chunk({ tool_calls: [{ index: 0, id: nothing, function: { name: nothing, arguments: '{"x":1}' } }] }),
        chunk({ tool_calls: [{ index: 0, id: nothing, function: { name: nothing, arguments: nothing } }] }),
        done("tool_calls"),
        "[DONE]",
      );
      const answer = await collect(openai, chat, stream);
      expect(answer.tool_calls).toEqual([{ id: "a", name: "f", arguments: { x: 1 } }]);
    },
  );

  test("a turn that called tools and ended with stop finishes as tool calls", async () => {
    const stream = data(
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "{}" } }] }),
      done("stop"),
      "[DONE]",
    );
    expect((await collect(openai, chat, stream)).finish_reason).toBe("tool_calls");
  });

  test("an answer without a finish reason still finishes, so that no client asks forever (opencode#43379)", async () => {
    const answer = await collect(openai, chat, data(chunk({ content: "Hi" }), "[DONE]"));
    expect(answer).toMatchObject({ text: "Hi", finish_reason: "stop" });
    expect(answer.failure).toBeUndefined();
  });

  test("OpenAI's empty annotations are no tool call (@musistudio/llms 1.0.53)", async () => {
    const answer = await collect(openai, chat, data(chunk({ content: "Hi", annotations: [] }), done("stop"), "[DONE]"));
    expect(answer.tool_calls).toBeUndefined();
    expect(answer.message).toEqual({ role: "assistant", content: "Hi" });
  });
});

describe("reasoning that has to be seen again", () => {
  test("a Gemini signature comes back on the thought part beside the call that it came on (litellm#16893, #25322)", async () => {
    const parts = [
      { text: "I need the tool.", thought: true, thoughtSignature: "U2ln+/=" },
      { functionCall: { id: "fc", name: "f", args: {} } },
    ];
    const answer = await collect(google, gemini, data({ candidates: [{ content: { parts }, finishReason: "STOP" }] }));
    expect(answer.tool_calls?.[0]?.id).toBe("fc");
    const body = bodyOf(google, gemini, { messages: [{ role: "user", content: "Go" }, answer.message], params: {} });
    expect(body.contents).toEqual([
      { role: "user", parts: [{ text: "Go" }] },
      { role: "model", parts },
    ]);
  });

  test("Anthropic's thinking is not rebuilt from its text (bifrost#6342)", async () => {
    const block = { type: "thinking", thinking: "", signature: "c2ln+/==" };
    const stream = named(
      { type: "message_start", message: { id: "m" } },
      { type: "content_block_start", index: 0, content_block: { ...block, signature: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: block.signature } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" } },
      { type: "message_stop" },
    );
    const { message } = await collect(anthropic, claude, stream);
    const body = bodyOf(anthropic, claude, { messages: [message, { role: "user", content: "On" }], params: {} });
    expect((body.messages as unknown[])[0]).toEqual({ role: "assistant", content: [block] });
  });
});

describe("errors in band", () => {
  test("an error object with the finish reason error is a failure (local-operator#223)", async () => {
    const error = { code: 502, message: "Upstream died" };
    for (const stream of [
      data({ ...done("error"), error }),
      data(chunk({ content: "Hi" }), chunk({}, { finish_reason: "error", error })),
      data(chunk({ content: "Hi" }), done("error"), "[DONE]"),
    ]) {
      const answer = await collect(openai, chat, stream);
      expect(answer.failure?.kind).toBe("server_error");
      expect(answer.finish_reason).toBeUndefined();
    }
  });

  test("overloaded as the first event of a stream is known before anything was passed on (litellm#6532, #6957)", async () => {
    const stream = named({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
    expect(await decode(anthropic, claude, stream)).toEqual([
      { type: "failure", failure: { kind: "overloaded", message: "Overloaded", code: "overloaded_error" } },
    ]);
  });
});
