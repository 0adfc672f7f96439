import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { memoryLimits } from "../../src/core/limits.ts";
import { contentsOf, openTestMemory } from "./open.ts";

/** Whether any file under the directory holds the bytes. */
function anyFileHolds(directory: string, bytes: string): boolean {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(bytes));
}

async function withFour() {
  const opened = openTestMemory();
  const { memories } = await opened.memory.remember(
    {
      memories: [
        { content: "alpha secretword", session: "one", occurred_at: "2026-01-01" },
        { content: "beta", session: "one", speaker: "Ana" },
        { content: "gamma", key: "g" },
        { content: "delta 100% _sure_", kind: "task" },
      ],
    },
    opened.caller,
  );
  return { ...opened, ids: memories.map((item) => item.id) };
}

describe("forget", () => {
  it("retracts by id: gone from recall and list, still there as of then and in history", async () => {
    const { memory, caller, clock, ids } = await withFour();
    clock.advance(60_000);
    const result = await memory.forget({ ids: [ids[0] ?? ""] }, caller);
    expect(result).toEqual({ count: 1, ids: [ids[0]], mode: "retract", dry_run: false });
    expect((await memory.recall({ query: "secretword" }, caller)).memories).toEqual([]);
    const asOf = await memory.recall({ query: "secretword", as_of: "2026-06-01T12:00:30Z" }, caller);
    expect(contentsOf(asOf)).toContain("alpha secretword");
    expect((await memory.list({ id: ids[0] }, caller)).memories).toMatchObject([{ ended: "retracted" }]);
  });

  it.each([
    ["a key", { key: "G" }, ["gamma"]],
    ["a session", { session: "one" }, ["alpha secretword", "beta"]],
    ["a speaker", { filter: { speaker: "Ana" } }, ["beta"]],
    ["a kind", { filter: { kinds: ["task" as const] } }, ["delta 100% _sure_"]],
    ["a time", { filter: { until: "2026-01-01" } }, ["alpha secretword"]],
    ["words, with no wildcard in them", { filter: { text: "100% _SURE" } }, ["delta 100% _sure_"]],
    ["everything", { all: true as const }, ["alpha secretword", "beta", "gamma", "delta 100% _sure_"]],
  ])("shows in a dry run what would go by %s, and then forgets just that", async (_what, args, expected) => {
    const { memory, caller } = await withFour();
    const before = (await memory.list({}, caller)).memories.length;
    const shown = await memory.forget({ ...args, dry_run: true }, caller);
    expect(shown.preview?.map((item) => item.content)).toEqual(expected);
    expect((await memory.list({}, caller)).memories).toHaveLength(before);
    expect((await memory.forget(args, caller)).count).toBe(expected.length);
    const left = contentsOf(await memory.list({}, caller));
    expect(left).toHaveLength(before - expected.length);
    for (const content of expected) expect(left).not.toContain(content);
  });

  it.each([
    ["an empty filter", { filter: {} }],
    ["a filter of an empty text", { filter: { text: " " } }],
    ["a filter that matches everything", { filter: { since: "1970-01-01" } }],
    ["nothing at all", {}],
    ["two ways at once", { all: true as const, key: "g" }],
    ["too many ids", { ids: Array.from({ length: memoryLimits.forgetIdsMax + 1 }, (_, index) => `mem_${index}`) }],
  ])("refuses %s and forgets nothing", async (_what, args) => {
    const { memory, caller } = await withFour();
    await expect(memory.forget(args, caller)).rejects.toMatchObject({ code: "invalid_request" });
    expect((await memory.list({}, caller)).memories).toHaveLength(4);
  });

  it("does not bring a retracted message back when its conversation is sent again", async () => {
    const { memory, caller } = openTestMemory();
    const messages = [{ role: "user", content: "my pin is 9921" }];
    const { memories } = await memory.remember({ messages }, caller);
    await memory.forget({ ids: [memories[0]?.id ?? ""] }, caller);
    expect((await memory.remember({ messages }, caller)).memories).toEqual([
      { id: memories[0]?.id, status: "duplicate" },
    ]);
    expect((await memory.recall({ query: "pin" }, caller)).memories).toEqual([]);
  });

  it("erases every byte, of the text, its words in the index and its neighbours' context", async () => {
    const { memory, caller, directory, ids } = await withFour();
    expect(anyFileHolds(directory, "secretword")).toBe(true);
    await memory.forget({ ids: [ids[0] ?? ""], mode: "erase" }, caller);
    expect(anyFileHolds(directory, "secretword")).toBe(false);
    expect((await memory.recall({ query: "secretword" }, caller)).memories).toEqual([]);
    expect(contentsOf(await memory.list({ include_superseded: true }, caller))).toHaveLength(3);
  });

  it("erases a key with its whole history", async () => {
    const { memory, caller, directory } = openTestMemory();
    for (const content of ["password hunter2a", "password hunter2b", "password hunter2c"]) {
      await memory.remember({ content, key: "password" }, caller);
    }
    await memory.remember({ content: "keep me" }, caller);
    expect((await memory.forget({ key: "password", mode: "erase" }, caller)).count).toBe(3);
    expect(anyFileHolds(directory, "hunter2")).toBe(false);
    expect(contentsOf(await memory.list({ include_superseded: true }, caller))).toEqual(["keep me"]);
  });

  it("mends the chain around an erased version", async () => {
    const { memory, caller } = openTestMemory();
    const made: string[] = [];
    for (const content of ["one", "two", "three"]) {
      made.push((await memory.remember({ content, key: "k" }, caller)).memories[0]?.id ?? "");
    }
    await memory.forget({ ids: [made[1] ?? ""], mode: "erase" }, caller);
    expect((await memory.list({ key: "k", include_superseded: true }, caller)).memories).toMatchObject([
      { id: made[2], supersedes: made[0] },
      { id: made[0], superseded_by: made[2] },
    ]);
  });

  it("answers zero for a profile that does not exist and makes no file", async () => {
    const { memory, caller, directory } = openTestMemory();
    expect(await memory.forget({ all: true, profile: "nobody" }, caller)).toMatchObject({ count: 0 });
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("erasing", () => {
  it("leaves no byte among thousands of memories, with their history, and the rest is found as before", async () => {
    const { memory, caller, directory } = openTestMemory();
    const secret = (index: number) => `zq${(index * 7919).toString(36)}vx`;
    const filler = "the quick brown fox jumps over a lazy dog near the river bank at dawn";
    for (let from = 0; from < 3000; from += 500) {
      const memories = Array.from({ length: 500 }, (_, index) => ({
        content: `note ${from + index} ${filler.slice(index % 40)} ${secret(from + index)}`,
        session: `s${(from + index) % 60}`,
        ...(index % 50 === 0 && { key: `key ${index}` }),
      }));
      await memory.remember({ memories }, caller);
    }
    const gone = Array.from({ length: 3000 }, (_, index) => index).filter((index) => index % 60 === 7);
    expect(anyFileHolds(directory, secret(gone[3] ?? 0))).toBe(true);
    expect(await memory.forget({ session: "s7", mode: "erase" }, caller)).toMatchObject({ count: 50 });
    for (const index of gone) expect(anyFileHolds(directory, secret(index))).toBe(false);
    const kept = await memory.recall({ query: `note ${secret(68)}` }, caller);
    expect(kept.memories[0]?.content).toContain(secret(68));
  });

  it("empties a whole profile, names of speakers and sessions included", async () => {
    const { memory, caller, directory } = openTestMemory();
    const memories = Array.from({ length: 300 }, (_, index) => ({
      content: `confidential ${index}`,
      speaker: "Persephone",
      session: `therapy ${index % 7}`,
      metadata: { origin: "notebook" },
    }));
    await memory.remember({ memories }, caller);
    expect((await memory.forget({ all: true, mode: "erase" }, caller)).count).toBe(300);
    for (const word of ["confidential", "confidenti", "Persephone", "persephone", "therapy", "notebook"]) {
      expect(anyFileHolds(directory, word)).toBe(false);
    }
    await memory.remember({ content: "a new beginning" }, caller);
    expect(contentsOf(await memory.recall({ query: "beginning" }, caller))).toEqual(["a new beginning"]);
  });

  it("is finished by the next process when one ended between taking rows out and rewriting the file", async () => {
    const first = openTestMemory();
    await first.memory.remember({ memories: [{ content: "perishable word" }, { content: "other" }] }, first.caller);
    await first.memory.close();
    const path = join(first.directory, "default", "default.db");
    const database = new DatabaseSync(path);
    database.exec("DELETE FROM memories WHERE content LIKE 'perishable%'");
    database.exec("INSERT INTO facts_of_profile (name, value) VALUES ('scrub', '1')");
    database.exec("DELETE FROM live_index WHERE rowid = 1; DELETE FROM term_counts WHERE term LIKE 'perish%'");
    database.close();
    expect(anyFileHolds(first.directory, "perishable")).toBe(true);
    const second = openTestMemory({ directory: first.directory });
    await second.memory.list({}, second.caller);
    await second.memory.forget({ ids: ["mem_none"], mode: "erase" }, second.caller);
    await second.memory.close();
    expect(anyFileHolds(first.directory, "perish")).toBe(false);
  });
});
