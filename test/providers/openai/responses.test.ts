import { describe, expect, test } from "vitest";
import { openai } from "../../../src/providers/openai/index.ts";
import { ask, card, weatherTool } from "../support/model.ts";
import { bodyOf, collect, decode, named, wireRequest } from "../support/stream.ts";

const model = card("openai/gpt-5.6-luna");
const response = (rest: object) => ({ id: "resp_01", object: "response", model: "gpt-5.6-luna", error: null, ...rest });
const usage = {
  input_tokens: 12,
  input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
  output_tokens: 22,
  output_tokens_details: { reasoning_tokens: 16 },
  total_tokens: 34,
};
const created = { type: "response.created", sequence_number: 0, response: response({ status: "in_progress" }) };
const reasoningItem = {
  id: "rs_1",
  type: "reasoning",
  summary: [{ type: "summary_text", text: "Need the tool." }],
  encrypted_content: "gAAA+/=",
};

describe("which OpenAI models go where", () => {
  test.each([
    ["gpt-4.1", "/chat/completions"],
    ["gpt-4o-2024-08-06", "/chat/completions"],
    ["gpt-5.2-chat-latest", "/chat/completions"],
    ["ft:gpt-4.1-mini:acme::abc", "/chat/completions"],
    ["gpt-5.4-mini", "/responses"],
    ["gpt-5-pro", "/responses"],
    ["gpt-5.3-codex", "/responses"],
    ["gpt-6-astra", "/responses"],
    ["o3", "/responses"],
    ["gpt-7-of-next-year", "/responses"],
  ])("%s is called at %s", (id, path) => {
    expect(wireRequest(openai, card(`openai/${id}`), ask("Hi")).url).toBe(`http://127.0.0.1:9${path}`);
  });
});

