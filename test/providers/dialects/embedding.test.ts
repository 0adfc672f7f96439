import { describe, expect, test } from "vitest";
import type { Adapter } from "../../../src/providers/adapter.ts";
import { alibaba } from "../../../src/providers/alibaba/index.ts";
import { bytedance } from "../../../src/providers/bytedance/index.ts";
import { google } from "../../../src/providers/google/index.ts";
import { joinEmbeddings, joinUsage } from "../../../src/providers/join.ts";
import { openai } from "../../../src/providers/openai/index.ts";
import type { EmbeddingParams } from "../../../src/providers/shapes/embedding.ts";
import { workersAi } from "../../../src/providers/workers-ai/index.ts";
import { card, credentials } from "../support/model.ts";

const model = (id: string) => card(id, { task: "embedding" });
const ask = (input: readonly string[], rest: Partial<EmbeddingParams> = {}) => ({
  prompt: "",
  params: { ...rest, input },
});
const answer = (body: unknown) => ({
  status: 200,
  headers: {},
  body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
});

function of(adapter: Adapter) {
  if (!adapter.embedding) throw new Error("no embedding");
  return adapter.embedding;
}

describe("requests for vectors", () => {
  test.each([
    [
      openai,
      "openai/text-embedding-3-small",
      "/embeddings",
      { model: "text-embedding-3-small", input: ["a"], encoding_format: "base64", dimensions: 8 },
    ],
    [
      alibaba,
      "alibaba/text-embedding-v4",
      "/compatible-mode/v1/embeddings",
      { model: "text-embedding-v4", input: ["a"], encoding_format: "float", dimensions: 8 },
    ],
    [
      bytedance,
      "bytedance/skylark-embedding-vision-251215",
      "/embeddings/multimodal",
      {
        model: "skylark-embedding-vision-251215",
        input: [{ type: "text", text: "a" }],
        encoding_format: "float",
        dimensions: 8,
      },
    ],
  ])("%o", (adapter, id, path, body) => {
    const request = of(adapter).request(ask(["a"], { dimensions: 8 }), model(id), credentials);
    expect(request.url).toBe(`${credentials.baseUrl}${path}`);
    expect(JSON.parse(String(request.body))).toEqual(body);
  });

  test("Google repeats the model for each text and takes a purpose where it has one", () => {
    const request = of(google).request(
      ask(["a", "b"], { purpose: "query", dimensions: 768 }),
      model("google/gemini-embedding-001"),
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/models/gemini-embedding-001:batchEmbedContents`);
    const one = (text: string) => ({
      model: "models/gemini-embedding-001",
      taskType: "RETRIEVAL_QUERY",
      outputDimensionality: 768,
      content: { parts: [{ text }] },
    });
    expect(JSON.parse(String(request.body))).toEqual({ requests: [one("a"), one("b")] });
    const two = () =>
      of(google).request(ask(["a"], { purpose: "query" }), model("google/gemini-embedding-2"), credentials);
    expect(two).toThrow("params.purpose");
  });

  test.each([
    [openai, "openai/text-embedding-3-small", 2048],
    [google, "google/gemini-embedding-001", 100],
    [alibaba, "alibaba/text-embedding-v4", 10],
    [bytedance, "bytedance/skylark-embedding-vision-251215", 1],
    [workersAi, "workers-ai/@cf/baai/bge-m3", 100],
    [workersAi, "workers-ai/@cf/qwen/qwen3-embedding-0.6b", 32],
  ])("%o is asked for as many texts at once as %s takes: %i", (adapter, id, most) => {
    const texts = Array.from({ length: most + 1 }, (_, at) => `text ${at}`);
    const parts = of(adapter).split?.(ask(texts), model(id)) ?? [];
    expect(parts.map((part) => part.params.input.length)).toEqual([most, 1]);
    expect(parts.flatMap((part) => part.params.input)).toEqual(texts);
  });

  test.each([
    [openai, "openai/text-embedding-ada-002", { dimensions: 8 }, "params.dimensions"],
    [openai, "openai/text-embedding-3-small", { purpose: "query" as const }, "params.purpose"],
    [workersAi, "workers-ai/@cf/baai/bge-m3", { dimensions: 8 }, "params.dimensions"],
  ])("%o with %s refuses %j", (adapter, id, rest, field) => {
    expect(of(adapter).check(ask(["a"], rest), model(id))).toMatchObject([{ field, droppable: true }]);
  });

  test("an empty text is refused by its place", () => {
    for (const adapter of [openai, google, alibaba, bytedance, workersAi]) {
      const fields = of(adapter)
        .check(ask(["a", ""]), model(`${adapter.provider}/x`))
        .map((one) => one.field);
      expect(fields).toContain("params.input[1]");
    }
  });
});

describe("answers with vectors", () => {
  const small = model("openai/text-embedding-3-small");

  test("base64 is little-endian float32, and the index decides the order", () => {
    const base64 = (...values: number[]) => {
      const bytes = Buffer.alloc(values.length * 4);
      for (const [at, value] of values.entries()) bytes.writeFloatLE(value, at * 4);
      return bytes.toString("base64");
    };
    const body = {
      data: [
        { index: 1, embedding: base64(0.5, -2) },
        { index: 0, embedding: base64(1, 0.25) },
      ],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    };
    expect(of(openai).decode(answer(body), ask(["a", "b"]), small)).toMatchObject({
      result: {
        embeddings: [
          [1, 0.25],
          [0.5, -2],
        ],
      },
      usage: { inputTokens: 2 },
    });
  });

  test.each([
    ["fewer vectors than texts", { data: [{ index: 0, embedding: [1] }] }],
    ["more vectors than texts", { data: [0, 1, 2].map((index) => ({ index, embedding: [1] })) }],
    [
      "a vector of something else",
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 1, embedding: [null] },
        ],
      },
    ],
    [
      "a vector of nothing",
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 1, embedding: [] },
        ],
      },
    ],
    [
      "bytes that are no numbers",
      {
        data: [
          { index: 0, embedding: "AAA=" },
          { index: 1, embedding: "AADAfw==" },
        ],
      },
    ],
    ["no JSON", "<html>"],
  ])("%s is malformed", (_name, body) => {
    expect(of(openai).decode(answer(body), ask(["a", "b"]), small)).toMatchObject({ failure: { kind: "malformed" } });
  });

  test("usage of zero or none is nothing known", () => {
    const bge = model("workers-ai/@cf/baai/bge-m3");
    for (const usage of [{ prompt_tokens: 0, total_tokens: 0 }, undefined]) {
      const body = { data: [{ index: 0, embedding: [1, 2] }], usage };
      expect(of(workersAi).decode(answer(body), ask(["a"]), bge)).toMatchObject({
        result: { embeddings: [[1, 2]] },
        usage: {},
      });
    }
  });

  test("Google's shortened vectors are brought to length one", () => {
    const decoded = of(google).decode(
      answer({ embeddings: [{ values: [3, 4] }] }),
      ask(["a"], { dimensions: 2 }),
      model("google/gemini-embedding-001"),
    );
    expect(decoded).toMatchObject({ result: { embeddings: [[0.6, 0.8]] } });
  });

  test("ByteDance's one vector is one answer", () => {
    const body = { id: "0217", data: { object: "embedding", embedding: [0.01] }, usage: { prompt_tokens: 300 } };
    const decoded = of(bytedance).decode(answer(body), ask(["a"]), model("bytedance/x"));
    expect(decoded).toMatchObject({ result: { embeddings: [[0.01]] }, usage: { inputTokens: 300 }, requestId: "0217" });
  });

  test("parts are put together in order and their usage added up", () => {
    const joined = joinEmbeddings([
      { result: { embeddings: [[1]] }, usage: { inputTokens: 2 }, requestId: "a" },
      { result: { embeddings: [[2], [3]] }, usage: { inputTokens: 3 }, warnings: ["w"] },
    ]);
    expect(joined).toEqual({
      result: { embeddings: [[1], [2], [3]] },
      usage: { inputTokens: 5 },
      requestId: "a",
      warnings: ["w"],
    });
    expect(joinUsage([{ providerCostNanoUsd: 5n }, { providerCostNanoUsd: 6n, images: 1 }])).toEqual({
      providerCostNanoUsd: 11n,
      images: 1,
    });
  });
});
