import { describe, expect, test } from "vitest";
import type { Adapter } from "../../../src/providers/adapter.ts";
import { alibaba } from "../../../src/providers/alibaba/index.ts";
import { bytedance } from "../../../src/providers/bytedance/index.ts";
import { groq } from "../../../src/providers/groq/index.ts";
import { minimax } from "../../../src/providers/minimax/index.ts";
import type { TextParams } from "../../../src/providers/shapes/text.ts";
import { xai } from "../../../src/providers/xai/index.ts";
import { ask, card, credentials, weatherTool } from "../support/model.ts";
import { bodyOf, collect, data, wireRequest } from "../support/stream.ts";

const effort = (adapter: Adapter, id: string, reasoning_effort: TextParams["reasoning_effort"]) =>
  bodyOf(adapter, card(id), ask("Hi", { params: { reasoning_effort } }));
const chunk = (delta: object, rest: object = {}) => ({
  id: "c",
  choices: [{ index: 0, delta, finish_reason: null, ...rest }],
});
const stop = chunk({}, { finish_reason: "stop" });

describe("Groq", () => {
  test("Qwen's thinking is on or off and always apart from the text; gpt-oss has degrees", () => {
    expect(effort(groq, "groq/qwen/qwen3.8-27b", "none")).toMatchObject({
      reasoning_effort: "none",
      reasoning_format: "parsed",
    });
    expect(effort(groq, "groq/qwen/qwen3.8-27b", "medium")).toMatchObject({ reasoning_effort: "default" });
    expect(() => effort(groq, "groq/qwen/qwen3.8-27b", "high")).toThrow('no effort "high"');
    expect(effort(groq, "groq/openai/gpt-oss-20b", "max")).toMatchObject({ reasoning_effort: "high" });
    expect(() => effort(groq, "groq/openai/gpt-oss-20b", "none")).toThrow("reasoning_effort");
  });

  test("a schema and tools together are refused; only gpt-oss is strict", () => {
    const response_schema = { type: "object", properties: { a: { type: "string" } } };
    const strict = bodyOf(groq, card("groq/openai/gpt-oss-20b"), ask("Hi", { response_schema }));
    expect(strict.response_format).toMatchObject({
      json_schema: { strict: true, schema: { additionalProperties: false } },
    });
    const loose = bodyOf(groq, card("groq/qwen/qwen3.8-27b"), ask("Hi", { response_schema }));
    expect(loose.response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "response", schema: response_schema },
    });
    expect(() =>
      bodyOf(groq, card("groq/openai/gpt-oss-20b"), ask("Hi", { response_schema, tools: [weatherTool] })),
    ).toThrow("response_schema");
  });

  test.each([
    [413, { message: "Request too large for TPM", code: "rate_limit_exceeded" }, "too_large"],
    [
      429,
      { message: "Rate limit reached on tokens per day (TPD): Limit 100000", code: "rate_limit_exceeded" },
      "quota_exhausted",
    ],
    [429, { message: "Rate limit reached on tokens per minute (TPM)", code: "rate_limit_exceeded" }, "rate_limited"],
    [498, { message: "Flex tier capacity exceeded", code: "capacity_exceeded" }, "overloaded"],
  ])("%i %j is %s", (status, error, kind) => {
    expect(groq.decodeError(status, {}, JSON.stringify({ error })).kind).toBe(kind);
  });

  test("usage and errors in x_groq count", async () => {
    const usage = { prompt_tokens: 130, completion_tokens: 40 };
    const model = card("groq/openai/gpt-oss-20b");
    const answer = await collect(groq, model, data({ ...stop, x_groq: { id: "req", usage } }, "[DONE]"));
    expect(answer.usage).toMatchObject({ inputTokens: 130, outputTokens: 40 });
    const failed = await collect(
      groq,
      model,
      data(chunk({ content: "Hi" }), { choices: [], x_groq: { error: "over capacity" } }),
    );
    expect(failed.failure).toBeDefined();
  });

  test("a prompt guard's score and a safeguard's verdict become verdicts", () => {
    const { moderation } = groq;
    if (!moderation) throw new Error("no moderation");
    const guard = card("groq/meta-llama/llama-prompt-guard-2-86m", { task: "moderation" });
    const safeguard = card("groq/openai/gpt-oss-safeguard-20b", { task: "moderation" });
    const request = { prompt: "No fish.", params: { input: ["a fish"] } };
    const answer = (content: string) => ({
      status: 200,
      headers: {},
      body: Buffer.from(JSON.stringify({ id: "c", choices: [{ message: { content } }], usage: { prompt_tokens: 3 } })),
    });
    expect(moderation.decode(answer("0.98"), request, guard)).toMatchObject({
      result: { verdicts: [{ flagged: true, categories: ["prompt_attack"], scores: { prompt_attack: 0.98 } }] },
      usage: { inputTokens: 3 },
    });
    expect(moderation.decode(answer("0.02"), request, guard)).toMatchObject({
      result: { verdicts: [{ flagged: false }] },
    });
    expect(moderation.decode(answer("high"), request, guard)).toMatchObject({ failure: { kind: "malformed" } });
    expect(moderation.decode(answer('{"flagged":true,"categories":["fish",1]}'), request, safeguard)).toMatchObject({
      result: { verdicts: [{ flagged: true, categories: ["fish"] }] },
    });
    const body = JSON.parse(String(moderation.request(request, safeguard, credentials).body));
    expect(body.messages[0].content).toContain("No fish.");
    const moved = { ...request, provider_options: { model: "dearer" } };
    expect(() => moderation.request(moved, guard, credentials)).toThrow("provider_options.groq.model");
  });
});

