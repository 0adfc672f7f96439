import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SwitchyardError } from "../../../src/core/errors.ts";
import { SignCodes } from "../../../src/memory/vectors/codes.ts";
import { conceptEmbedder } from "../concept-embedder.ts";
import { contentsOf, openTestMemory } from "../open.ts";

const memories = [
  { content: "The surgeon operates on Mondays" },
  { content: "Our kitten sleeps on the radiator" },
  { content: "Bought winter tyres for the vehicle" },
  { content: "The quarterly numbers look fine" },
];

describe("the vector channel", () => {
  it("finds by meaning what shares no word with the query, once the background has been", async () => {
    const embedder = conceptEmbedder();
    const { memory, caller } = openTestMemory({ embedder });
    await memory.remember({ memories }, caller);
    await memory.settled();
    const found = await memory.recall({ query: "feline" }, caller);
    expect(found.memories[0]).toMatchObject({ content: memories[1]?.content, why: ["meaning"] });
    expect(found.warnings).toBeUndefined();
    const without = openTestMemory();
    await without.memory.remember({ memories }, without.caller);
    expect((await without.memory.recall({ query: "feline" }, without.caller)).memories).toEqual([]);
  });

  it("asks for each memory's vector once, and for a query's once", async () => {
    const embedder = conceptEmbedder();
    const { memory, caller } = openTestMemory({ embedder });
    await memory.remember({ memories }, caller);
    await memory.settled();
    await memory.remember({ memories: [...memories, { content: "one more" }] }, caller);
    await memory.settled();
    for (let index = 0; index < 3; index += 1) await memory.recall({ query: "doctor" }, caller);
    expect(embedder.asked.document).toHaveLength(memories.length + 1);
    expect(embedder.asked.query).toEqual(["doctor"]);
  });

  it("embeds anew in the background when the model changes, and never mixes two models", async () => {
    const first = openTestMemory({ embedder: conceptEmbedder("test/one", 96) });
    await first.memory.remember({ memories }, first.caller);
    await first.memory.settled();
    await first.memory.close();

    const embedder = conceptEmbedder("test/two", 64);
    const second = openTestMemory({ directory: first.directory, embedder });
    await second.memory.recall({ query: "automobile" }, second.caller);
    await second.memory.settled();
    expect(embedder.asked.document).toHaveLength(memories.length);
    const found = await second.memory.recall({ query: "automobile" }, second.caller);
    expect(contentsOf(found)[0]).toBe(memories[2]?.content);
    await second.memory.close();
    const database = new DatabaseSync(join(first.directory, "default", "default.db"));
    expect(database.prepare("SELECT DISTINCT model, length(vector) AS bytes FROM vectors").all()).toEqual([
      { model: "test/two", bytes: 256 },
    ]);
    database.close();
  });

  it("answers by words, with a warning, when the model fails, and embeds later what it could not", async () => {
    const embedder = conceptEmbedder();
    const errors: unknown[] = [];
    const { memory, caller } = openTestMemory({ embedder, onBackgroundError: (error) => errors.push(error) });
    embedder.failWith = new SwitchyardError("insufficient_credits", "the pool is empty", { next: "Grant some" });
    await memory.remember({ memories }, caller);
    await memory.settled();
    const found = await memory.recall({ query: "kitten" }, caller);
    expect(contentsOf(found)).toEqual([memories[1]?.content]);
    expect(found.warnings).toEqual(["answered without the embedding model: insufficient_credits"]);
    await memory.settled();
    expect(errors.length).toBeGreaterThan(0);
    embedder.failWith = undefined;
    await memory.recall({ query: "kitten" }, caller);
    await memory.settled();
    expect(contentsOf(await memory.recall({ query: "feline" }, caller))[0]).toBe(memories[1]?.content);
  });

  it("does not wait for a model that never answers", async () => {
    const embedder = { ...conceptEmbedder(), embed: () => new Promise<never>(() => {}) };
    const { memory, caller } = openTestMemory({ embedder });
    const controller = new AbortController();
    const recalled = memory.recall({ query: "kitten" }, caller, { signal: controller.signal });
    controller.abort();
    await expect(recalled).rejects.toMatchObject({ code: "cancelled" });
  });

  it("forgets the vector with the memory", async () => {
    const embedder = conceptEmbedder();
    const { memory, caller, directory } = openTestMemory({ embedder });
    const { memories: kept } = await memory.remember({ memories }, caller);
    await memory.settled();
    const path = join(directory, "default", "default.db");
    const database = new DatabaseSync(path);
    const stored = database.prepare("SELECT vector FROM vectors ORDER BY n").all();
    const bytes = Buffer.from(stored[1]?.vector as Uint8Array);
    const onDisk = () => ["", "-wal"].some((end) => existsSync(path + end) && readFileSync(path + end).includes(bytes));
    expect(onDisk()).toBe(true);
    await memory.forget({ ids: [kept[1]?.id ?? ""], mode: "erase" }, caller);
    expect(onDisk()).toBe(false);
    await memory.forget({ ids: [kept[2]?.id ?? ""] }, caller);
    expect(contentsOf(await memory.recall({ query: "feline automobile" }, caller))).not.toContain(memories[1]?.content);
    expect(database.prepare("SELECT count(*) AS count FROM vectors").get()).toEqual({ count: 2 });
    database.close();
  });

  it("keeps to the filters of the recall", async () => {
    const { memory, caller } = openTestMemory({ embedder: conceptEmbedder() });
    const items = [
      { content: "a kitten", session: "s" },
      { content: "a cat", kind: "task" as const },
    ];
    await memory.remember({ memories: items }, caller);
    await memory.settled();
    expect(contentsOf(await memory.recall({ query: "feline", session: "s" }, caller))).toEqual(["a kitten"]);
    expect(contentsOf(await memory.recall({ query: "feline", kinds: ["task"] }, caller))).toEqual(["a cat"]);
  });
});

describe("sign codes", () => {
  it("choose as many of the nearest as asked for, by bits that differ", () => {
    const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(vector, { minLength: 1, maxLength: 90 }),
        vector,
        fc.integer({ min: 1, max: 20 }),
        (all, query, most) => {
          const codes = new SignCodes(40);
          for (const [index, one] of all.entries()) codes.add(index, Float32Array.from(one));
          const differing = (one: number[]) =>
            one.filter((value, index) => Math.fround(value) > 0 !== Math.fround(query[index] ?? 0) > 0).length;
          const distances = all.map(differing);
          const chosen = codes.nearest(Float32Array.from(query), most);
          expect(new Set(chosen).size).toBe(Math.min(most, all.length));
          const farthest = Math.max(...chosen.map((key) => distances[key] ?? 0));
          const nearerLeftOut = distances.filter((distance, key) => distance < farthest && !chosen.includes(key));
          expect(nearerLeftOut).toEqual([]);
        },
      ),
    );
  });
});
