import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiWorld, openApiWorld } from "../support/api-world.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

function client(): OpenAI {
  return new OpenAI({ baseURL: `${world.url}/v1`, apiKey: "key-all", maxRetries: 0 });
}

test.each(["text-embedding-3-small", "google/gemini-embedding-001"])(
  "the openai SDK gets vectors of %s",
  async (model) => {
    const input = ["a switchyard", "a switchyard", "something else"];
    // Without a format the library asks for base64 and unpacks it.
    const packed = await client().embeddings.create({ model, input });
    const plain = await client().embeddings.create({ model, input, encoding_format: "float" });
    expect(packed.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    for (const [index, { embedding }] of plain.data.entries()) {
      const unpacked = packed.data[index]?.embedding ?? [];
      expect(unpacked.length).toBe(embedding.length);
      for (const [at, value] of embedding.entries()) expect(unpacked[at]).toBeCloseTo(value, 5);
    }
    expect(plain.data[0]?.embedding).toEqual(plain.data[1]?.embedding);
    expect(plain.data[0]?.embedding).not.toEqual(plain.data[2]?.embedding);
    // Google counts no tokens here; what it costs is known all the same.
    if (!model.startsWith("google/")) expect(plain.usage.prompt_tokens).toBeGreaterThan(0);
    expect(plain).toMatchObject({ object: "list", switchyard: { cost: { total: expect.stringMatching(/^0\.0\d+/) } } });
  },
);

test("a single text and a shorter vector", async () => {
  const made = await client().embeddings.create({ model: "text-embedding-3-small", input: "hello", dimensions: 64 });
  expect(made.data).toHaveLength(1);
  expect(made.data[0]?.embedding).toHaveLength(64);
});

test("token numbers are refused, as is a model of another kind", async () => {
  const tokens = client().embeddings.create({ model: "text-embedding-3-small", input: [1, 2, 3] });
  await expect(tokens).rejects.toMatchObject({ status: 400, param: "input" });
  await expect(client().embeddings.create({ model: "gpt-5.4-mini", input: "x" })).rejects.toMatchObject({
    status: 400,
  });
});
