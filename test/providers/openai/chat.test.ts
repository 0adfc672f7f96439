import { describe, expect, test } from "vitest";
import { openai } from "../../../src/providers/openai/index.ts";
import { ask, card, weatherTool } from "../support/model.ts";
import { bodyOf, collect, data, decode, wireRequest } from "../support/stream.ts";

const model = card("openai/gpt-4.1-mini");
const chunk = (delta: object, rest: object = {}) => ({
  id: "chatcmpl-Qx72",
  object: "chat.completion.chunk",
  created: 1795250001,
  model: "gpt-4.1-mini-2025-04-14",
  choices: [{ index: 0, delta, finish_reason: null, ...rest }],
  usage: null,
  obfuscation: "k2f",
});
const usageChunk = (usage: object) => ({ id: "chatcmpl-Qx72", object: "chat.completion.chunk", choices: [], usage });

describe("requests to Chat Completions", () => {
  test("a conversation with system text, an image and sampling becomes one body", () => {
    const request = wireRequest(openai, model, {
      system: "Be terse.",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image", url: "https://ex.test/a.png" },
            { type: "image", data: "iVBORw0KGgo=" },
          ],
        },
      ],
      params: { max_output_tokens: 50, temperature: 0.5, top_p: 0.9, seed: 7, stop: "END" },
    });
    expect(request.url).toBe("http://127.0.0.1:9/chat/completions");
    expect(request.headers.authorization).toBe("Bearer test-key");
    expect(JSON.parse(String(request.body))).toEqual({
      service_tier: "default",
      model: "gpt-4.1-mini",
      messages: [
        { role: "system", content: "Be terse." },
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: "https://ex.test/a.png" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
          ],
        },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: ["END"],
    });
  });

  test("a tool loop carries calls, results and the choice, and says that tools are not strict", () => {
    const body = bodyOf(openai, model, {
      messages: [
        { role: "user", content: "Weather?" },
        {
          role: "assistant",
          content: "",
          tool_calls: [{ id: "call_1", name: "get_weather", arguments: { city: "Oslo" } }],
        },
        { role: "tool", tool_call_id: "call_1", content: "3°C" },
      ],
      params: {},
      tools: [weatherTool],
      tool_choice: { name: "get_weather" },
    });
    expect(body.messages).toEqual([
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "call_1", type: "function", function: { name: "get_weather", arguments: '{"city":"Oslo"}' } },
        ],
      },
      { role: "tool", tool_call_id: "call_1", content: "3°C" },
    ]);
    expect(body.tools).toEqual([{ type: "function", function: { ...weatherTool, strict: false } }]);
    expect(body.tool_choice).toEqual({ type: "function", function: { name: "get_weather" } });
  });

  test("a response schema is sent in its strict form", () => {
    const body = bodyOf(
      openai,
      model,
      ask("A colour", {
        response_schema: {
          type: "object",
          properties: { name: { type: "string" }, hex: { type: "string" } },
          required: ["name"],
        },
      }),
    );
    expect(body.response_format).toEqual({
      type: "json_schema",
      json_schema: {
        name: "response",
        strict: true,
        schema: {
          type: "object",
          properties: { name: { type: "string" }, hex: { type: ["string", "null"] } },
          required: ["name", "hex"],
          additionalProperties: false,
        },
      },
    });
  });

  test("native fields are merged last and cannot touch what decides the cost", () => {
    const wanted = { logprobs: true, response_format: { type: "text" }, seed: null };
    expect(bodyOf(openai, model, ask("Hi", { params: { seed: 4 }, provider_options: wanted }))).toMatchObject(wanted);
    for (const field of ["model", "stream", "n", "max_completion_tokens", "messages"]) {
      expect(() => bodyOf(openai, model, ask("Hi", { provider_options: { [field]: 5 } }))).toThrow(
        `provider_options.openai.${field}`,
      );
    }
  });

  test("a parameter the model cannot take is refused before anything is sent, with what it takes", () => {
    expect(() => bodyOf(openai, model, ask("Hi", { params: { reasoning_effort: "high" } }))).toThrow(
      /reasoning_effort/,
    );
    try {
      bodyOf(openai, model, ask("Hi", { params: { max_output_tokens: 100_000 } }));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: "unsupported",
        details: {
          field: "params.max_output_tokens",
          model: "openai/gpt-4.1-mini",
          allowed: "a number from 1 to 64000",
        },
      });
    }
  });

  test("tool names outside the provider's alphabet are changed on the way out and back", async () => {
    const request = ask("Go", {
      tools: [
        { name: "files.read", parameters: { type: "object" } },
        { name: "files_read", parameters: { type: "object" } },
      ],
    });
    const body = bodyOf(openai, model, request);
    const wire = (body.tools as { function: { name: string } }[]).map((tool) => tool.function.name);
    expect(wire).toEqual(["files_read_2", "files_read"]);
    const call = { index: 0, id: "call_1", type: "function", function: { name: "files_read_2", arguments: "{}" } };
    const answer = await collect(
      openai,
      model,
      data(chunk({ tool_calls: [call] }), chunk({}, { finish_reason: "tool_calls" }), "[DONE]"),
      request,
    );
    expect(answer.tool_calls).toEqual([{ id: "call_1", name: "files.read", arguments: {} }]);
  });
});