describe("xAI", () => {
  test("a model of many agents is called through Responses, the others through chat", () => {
    expect(wireRequest(xai, card("xai/grok-4.5"), ask("Hi")).url).toMatch(/\/chat\/completions$/);
    const many = card("xai/grok-4.20-multi-agent-0309");
    const body = bodyOf(xai, many, ask("Hi", { system: "Be terse.", params: { reasoning_effort: "max" } }));
    expect(wireRequest(xai, many, ask("Hi")).url).toMatch(/\/responses$/);
    expect(body).toMatchObject({
      input: [{ role: "system", content: "Be terse." }, {}],
      reasoning: { effort: "xhigh" },
    });
  });

  test("reasoning models take no stop strings, and models named for their reasoning no effort", () => {
    expect(() => bodyOf(xai, card("xai/grok-4.5"), ask("Hi", { params: { stop: "x" } }))).toThrow("params.stop");
    expect(() => effort(xai, "xai/grok-4.20-0309-reasoning", "low")).toThrow("reasoning_effort");
  });

  test("reasoning that is counted beside the completion is added to the output, and never twice", async () => {
    const usage = (total_tokens: number) => ({
      prompt_tokens: 20,
      completion_tokens: 11,
      total_tokens,
      completion_tokens_details: { reasoning_tokens: 10 },
      cost_in_usd_ticks: 455_001,
    });
    const model = card("xai/grok-4.5");
    const apart = await collect(xai, model, data(stop, { choices: [], usage: usage(41) }, "[DONE]"));
    expect(apart.usage).toMatchObject({ outputTokens: 21, reasoningTokens: 10, providerCostNanoUsd: 45_501n });
    const within = await collect(xai, model, data(stop, { choices: [], usage: usage(31) }, "[DONE]"));
    expect(within.usage).toMatchObject({ outputTokens: 11, reasoningTokens: 10 });
  });

  test("an error under status 200 that is JSON alone can be tried again", () => {
    const decoder = xai.text?.decoder(card("xai/grok-4.5"));
    expect(decoder?.pushWhole?.('{"code":"x","error":"The service is currently unavailable"}')).toEqual([
      { type: "failure", failure: { kind: "overloaded", message: "The service is currently unavailable", code: "x" } },
    ]);
  });
});