describe("requests to Responses", () => {
  test("nothing is stored and the reasoning is asked for in its encrypted form", () => {
    const body = bodyOf(
      openai,
      model,
      ask("2+2?", {
        system: "Be terse.",
        params: { reasoning_effort: "low", max_output_tokens: 400 },
        tools: [weatherTool],
        tool_choice: "required",
      }),
    );
    expect(body).toEqual({
      service_tier: "default",
      model: "gpt-5.6-luna",
      input: [
        { role: "developer", content: "Be terse." },
        { role: "user", content: [{ type: "input_text", text: "2+2?" }] },
      ],
      stream: true,
      store: false,
      include: ["reasoning.encrypted_content"],
      max_output_tokens: 400,
      reasoning: { effort: "low", summary: "auto" },
      tools: [{ type: "function", ...weatherTool, strict: false }],
      tool_choice: "required",
    });
  });

  test.each([
    ["gpt-5", "none", undefined],
    ["gpt-5", "minimal", "minimal"],
    ["gpt-5", "max", "high"],
    ["gpt-5.1", "minimal", "low"],
    ["gpt-5.4", "none", "none"],
    ["gpt-5.4", "max", "xhigh"],
    ["gpt-5.6-sol", "max", "max"],
    ["gpt-6-astra", "none", undefined],
    ["gpt-6-luna", "none", "none"],
    ["gpt-6.1-terra", "none", "none"],
    ["o3", "max", "high"],
  ] as const)("on %s the effort %s is sent as %s", (id, effort, native) => {
    const send = () => bodyOf(openai, card(`openai/${id}`), ask("Hi", { params: { reasoning_effort: effort } }));
    if (native === undefined) expect(send).toThrow(`no effort "${effort}"`);
    else expect(send().reasoning).toMatchObject({ effort: native });
  });

  test("sampling is refused while the model reasons and taken when its effort is none", () => {
    expect(() => bodyOf(openai, model, ask("Hi", { params: { temperature: 1 } }))).toThrow(/temperature/);
    const body = bodyOf(openai, model, ask("Hi", { params: { temperature: 1, reasoning_effort: "none" } }));
    expect(body).toMatchObject({ temperature: 1, reasoning: { effort: "none" } });
  });

  test.each([{ stop: "x" }, { seed: 1 }, { max_output_tokens: 15 }])("%j is refused", (params) => {
    const field = `params.${Object.keys(params)[0]}`;
    expect(() => bodyOf(openai, model, ask("Hi", { params }))).toThrow(field);
  });

  test("images may be in a tool's result", () => {
    const body = bodyOf(openai, model, {
      messages: [
        { role: "user", content: "Look" },
        { role: "assistant", content: "", tool_calls: [{ id: "c1", name: "shot", arguments: {} }] },
        {
          role: "tool",
          tool_call_id: "c1",
          content: [
            { type: "text", text: "here" },
            { type: "image", data: "iVBORw0KGgo=" },
          ],
        },
      ],
      params: {},
    });
    expect((body.input as unknown[]).at(-1)).toEqual({
      type: "function_call_output",
      call_id: "c1",
      output: [
        { type: "input_text", text: "here" },
        { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=" },
      ],
    });
  });
});

describe("Responses streams", () => {
  test("text streams, and the response that ends the stream holds the usage", async () => {
    const stream = named(
      created,
      { type: "response.in_progress", response: response({ status: "in_progress" }) },
      { type: "response.output_item.added", output_index: 0, item: { id: "msg_1", type: "message", content: [] } },
      {
        type: "response.content_part.added",
        output_index: 0,
        item_id: "msg_1",
        part: { type: "output_text", text: "" },
      },
      { type: "response.output_text.delta", output_index: 0, item_id: "msg_1", delta: "4" },
      { type: "response.output_text.done", output_index: 0, item_id: "msg_1", text: "4" },
      {
        type: "response.output_item.done",
        output_index: 0,
        item: { id: "msg_1", type: "message", content: [{ type: "output_text", text: "4" }] },
      },
      {
        type: "response.completed",
        response: response({
          status: "completed",
          output: [{ id: "msg_1", type: "message", content: [{ type: "output_text", text: "4" }] }],
          usage,
        }),
      },
    );
    expect(await decode(openai, model, stream)).toEqual([
      { type: "start", model: "gpt-5.6-luna", requestId: "resp_01" },
      { type: "text", text: "4" },
      {
        type: "usage",
        usage: { inputTokens: 12, cachedInputTokens: 4, cacheWriteTokens: 2, outputTokens: 22, reasoningTokens: 16 },
      },
      { type: "finish", reason: "stop" },
    ]);
  });

  test("a reasoning item goes back unchanged, right before the call it led to", async () => {
    const call = {
      type: "function_call",
      id: "fc_1",
      call_id: "call_1",
      name: "get_weather",
      arguments: '{"city":"Oslo"}',
    };
    const stream = named(
      created,
      {
        type: "response.output_item.added",
        output_index: 0,
        item: { ...reasoningItem, summary: [], encrypted_content: "" },
      },
      { type: "response.reasoning_summary_part.added", output_index: 0, summary_index: 0 },
      { type: "response.reasoning_summary_text.delta", output_index: 0, delta: "Need the tool." },
      { type: "response.output_item.done", output_index: 0, item: reasoningItem },
      { type: "response.output_item.added", output_index: 1, item: { ...call, arguments: "" } },
      { type: "response.function_call_arguments.delta", output_index: 1, delta: '{"city":' },
      { type: "response.function_call_arguments.delta", output_index: 1, delta: '"Oslo"}' },
      { type: "response.function_call_arguments.done", output_index: 1, arguments: '{"city":"Oslo"}' },
      { type: "response.output_item.done", output_index: 1, item: call },
      { type: "response.completed", response: response({ status: "completed", output: [reasoningItem, call], usage }) },
    );
    const answer = await collect(openai, model, stream);
    expect(answer).toMatchObject({ reasoning: "Need the tool.", finish_reason: "tool_calls" });
    const body = bodyOf(openai, model, {
      messages: [
        { role: "user", content: "Weather?" },
        answer.message,
        { role: "tool", tool_call_id: "call_1", content: "3°C" },
      ],
      params: {},
    });
    expect((body.input as unknown[]).slice(1)).toEqual([
      reasoningItem,
      { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"city":"Oslo"}' },
      { type: "function_call_output", call_id: "call_1", output: "3°C" },
    ]);
  });

  test.each([
    [{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }, "length"],
    [{ status: "incomplete", incomplete_details: { reason: "content_filter" } }, "content_filter"],
    [{ status: "completed" }, "stop"],
  ])("%j finishes as %s", async (rest, reason) => {
    const answer = await collect(
      openai,
      model,
      named(created, { type: "response.incomplete", response: response({ output: [], ...rest }) }),
    );
    expect(answer.finish_reason).toBe(reason);
  });

  test("a refusal finishes as filtered", async () => {
    const stream = named(
      created,
      { type: "response.refusal.delta", output_index: 0, delta: "No." },
      { type: "response.completed", response: response({ status: "completed", output: [] }) },
    );
    expect(await collect(openai, model, stream)).toMatchObject({ text: "No.", finish_reason: "content_filter" });
  });

  test.each([
    [
      "a failed response",
      {
        type: "response.failed",
        response: response({ status: "failed", error: { code: "rate_limit_exceeded", message: "Slow down" } }),
      },
      "rate_limited",
    ],
    ["an error event", { type: "error", code: "server_error", message: "Oops", sequence_number: 3 }, "server_error"],
    [
      "an error event with an inner object",
      { type: "error", error: { type: "invalid_request_error", message: "Bad" } },
      "bad_request",
    ],
  ])("%s in the middle of the stream is the failure it says", async (_name, event, kind) => {
    const answer = await collect(openai, model, named(created, event));
    expect(answer.failure?.kind).toBe(kind);
  });

  test("a stream without its last event is cut, even with an end marker", async () => {
    const stream = `${named(created, { type: "response.output_text.delta", output_index: 0, delta: "Hel" })}data: [DONE]\n\n`;
    expect((await collect(openai, model, stream)).failure?.kind).toBe("network");
  });

  test("unknown events and items are let pass", async () => {
    const stream = named(
      created,
      { type: "response.web_search_call.in_progress", output_index: 0 },
      { type: "response.output_item.added", output_index: 0, item: { type: "brand_new_item" } },
      { type: "response.output_item.done", output_index: 0, item: { type: "brand_new_item" } },
      { type: "response.output_text.delta", output_index: 1, delta: "ok" },
      { type: "response.completed", response: response({ status: "completed", output: [{ type: "brand_new_item" }] }) },
    );
    expect(await collect(openai, model, stream)).toMatchObject({ text: "ok", finish_reason: "stop" });
  });
});
