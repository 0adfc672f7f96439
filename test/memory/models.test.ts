import { describe, expect, it } from "vitest";
import { contentsOf, openTestMemory } from "./open.ts";

const memories = ["apple pie recipe", "apple tree pruning", "apple laptop charger"].map((content) => ({ content }));

describe("a reranker", () => {
  it("puts the answers in its own order", async () => {
    const reranker = async (_query: string, documents: readonly string[]) =>
      documents.map((document) => (document.includes("charger") ? 5 : document.includes("tree") ? -1 : 2));
    const { memory, caller } = openTestMemory({ reranker });
    await memory.remember({ memories }, caller);
    const found = await memory.recall({ query: "apple", limit: 2 }, caller);
    expect(contentsOf(found)).toEqual(["apple laptop charger", "apple pie recipe"]);
    expect(found.memories.map((item) => item.score)).toEqual([1, 0.5]);
  });

  it.each([
    ["throws", async () => Promise.reject(new Error("no"))],
    ["answers too few scores", async () => [1]],
    ["answers what is no number", async () => [1, Number.NaN, 2]],
  ])("that %s is done without, with a warning", async (_what, reranker) => {
    const { memory, caller } = openTestMemory({ reranker });
    await memory.remember({ memories }, caller);
    const found = await memory.recall({ query: "apple" }, caller);
    expect(found.memories).toHaveLength(3);
    expect(found.warnings).toEqual(["answered without the reranker: internal"]);
  });
});

it("a document that the reranker leaves out comes last", async () => {
  const reranker = async (_query: string, documents: readonly string[]) =>
    documents.map((document) => (document.includes("pie") ? Number.NEGATIVE_INFINITY : document.length));
  const { memory, caller } = openTestMemory({ reranker });
  await memory.remember({ memories }, caller);
  const found = await memory.recall({ query: "apple" }, caller);
  expect(contentsOf(found)).toEqual(["apple laptop charger", "apple tree pruning", "apple pie recipe"]);
});

describe("an expander", () => {
  it("finds what only its words name, below what the query names", async () => {
    const expander = async () => ["zebra quagga", 'NEAR( \0 \ud800 " OR'];
    const { memory, caller } = openTestMemory({ expander });
    await memory.remember({ memories: [...memories, { content: "a quagga in the garden" }] }, caller);
    expect(contentsOf(await memory.recall({ query: "striped animal" }, caller))).toEqual(["a quagga in the garden"]);
    expect(contentsOf(await memory.recall({ query: "pie" }, caller))[0]).toBe("apple pie recipe");
  });
});