describe("Alibaba", () => {
  test("thinking is switched by a field and bounded by a budget", () => {
    expect(effort(alibaba, "alibaba/qwen3.7-plus", "none")).toMatchObject({ enable_thinking: false });
    expect(effort(alibaba, "alibaba/qwen3.7-plus", "low")).toMatchObject({
      enable_thinking: true,
      thinking_budget: 2048,
    });
    expect(effort(alibaba, "alibaba/qwen3.7-plus", "max")).not.toHaveProperty("thinking_budget");
    expect(effort(alibaba, "alibaba/qwen3-next-80b-a3b-thinking", "low")).not.toHaveProperty("enable_thinking");
    expect(() => effort(alibaba, "alibaba/qwen3-next-80b-a3b-thinking", "none")).toThrow("reasoning_effort");
  });

  test("several calls in one answer are asked for, and a choice it does not know is refused", () => {
    const tools = [weatherTool];
    expect(bodyOf(alibaba, card("alibaba/qwen3.7-plus"), ask("Hi", { tools })).parallel_tool_calls).toBe(true);
    expect(() => bodyOf(alibaba, card("alibaba/qwen3.7-plus"), ask("Hi", { tools, tool_choice: "required" }))).toThrow(
      "tool_choice",
    );
    const thinking = ask("Hi", { tools, tool_choice: { name: "get_weather" }, params: { reasoning_effort: "low" } });
    expect(() => bodyOf(alibaba, card("alibaba/qwen3.7-plus"), thinking)).toThrow("tool_choice");
  });

  test("a schema is taken by the models that can be held to one", () => {
    const response_schema = { type: "object", properties: {} };
    expect(bodyOf(alibaba, card("alibaba/qwen3.8-max"), ask("Hi", { response_schema })).response_format).toBeDefined();
    expect(() => bodyOf(alibaba, card("alibaba/qwen3.5-plus"), ask("Hi", { response_schema }))).toThrow(
      "response_schema",
    );
  });

  test("audio and video are sent by URL", () => {
    const omni = card("alibaba/qwen3-omni-flash", { input: ["text", "image", "audio", "video"] });
    const content = [
      { type: "audio" as const, url: "https://ex.test/a.wav" },
      { type: "audio" as const, data: "UklGRgAAAABXQVZF" },
      { type: "video" as const, url: "https://ex.test/a.mp4" },
    ];
    const body = bodyOf(alibaba, omni, { messages: [{ role: "user", content }], params: {} });
    expect((body.messages as { content: unknown }[])[0]?.content).toEqual([
      { type: "input_audio", input_audio: { data: "https://ex.test/a.wav" } },
      { type: "input_audio", input_audio: { data: "data:audio/wav;base64,UklGRgAAAABXQVZF" } },
      { type: "video_url", video_url: { url: "https://ex.test/a.mp4" } },
    ]);
  });

  test.each([
    [
      429,
      { error: { code: "insufficient_quota", type: "insufficient_quota", message: "You exceeded your current quota" } },
      "quota_exhausted",
    ],
    [429, { code: "Throttling.RateQuota", message: "Requests rate limit exceeded" }, "rate_limited"],
    [429, { code: "Throttling.AllocationQuota", message: "Allocated quota exceeded" }, "rate_limited"],
    [400, { code: "DataInspectionFailed", message: "Input data may contain inappropriate content" }, "content_refused"],
    [400, { error: { code: "data_inspection_failed", message: "x" } }, "content_refused"],
    [400, { code: "Arrearage", message: "Access denied, account is in arrears" }, "quota_exhausted"],
    [401, { code: "InvalidApiKey", message: "Invalid API-key provided" }, "unauthenticated"],
  ])("%i %j is %s", (status, body, kind) => {
    expect(alibaba.decodeError(status, {}, JSON.stringify(body)).kind).toBe(kind);
  });
});

