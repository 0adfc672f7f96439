import { describe, expect, test } from "vitest";
import { post, useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

const user = { role: "user", content: "Hi" };
const fn = (more: object = {}) => ({
  type: "function",
  function: { name: "f", parameters: { type: "object", properties: {}, additionalProperties: false }, ...more },
});
const call = {
  role: "assistant",
  content: null,
  tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
};
const result = { role: "tool", tool_call_id: "c1", content: "ok" };
const strict = (schema: object) => ({ type: "json_schema", json_schema: { name: "s", strict: true, schema } });
const closed = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };

async function refusal(path: string, body: object) {
  const response = await post(simulator(), "openai", path, body);
  return { status: response.status, ...((await response.json()) as { error?: object }).error };
}

describe("Chat Completions refuse", () => {
  const chat = { model: "gpt-4.1", messages: [user] };
  const old = "gpt-4.1";
  const reasoning = "gpt-5.4";
  const cases: readonly [what: string, body: object, error: object][] = [
    ["an unknown field", { ...chat, thinking: true }, { code: "unknown_parameter", param: "thinking" }],
    [
      "an unknown field deep in a message",
      { ...chat, messages: [{ ...user, cache_control: {} }] },
      { code: "unknown_parameter", param: "messages[0].cache_control" },
    ],
    ["a missing model", { messages: [user] }, { code: "missing_required_parameter", param: "model" }],
    [
      "a wrong type",
      { ...chat, temperature: "hot" },
      {
        code: "invalid_type",
        param: "temperature",
        message: "Invalid type for 'temperature': expected a number, but got a string instead.",
      },
    ],
    ["a number out of range", { ...chat, temperature: 3 }, { code: "integer_above_max_value", param: "temperature" }],
    [
      "an unknown role",
      { ...chat, messages: [{ role: "robot", content: "x" }] },
      { code: "invalid_value", param: "messages[0].role" },
    ],
    [
      "an unknown part",
      { ...chat, messages: [{ role: "user", content: [{ type: "image", url: "x" }] }] },
      { code: "invalid_value", param: "messages[0].content[0].type" },
    ],
    ["no messages", { ...chat, messages: [] }, { code: "array_below_min_length", param: "messages" }],
    ["five stop sequences", { ...chat, stop: ["a", "b", "c", "d", "e"] }, { param: "stop" }],
    [
      "an image URL as Responses writes it",
      { ...chat, messages: [{ role: "user", content: [{ type: "image_url", image_url: "https://a.test/b.png" }] }] },
      { code: "invalid_type", param: "messages[0].content[0].image_url" },
    ],
    [
      "an image that is no image",
      {
        ...chat,
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "data:text/html;base64,AAAA" } }] },
        ],
      },
      { code: "invalid_image_format" },
    ],
    [
      "an image with broken base64",
      {
        ...chat,
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,A" } }] }],
      },
      { code: "invalid_image_url" },
    ],
    ["a tool result without its call", { ...chat, messages: [user, result] }, { param: "messages[1].role" }],
    [
      "a call without its result",
      { ...chat, messages: [user, call, user], tools: [fn()] },
      { message: expect.stringContaining("did not have response messages: c1") },
    ],
    [
      "a call at the end without its result",
      { ...chat, messages: [user, call] },
      { message: expect.stringContaining("c1") },
    ],
    [
      "a tool name with a dot",
      { ...chat, tools: [fn({ name: "memory.recall" })] },
      { param: "tools[0].function.name" },
    ],
    [
      "a tool in the Responses shape",
      { ...chat, tools: [{ type: "function", name: "f", parameters: {} }] },
      { param: "tools[0].function" },
    ],
    [
      "parameters that are no object",
      { ...chat, tools: [fn({ parameters: { type: "string" } })] },
      { code: "invalid_function_parameters" },
    ],
    [
      "a strict function whose property is optional",
      { ...chat, tools: [fn({ strict: true, parameters: { ...closed, required: [] } })] },
      { code: "invalid_function_parameters" },
    ],
    ["an empty tool list", { ...chat, tools: [] }, { param: "tools" }],
    ["a tool choice without tools", { ...chat, tool_choice: "auto" }, { param: "tool_choice" }],
    [
      "a tool choice that is not there",
      { ...chat, tools: [fn()], tool_choice: { type: "function", function: { name: "g" } } },
      { param: "tool_choice" },
    ],
    ["parallel_tool_calls without tools", { ...chat, parallel_tool_calls: false }, { param: "parallel_tool_calls" }],
    [
      "stream_options without a stream",
      { ...chat, stream_options: { include_usage: true } },
      { param: "stream_options" },
    ],
    [
      "json_object when nothing says JSON",
      { ...chat, response_format: { type: "json_object" } },
      { message: expect.stringContaining("the word 'json'") },
    ],
    [
      "a strict schema with an open object",
      { ...chat, response_format: strict({ ...closed, additionalProperties: true }) },
      { message: expect.stringContaining("'additionalProperties' is required") },
    ],
    [
      "a strict schema with an optional property",
      { ...chat, response_format: strict({ ...closed, required: [] }) },
      { message: expect.stringContaining("Missing 'a'") },
    ],
    [
      "a strict schema with a root that is no object",
      { ...chat, response_format: strict({ type: "array", items: closed }) },
      { message: expect.stringContaining("of 'type: \"object\"'") },
    ],
    [
      "a strict schema with oneOf",
      { ...chat, response_format: strict({ ...closed, properties: { a: { oneOf: [{ type: "string" }] } } }) },
      { message: expect.stringContaining("'oneOf' is not permitted") },
    ],
    [
      "a schema without a name",
      { ...chat, response_format: { type: "json_schema", json_schema: { schema: closed } } },
      { code: "missing_required_parameter", param: "response_format.json_schema.name" },
    ],
    [
      "effort on a model that does not reason",
      { ...chat, reasoning_effort: "low" },
      { code: "unsupported_parameter", param: "reasoning_effort" },
    ],
    [
      "max_tokens on a reasoning model",
      { ...chat, model: reasoning, max_tokens: 9 },
      { code: "unsupported_parameter", param: "max_tokens" },
    ],
    [
      "temperature on a reasoning model",
      { ...chat, model: reasoning, temperature: 1 },
      { code: "unsupported_parameter", param: "temperature" },
    ],
    [
      "stop on a reasoning model",
      { ...chat, model: reasoning, stop: "x" },
      { code: "unsupported_parameter", param: "stop" },
    ],
    [
      "an effort the model does not have",
      { ...chat, model: reasoning, reasoning_effort: "minimal" },
      { code: "unsupported_value", param: "reasoning_effort" },
    ],
    [
      "effort none on a model that always reasons",
      { ...chat, model: "gpt-6-astra", reasoning_effort: "none" },
      { code: "unsupported_value" },
    ],
    ["tools with reasoning on gpt-5.6", { ...chat, model: "gpt-5.6-sol", tools: [fn()] }, { param: "tools" }],
    [
      "more tokens than the model makes",
      { ...chat, model: old, max_completion_tokens: 32_769 },
      { code: "invalid_value", param: "max_completion_tokens" },
    ],
    [
      "more prompt than the model holds",
      { ...chat, model: "gpt-4o", messages: [{ role: "user", content: "x".repeat(600_000) }] },
      { code: "context_length_exceeded" },
    ],
    [
      "audio on a model without",
      {
        ...chat,
        messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }] }],
      },
      { code: "unsupported_value" },
    ],
    [
      "17 pairs of metadata",
      { ...chat, metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, "v"])) },
      { param: "metadata" },
    ],
  ];
  test.each(cases)("%s", async (_what, body, error) => {
    expect(await refusal("/chat/completions", body)).toMatchObject({
      status: 400,
      type: "invalid_request_error",
      ...error,
    });
  });

  test("a model for Responses only, and a body that is not JSON", async () => {
    expect(await refusal("/chat/completions", { ...chat, model: "gpt-5.3-codex" })).toMatchObject({
      status: 404,
      param: "model",
    });
    expect((await post(simulator(), "openai", "/chat/completions", "{")).status).toBe(400);
    expect(await refusal("/nothing", {})).toMatchObject({ status: 404 });
  });

  test("nothing that is right: the parameters of each kind of model", async () => {
    const accepted = [
      {
        ...chat,
        temperature: 0.5,
        top_p: 1,
        max_tokens: 9,
        stop: ["x"],
        seed: 1,
        n: 2,
        logprobs: true,
        top_logprobs: 3,
        frequency_penalty: 1,
      },
      { ...chat, model: reasoning, reasoning_effort: "none", temperature: 0.5 },
      { ...chat, model: "gpt-5.6-sol", reasoning_effort: "none", tools: [fn()] },
      {
        ...chat,
        messages: [user, call, result, user],
        tools: [fn()],
        tool_choice: "required",
        parallel_tool_calls: false,
      },
      {
        ...chat,
        response_format: strict({
          ...closed,
          properties: { a: { anyOf: [{ $ref: "#/$defs/b" }, { type: "null" }] } },
          $defs: { b: closed },
        }),
      },
      {
        ...chat,
        model: "gpt-4o-2024-08-06",
        metadata: { a: "b" },
        store: false,
        service_tier: "flex",
        verbosity: "low",
      },
    ];
    for (const body of accepted) {
      const response = await post(simulator(), "openai", "/chat/completions", body);
      expect(await response.json()).toMatchObject({ choices: expect.any(Array) });
    }
  });
});

