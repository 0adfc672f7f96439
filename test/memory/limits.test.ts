import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { memoryLimits } from "../../src/core/limits.ts";
import { readQuestion } from "../../src/memory/recall/question.ts";
import { createAnalyzer } from "../../src/memory/text/analyzer.ts";
import { contentsOf, openTestMemory } from "./open.ts";

describe("bounds", () => {
  it("keep the number of open profiles down, however many there are and whatever runs at once", async () => {
    const { memory, caller, directory } = openTestMemory();
    const names = Array.from({ length: 3 * memoryLimits.openProfilesMax }, (_, index) => `profile ${index}`);
    const ids = await Promise.all(names.map((profile) => memory.remember({ content: profile, profile }, caller)));
    expect(ids).toHaveLength(names.length);
    // A closed profile leaves its file alone; its log and shared memory are there only while it is open.
    const files = readdirSync(`${directory}/default`);
    expect(files.filter((file) => file.endsWith(".db"))).toHaveLength(names.length);
    expect(files.filter((file) => file.endsWith("-wal")).length).toBeLessThanOrEqual(memoryLimits.openProfilesMax);
    const found = await Promise.all(names.map((profile) => memory.recall({ query: profile, profile }, caller)));
    expect(found.map((result) => contentsOf(result)[0])).toEqual(names);
  });

  it("refuse a write more than may wait, keep those that may, and take it when there is room", async () => {
    const { memory, caller } = openTestMemory();
    const calls = Array.from({ length: memoryLimits.queuedWritesMax + 1 }, () =>
      memory.remember({ content: "the same" }, caller).catch((error: { code: string }) => error.code),
    );
    const answers = await Promise.all(calls);
    expect(answers.filter((answer) => answer === "unavailable")).toHaveLength(1);
    await memory.remember({ content: "one more" }, caller);
    expect((await memory.list({}, caller)).memories).toHaveLength(2);
  });

  it("search for so many words of a query and leave the rest out", () => {
    const query = Array.from({ length: memoryLimits.queryWordsMax + 10 }, (_, index) => `word${index}`).join(" ");
    expect(readQuestion(query, 0, createAnalyzer(100)).words).toHaveLength(memoryLimits.queryWordsMax);
  });

  it("answer at most the limit, and list at most the limit", async () => {
    const { memory, caller } = openTestMemory();
    const memories = Array.from({ length: memoryLimits.listLimitMax + 5 }, (_, index) => ({
      content: `apple ${index}`,
    }));
    await memory.remember({ memories }, caller);
    const { recallLimitMax, recallLimitDefault, listLimitMax, listLimitDefault } = memoryLimits;
    expect((await memory.recall({ query: "apple", limit: recallLimitMax }, caller)).memories).toHaveLength(
      recallLimitMax,
    );
    expect((await memory.recall({ query: "apple" }, caller)).memories).toHaveLength(recallLimitDefault);
    expect((await memory.list({ limit: listLimitMax }, caller)).memories).toHaveLength(listLimitMax);
    expect((await memory.list({}, caller)).memories).toHaveLength(listLimitDefault);
    await expect(memory.list({ limit: listLimitMax + 1 }, caller)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("cut the ids and the preview that forget answers", async () => {
    const { memory, caller } = openTestMemory();
    for (let from = 0; from < memoryLimits.forgetIdsMax + 1; from += 500) {
      await memory.remember(
        { memories: Array.from({ length: 500 }, (_, index) => ({ content: `n${from + index}` })) },
        caller,
      );
    }
    const shown = await memory.forget({ all: true, dry_run: true }, caller);
    expect(shown).toMatchObject({ count: 1500, truncated: true });
    expect(shown.ids).toHaveLength(memoryLimits.forgetIdsMax);
    expect(shown.preview).toHaveLength(memoryLimits.forgetPreviewMax);
  });

  it("keep the cache of stems down", () => {
    const analyzer = createAnalyzer(3);
    for (const word of ["running", "jumped", "swimming", "walks", "running"]) analyzer.stem(word);
    expect(analyzer.stem("swimming")).toBe("swim");
  });
});