describe("ByteDance", () => {
  test("effort none disables thinking, the others enable it", () => {
    expect(effort(bytedance, "bytedance/seed-1-8-251228", "none")).toMatchObject({ thinking: { type: "disabled" } });
    expect(effort(bytedance, "bytedance/seed-1-8-251228", "max")).toMatchObject({
      thinking: { type: "enabled" },
      reasoning_effort: "high",
    });
  });

  test("a moderation hit finishes as filtered", async () => {
    const stream = data(
      chunk({ content: "Hm" }),
      chunk({}, { finish_reason: "stop", moderation_hit_type: "violence" }),
      "[DONE]",
    );
    expect((await collect(bytedance, card("bytedance/seed-1-8-251228"), stream)).finish_reason).toBe("content_filter");
  });

  test.each([
    [400, "InputTextSensitiveContentDetected", "content_refused"],
    [403, "AccountOverdueError", "quota_exhausted"],
    [404, "ModelNotOpen", "not_found"],
    [429, "QuotaExceeded.Free", "quota_exhausted"],
    [429, "ModelAccountTpmRateLimitExceeded", "rate_limited"],
  ])("%i %s is %s", (status, code, kind) => {
    expect(bytedance.decodeError(status, {}, JSON.stringify({ error: { code, message: "m" } })).kind).toBe(kind);
  });
});

describe("MiniMax", () => {
  const model = card("minimax/MiniMax-M3");

  test("reasoning in pieces and reasoning in snapshots are the same reasoning", async () => {
    const details = (text: string) => chunk({ reasoning_details: [{ type: "reasoning.text", text }] });
    const pieces = data(
      details("The user"),
      details(" wants"),
      details(" a sum."),
      chunk({ content: "4" }),
      stop,
      "[DONE]",
    );
    const snapshots = data(
      details("The user"),
      details("The user wants"),
      details("The user wants a sum."),
      chunk({ content: "4" }),
      stop,
      "[DONE]",
    );
    for (const stream of [pieces, snapshots]) {
      expect(await collect(minimax, model, stream)).toMatchObject({ reasoning: "The user wants a sum.", text: "4" });
    }
  });

  test("thoughts that come in a field and between tags are shown once", async () => {
    const both = (text: string, content: string) => chunk({ reasoning_content: text, content });
    const stream = data(both("Hm", "<think>Hm"), chunk({ content: "</think>\n4" }), stop, "[DONE]");
    expect(await collect(minimax, model, stream)).toMatchObject({ reasoning: "Hm", text: "4" });
  });

  test("a whole message that repeats the stream at its end is not said twice", async () => {
    const last = { choices: [{ index: 0, message: { role: "assistant", content: "4" }, finish_reason: "stop" }] };
    expect((await collect(minimax, model, data(chunk({ content: "4" }), last, "[DONE]"))).text).toBe("4");
  });

  test.each([
    [1002, "rate_limited"],
    [1026, "content_refused"],
    [2056, "quota_exhausted"],
    [9999, "server_error"],
  ])("base_resp %i under status 200 is %s", async (status_code, kind) => {
    const body = { base_resp: { status_code, status_msg: "m" } };
    expect((await collect(minimax, model, data(body))).failure?.kind).toBe(kind);
    expect(minimax.text?.decoder(model).pushWhole?.(JSON.stringify(body)).at(-1)).toMatchObject({ failure: { kind } });
  });

  test("a code at the end of a message is read, and base_resp 0 is none", async () => {
    const error = { error: { message: "usage limit exceeded (2056)", type: "rate_limit_error" } };
    expect(minimax.decodeError(429, {}, JSON.stringify(error)).kind).toBe("quota_exhausted");
    const fine = { ...stop, base_resp: { status_code: 0, status_msg: "success" } };
    expect((await collect(minimax, model, data(fine, "[DONE]"))).failure).toBeUndefined();
  });
});