describe("Responses refuse", () => {
  const base = { model: "gpt-4.1", input: "Hi" };
  const call = { type: "function_call", call_id: "c1", name: "f", arguments: "{}" };
  const output = { type: "function_call_output", call_id: "c1", output: "ok" };
  const cases: readonly [what: string, body: object, error: object][] = [
    ["an unknown field", { ...base, messages: [] }, { code: "unknown_parameter", param: "messages" }],
    ["no input", { model: "gpt-4.1" }, { param: "input" }],
    [
      "a limit under 16",
      { ...base, max_output_tokens: 15 },
      { code: "integer_below_min_value", param: "max_output_tokens" },
    ],
    [
      "an image as Chat writes it",
      {
        ...base,
        input: [{ role: "user", content: [{ type: "input_image", image_url: { url: "https://a.test/b.png" } }] }],
      },
      { param: "input[0].content[0].image_url" },
    ],
    [
      "a part as Chat writes it",
      { ...base, input: [{ role: "user", content: [{ type: "text", text: "x" }] }] },
      { param: "input[0].content[0].type" },
    ],
    ["a tool as Chat writes it", { ...base, tools: [{ type: "function", function: { name: "f" } }] }, {}],
    [
      "a function that is strict by default and whose schema is not",
      {
        ...base,
        tools: [{ type: "function", name: "f", parameters: { type: "object", properties: { a: { type: "string" } } } }],
      },
      { code: "invalid_function_parameters" },
    ],
    [
      "an output without its call",
      { ...base, input: [{ role: "user", content: "x" }, output] },
      { message: expect.stringContaining("No tool call found") },
    ],
    [
      "a call without its output",
      { ...base, input: [{ role: "user", content: "x" }, call] },
      { message: expect.stringContaining("No tool output found") },
    ],
    [
      "reasoning that nothing follows",
      {
        ...base,
        model: "gpt-5.4",
        input: [
          { role: "user", content: "x" },
          { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "AAAA" },
        ],
      },
      { status: 400 },
    ],
    [
      "reasoning on a model that does not",
      { ...base, reasoning: { effort: "low" } },
      { code: "unsupported_parameter" },
    ],
    [
      "temperature on a reasoning model",
      { ...base, model: "gpt-5.4", temperature: 1 },
      { code: "unsupported_parameter" },
    ],
    [
      "an unknown previous response",
      { ...base, previous_response_id: "resp_x" },
      { code: "previous_response_not_found" },
    ],
    ["a background response that is not stored", { ...base, background: true, store: false }, { param: "background" }],
  ];
  test.each(cases)("%s", async (_what, body, error) => {
    expect(await refusal("/responses", body)).toMatchObject({ status: 400, ...error });
  });

  test("a response that is not there", async () => {
    expect(await refusal("/responses/resp_x/cancel", {})).toMatchObject({ status: 404 });
  });
});

describe("embeddings refuse", () => {
  const cases: readonly [what: string, body: object, error: object][] = [
    ["an empty text", { input: "" }, { param: "input" }],
    ["2,049 texts", { input: Array.from({ length: 2_049 }, () => "x") }, { code: "array_above_max_length" }],
    ["a text over 8,192 tokens", { input: "x".repeat(8_192 * 4 + 1) }, { code: "context_length_exceeded" }],
    ["more dimensions than there are", { input: "x", dimensions: 1_537 }, { param: "dimensions" }],
    ["dimensions on ada", { input: "x", model: "text-embedding-ada-002", dimensions: 8 }, { param: "dimensions" }],
    ["a field of another provider", { input: "x", task: "query" }, { code: "unknown_parameter" }],
  ];
  test.each(cases)("%s", async (_what, body, error) => {
    const asked = { model: "text-embedding-3-small", ...body };
    expect(await refusal("/embeddings", asked)).toMatchObject({ status: 400, ...error });
  });
});
