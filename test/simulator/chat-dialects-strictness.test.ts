import { describe, expect, test } from "vitest";
import type { ProviderName } from "../../src/simulator/provider.ts";
import { post, useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

const user = { role: "user", content: "Hi" };
const tools = [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }];
const named = { type: "function", function: { name: "f" } };
const schema = (more: object = {}) => ({
  type: "json_schema",
  json_schema: { name: "s", schema: { type: "object" }, ...more },
});
const call = (content: unknown) => ({
  role: "assistant",
  content,
  tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
});
const result = { role: "tool", tool_call_id: "c1", content: "ok" };

const chatPath: Partial<Record<ProviderName, string>> = {
  alibaba: "/compatible-mode/v1/chat/completions",
  minimax: "/v1/chat/completions",
  "workers-ai": "/accounts/simulated/ai/v1/chat/completions",
};

async function answer(provider: ProviderName, body: object, path = chatPath[provider] ?? "/chat/completions") {
  const response = await post(simulator(), provider, path, body);
  return { status: response.status, text: await response.text() };
}

type Case = [what: string, body: object, message: RegExp, status?: number];

interface Refusals {
  readonly base: object;
  readonly cases: readonly Case[];
}

const refused: Partial<Record<ProviderName, Refusals>> = {
  groq: {
    base: { model: "llama-3.3-70b-versatile", messages: [user] },
    cases: [
      ["a field of OpenAI's that it has not", { verbosity: "low" }, /property 'verbosity' is unsupported/],
      ["two choices", { n: 2 }, /'n' : number must be at most 1/],
      ["logprobs", { logprobs: true }, /logprobs is not supported/],
      ["a name in a message", { messages: [{ ...user, name: "ada" }] }, /'messages\.0' : property 'name'/],
      [
        "the role developer",
        { messages: [{ role: "developer", content: "x" }, user] },
        /messages\[0\]\.role|Invalid value/,
      ],
      ["effort on a model that does not reason", { reasoning_effort: "low" }, /not supported with this model/],
      [
        "an effort of the other family",
        { model: "openai/gpt-oss-20b", reasoning_effort: "default" },
        /one of low, medium, high/,
      ],
      [
        "reasoning_format together with include_reasoning",
        { model: "qwen/qwen3.8-27b", reasoning_format: "parsed", include_reasoning: true },
        /mutually exclusive/,
      ],
      ["raw reasoning with tools", { model: "qwen/qwen3.8-27b", reasoning_format: "raw", tools }, /must not be raw/],
      ["a schema on a model without", { response_format: schema() }, /json_schema' is not supported/],
      [
        "a schema together with tools",
        { model: "openai/gpt-oss-20b", response_format: schema(), tools },
        /cannot be combined/,
      ],
      [
        "a strict schema on a model that is not strict",
        { model: "qwen/qwen3.8-27b", response_format: schema({ strict: true }) },
        /strict structured outputs/,
      ],
      ["JSON mode when nothing says JSON", { response_format: { type: "json_object" } }, /the word 'json'/],
      ["tools on a model without", { model: "groq/compound", tools }, /Tools are not supported/],
      [
        "an image on a model without",
        { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://a.test/b.png" } }] }] },
        /image_url is only supported/,
      ],
    ],
  },
  xai: {
    base: { model: "grok-4.5", messages: [user] },
    cases: [
      ["a withdrawn field", { search_parameters: {} }, /"error":"Failed to deserialize/, 422],
      [
        "stop on a reasoning model",
        { stop: "x" },
        /"code":"invalid-argument","error":"Model grok-4\.5 does not support parameter stop/,
      ],
      ["a penalty on a reasoning model", { presence_penalty: 1 }, /presencePenalty/],
      [
        "effort on a model that has none",
        { model: "grok-4.20-0309-reasoning", reasoning_effort: "low" },
        /reasoningEffort/,
      ],
      ["an effort it does not know", { reasoning_effort: "minimal" }, /deserialize/, 422],
      ["a multi-agent model in chat", { model: "grok-4.20-multi-agent" }, /Responses API/],
      ["more than 8 top_logprobs", { logprobs: true, top_logprobs: 9 }, /deserialize/, 422],
      ["a retired model", { model: "grok-3" }, /does not exist/, 404],
    ],
  },
  alibaba: {
    base: { model: "qwen3.7-plus", messages: [user] },
    cases: [
      ["frequency_penalty", { frequency_penalty: 1 }, /frequency_penalty/],
      ["max_completion_tokens", { max_completion_tokens: 5 }, /max_completion_tokens/],
      ["a temperature of 2", { temperature: 2 }, /temperature/],
      ["a required tool", { tools, tool_choice: "required" }, /tool_choice/],
      ["a named tool while thinking", { tools, tool_choice: named, enable_thinking: true }, /in thinking mode/],
      [
        "a whole answer from a model that only streams",
        { model: "qwen3-next-80b-a3b-thinking" },
        /only support stream call/,
      ],
      [
        "thinking on a model that does not",
        { model: "qwen3-max", enable_thinking: true },
        /does not support enable_thinking/,
      ],
      [
        "a schema on an older model",
        { model: "qwen-plus", response_format: schema() },
        /json_schema' is not supported/,
      ],
      [
        "JSON mode while thinking on an older model",
        {
          model: "qwen-plus",
          enable_thinking: true,
          messages: [{ role: "user", content: "JSON" }],
          response_format: { type: "json_object" },
        },
        /Json mode/,
      ],
      ["JSON mode when nothing says JSON", { response_format: { type: "json_object" } }, /the word 'json'/],
      [
        "video on a model without",
        {
          model: "qwen3-max",
          messages: [{ role: "user", content: [{ type: "video_url", video_url: { url: "https://a.test/b.mp4" } }] }],
        },
        /Video is only/,
      ],
    ],
  },
  bytedance: {
    base: { model: "seed-1-8-251228", messages: [user] },
    cases: [
      ["n", { n: 1 }, /Unknown parameter: 'n'.*Request id: req_/],
      ["both kinds of token limit", { max_tokens: 5, max_completion_tokens: 5 }, /mutually exclusive/],
      [
        "effort while thinking is off",
        { thinking: { type: "disabled" }, reasoning_effort: "low" },
        /conflicts with thinking/,
      ],
      ["effort none", { reasoning_effort: "none" }, /Invalid value/],
      [
        "a detail of OpenAI's",
        {
          messages: [
            {
              role: "user",
              content: [{ type: "image_url", image_url: { url: "https://a.test/b.png", detail: "auto" } }],
            },
          ],
        },
        /Invalid value/,
      ],
      ["a missing model", { model: undefined }, /MissingParameter/],
    ],
  },
  minimax: {
    base: { model: "MiniMax-M2.7", messages: [user] },
    cases: [
      ["an unknown field", { thinking: { type: "enabled" } }, /Unknown parameter: 'thinking'.*\(2013\)/],
      ["two choices", { n: 2 }, /\(2013\)/],
      [
        "an image on a model without",
        { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://a.test/b.png" } }] }] },
        /\(2013\)/,
      ],
    ],
  },
  "workers-ai": {
    base: { model: "@cf/openai/gpt-oss-20b", messages: [user] },
    cases: [
      [
        "an assistant's content that is null",
        { tools, messages: [user, call(null), result] },
        /"code":5004.*messages\[1\]\.content/,
      ],
      [
        "the role developer",
        { messages: [{ role: "developer", content: "x" }, user] },
        /messages\[0\]\.role|Invalid value/,
      ],
      ["a temperature over 5", { temperature: 5.1 }, /temperature/],
      ["tools on a model without", { model: "@cf/qwen/qwq-32b", tools }, /Tools are not supported/],
    ],
  },
};

describe.each(Object.entries(refused) as [ProviderName, Refusals][])("%s refuses", (provider, { base, cases }) => {
  test.each(cases)("%s", async (_what, body, message, status = 400) => {
    const given = await answer(provider, { ...base, ...body });
    expect(given.text).toMatch(message);
    expect(given.status).toBe(status);
  });
});

describe("what is right is taken", () => {
  const accepted: readonly [ProviderName, object][] = [
    [
      "groq",
      { model: "qwen/qwen3.8-27b", reasoning_effort: "none", reasoning_format: "hidden", tools, messages: [user] },
    ],
    [
      "groq",
      {
        model: "openai/gpt-oss-20b",
        response_format: schema({
          strict: true,
          schema: { type: "object", properties: {}, additionalProperties: false },
        }),
        include_reasoning: false,
        messages: [user],
      },
    ],
    [
      "groq",
      {
        model: "qwen/qwen3.8-27b",
        messages: [user, { ...call(null), reasoning: "r" }, result],
        tools,
        service_tier: "flex",
      },
    ],
    [
      "xai",
      {
        model: "grok-4.20-0309-non-reasoning",
        stop: ["x"],
        n: 2,
        top_logprobs: 8,
        logprobs: true,
        messages: [user, { role: "system", content: "late" }, user],
      },
    ],
    [
      "alibaba",
      {
        model: "qwen3-vl-plus",
        messages: [
          {
            role: "user",
            content: [
              { type: "video", video: ["https://a.test/1.png"] },
              { type: "text", text: "x", cache_control: { type: "ephemeral" } },
            ],
          },
        ],
      },
    ],
    [
      "alibaba",
      {
        model: "qwen3.8-omni-flash",
        messages: [
          { role: "user", content: [{ type: "input_audio", input_audio: { data: "data:audio/wav;base64,AAAA" } }] },
        ],
      },
    ],
    [
      "bytedance",
      {
        model: "ep-20260101-abc",
        thinking: { type: "disabled" },
        reasoning_effort: "minimal",
        messages: [
          {
            role: "user",
            content: [
              { type: "image_url", image_url: { url: "https://a.test/b.png", detail: "xhigh", min_pixels: 4 } },
            ],
          },
        ],
      },
    ],
    [
      "minimax",
      {
        model: "MiniMax-M3",
        messages: [user, { ...call(""), reasoning_details: [{ type: "reasoning.text", text: "r" }] }, result],
        tools,
      },
    ],
    [
      "workers-ai",
      {
        model: "@cf/openai/gpt-oss-20b",
        messages: [user, call(""), result],
        tools,
        response_format: {
          type: "json_schema",
          json_schema: { type: "object", properties: { a: { type: "string" } } },
        },
      },
    ],
  ];
  test.each(accepted)("by %s: %o", async (provider, body) => {
    expect(await answer(provider, body)).toMatchObject({ status: 200 });
  });
});

test("thinking does not count against Alibaba's max_tokens, and does against OpenAI's way of counting", async () => {
  const asked = (provider: ProviderName, body: object) =>
    answer(provider, { messages: [{ role: "user", content: "say 90 words" }], ...body });
  const qwen = JSON.parse(
    (await asked("alibaba", { model: "qwen3.7-plus", enable_thinking: true, max_tokens: 10 })).text,
  );
  expect(qwen).toMatchObject({ choices: [{ finish_reason: "length" }], usage: { completion_tokens: 74 } });
  const groq = JSON.parse(
    (await asked("groq", { model: "openai/gpt-oss-20b", reasoning_effort: "low", max_completion_tokens: 20 })).text,
  );
  expect(groq).toMatchObject({ usage: { completion_tokens: 20, completion_tokens_details: { reasoning_tokens: 16 } } });
});

test("ByteDance says usage so far in every chunk when asked to", async () => {
  const body = {
    model: "seed-1-8-251228",
    messages: [user],
    stream: true,
    stream_options: { include_usage: true, chunk_include_usage: true },
  };
  const { text } = await answer("bytedance", body);
  const counts = [...text.matchAll(/"completion_tokens":(\d+)/g)].map(([, count]) => Number(count));
  expect(counts.length).toBeGreaterThan(4);
  expect(counts).toEqual(counts.toSorted((left, right) => left - right));
});

test("ByteDance fuses what it embeds into one vector, and names a filtered answer's reason", async () => {
  const body = {
    model: "skylark-embedding-vision-251215",
    input: [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ],
    dimensions: 1_024,
  };
  const { text } = await answer("bytedance", body, "/embeddings/multimodal");
  const made = JSON.parse(text) as { data: { embedding: number[] } };
  expect(made.data.embedding).toHaveLength(1_024);
  const filtered = await answer("bytedance", {
    model: "seed-1-8-251228",
    messages: [{ role: "user", content: "refuse" }],
  });
  expect(JSON.parse(filtered.text)).toMatchObject({
    choices: [{ finish_reason: "content_filter", moderation_hit_type: "severe_violation" }],
  });
});

describe("Workers AI's native route", () => {
  const run = (model: string, body: object) => answer("workers-ai", body, `/accounts/simulated/ai/run/${model}`);
  const llama = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";

  test("answers 256 tokens when it is not told how many", async () => {
    const { text } = await run(llama, { prompt: "say 900 words" });
    expect(JSON.parse(text)).toMatchObject({ success: true, result: { usage: { completion_tokens: 256 } } });
  });

  test("answers an object in JSON mode", async () => {
    const response_format = {
      type: "json_schema",
      json_schema: { type: "object", properties: { city: { type: "string" } } },
    };
    const { text } = await run(llama, { prompt: "x", response_format });
    expect(JSON.parse(text)).toMatchObject({ result: { response: { city: "simulated city" } } });
  });

  test("streams padded pieces, usage last", async () => {
    const { text } = await run(llama, { messages: [user], stream: true });
    const events = text.split("\n\n").filter((event) => event !== "");
    expect(events.at(-1)).toBe("data: [DONE]");
    expect(JSON.parse(events.at(-2)?.slice(6) ?? "")).toMatchObject({
      response: "",
      usage: { completion_tokens: expect.any(Number) },
    });
    const said = events.slice(0, -2).map((event) => JSON.parse(event.slice(6)) as { response: string; p: string });
    expect(said.map(({ response }) => response).join("")).toBe(`[simulated workers-ai/${llama}] Hi`);
    expect(said.every(({ p }) => p.length > 0)).toBe(true);
  });

  test.each<[string, string, object]>([
    ["both a prompt and messages", llama, { prompt: "x", messages: [user] }],
    ["neither", llama, {}],
    ["tools on a model without", "@cf/qwen/qwq-32b", { prompt: "x", tools: [{ name: "f" }] }],
    ["101 texts to embed", "@cf/baai/bge-m3", { text: Array.from({ length: 101 }, () => "x") }],
    ["a text over 512 tokens for the English models", "@cf/baai/bge-base-en-v1.5", { text: "x".repeat(2_049) }],
    ["a rerank without contexts", "@cf/baai/bge-reranker-base", { query: "x" }],
  ])("refuses %s", async (_what, model, body) => {
    const { status, text } = await run(model, body);
    expect(JSON.parse(text)).toMatchObject({ success: false, errors: [{ code: 5_004 }] });
    expect(status).toBe(400);
  });
});

describe("embeddings in OpenAI's shape", () => {
  test.each<[ProviderName, string, object, number]>([
    [
      "alibaba",
      "/compatible-mode/v1/embeddings",
      { model: "text-embedding-v4", input: ["a", "b"], dimensions: 64 },
      64,
    ],
    ["workers-ai", "/accounts/simulated/ai/v1/embeddings", { model: "@cf/baai/bge-m3", input: "a" }, 1_024],
  ])("%s makes them", async (provider, path, body, dimensions) => {
    const { text } = await answer(provider, body, path);
    expect((JSON.parse(text) as { data: { embedding: number[] }[] }).data[0]?.embedding).toHaveLength(dimensions);
  });

  test("Alibaba takes 10 texts and not 11, and dimensions from its list only", async () => {
    const ask = (body: object) =>
      answer("alibaba", { model: "text-embedding-v4", ...body }, "/compatible-mode/v1/embeddings");
    expect((await ask({ input: Array.from({ length: 10 }, () => "x") })).status).toBe(200);
    expect((await ask({ input: Array.from({ length: 11 }, () => "x") })).status).toBe(400);
    expect((await ask({ input: "x", dimensions: 65 })).status).toBe(400);
    expect((await ask({ input: "x", encoding_format: "base64" })).status).toBe(400);
  });
});