describe("Chat Completions streams", () => {
  test("text, a finish and a last usage chunk without choices become an answer", async () => {
    const stream = data(
      chunk({ role: "assistant", content: "", refusal: null }),
      chunk({ content: "Hel" }),
      chunk({ content: "lo" }),
      chunk({}, { finish_reason: "stop" }),
      usageChunk({
        prompt_tokens: 92,
        completion_tokens: 87,
        total_tokens: 179,
        prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 8, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 0 },
      }),
      "[DONE]",
    );
    expect(await decode(openai, model, stream)).toEqual([
      { type: "start", model: "gpt-4.1-mini-2025-04-14", requestId: "chatcmpl-Qx72" },
      { type: "text", text: "Hel" },
      { type: "text", text: "lo" },
      {
        type: "usage",
        usage: { inputTokens: 92, cachedInputTokens: 64, cacheWriteTokens: 8, outputTokens: 87, reasoningTokens: 3 },
      },
      { type: "finish", reason: "stop" },
    ]);
  });

  test("parallel tool calls are kept apart by their index", async () => {
    const part = (index: number, rest: object) => chunk({ tool_calls: [{ index, ...rest }] });
    const answer = await collect(
      openai,
      model,
      data(
        part(0, { id: "call_a", type: "function", function: { name: "get_weather", arguments: "" } }),
        part(0, { function: { arguments: '{"city":' } }),
        part(1, { id: "call_b", type: "function", function: { name: "get_weather", arguments: '{"ci' } }),
        part(0, { function: { arguments: '"Oslo"}' } }),
        part(1, { function: { arguments: 'ty":"Bergen"}' } }),
        chunk({}, { finish_reason: "tool_calls" }),
        "[DONE]",
      ),
    );
    expect(answer.tool_calls).toEqual([
      { id: "call_a", name: "get_weather", arguments: { city: "Oslo" } },
      { id: "call_b", name: "get_weather", arguments: { city: "Bergen" } },
    ]);
    expect(answer.finish_reason).toBe("tool_calls");
  });

  test("a refusal is shown as text and finishes as filtered", async () => {
    const answer = await collect(
      openai,
      model,
      data(chunk({ refusal: "I can't help with that." }), chunk({}, { finish_reason: "stop" }), "[DONE]"),
    );
    expect(answer).toMatchObject({
      text: "I can't help with that.",
      finish_reason: "content_filter",
      finish_detail: "refusal",
    });
  });

  test.each([
    ["before any event", ""],
    ["after some text", data(chunk({ content: "Hel" }))],
    ["in the middle of an event", `${data(chunk({ content: "Hel" }))}data: {"choices":[{"del`],
  ])("a stream cut %s is a network failure", async (_where, stream) => {
    const last = (await decode(openai, model, stream)).at(-1);
    expect(last).toMatchObject({ type: "failure", failure: { kind: "network" } });
  });

  test("a finish reason without the end marker is a whole answer", async () => {
    const answer = await collect(openai, model, data(chunk({ content: "Hi" }), chunk({}, { finish_reason: "length" })));
    expect(answer).toMatchObject({ text: "Hi", finish_reason: "length" });
    expect(answer.failure).toBeUndefined();
  });

  test("an event that is not JSON is a malformed answer", async () => {
    const last = (await decode(openai, model, "data: <html>\n\n")).at(-1);
    expect(last).toMatchObject({ type: "failure", failure: { kind: "malformed" } });
  });

  test("null deltas, moderation chunks, unknown fields and comments are let pass", async () => {
    const stream = `: keep-alive\n\n${data(
      { choices: [{ index: 0, delta: null, finish_reason: null }] },
      { choices: [], moderation: { flagged: false } },
      chunk({ content: null, tool_calls: null, annotations: [] }),
      chunk({ content: "ok" }, { logprobs: { content: [] }, extra: 1 }),
      chunk({}, { finish_reason: "stop" }),
      "[DONE]",
    )}`;
    expect(await collect(openai, model, stream)).toMatchObject({ text: "ok", finish_reason: "stop" });
  });
});
