import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemRng } from "../../../src/core/clock.ts";
import { inferLimits } from "../../../src/core/limits.ts";
import { type AnswerCacheOptions, openAnswerCache } from "../../../src/infer/cache/answer-cache.ts";
import type { InferResult } from "../../../src/infer/result.ts";
import { handClock } from "../../support/hand-clock.ts";

const result = (text: string): InferResult => ({
  id: "gen_1",
  status: "succeeded",
  model: "openai/gpt-4.1-mini",
  provider: "openai",
  output: { text },
  cost: { total: "0", list: "0" },
  attempts: [],
  cached: false,
  warnings: [],
});
const answer = (text: string) => ({ result: result(text), events: [{ type: "text" as const, text }] });

async function open(options: Partial<AnswerCacheOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), "switchyard-cache-"));
  const clock = handClock(Date.UTC(2026, 0, 1));
  const path = join(directory, "cache.db");
  const cache = openAnswerCache({ path, clock, rng: systemRng, ...options });
  onTestFinished(async () => {
    await cache.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { cache, clock, path };
}

describe("the cache", () => {
  it("gives an answer until its time is over, or the reader's", async () => {
    const { cache, clock } = await open();
    await cache.keep("a", 10_000, answer("kept"));
    clock.advance(4_000);
    expect(cache.find("a", 5_000)).toEqual(answer("kept"));
    expect(cache.find("a", 4_000)).toBeUndefined();
    expect(cache.find("b", 5_000)).toBeUndefined();
    clock.advance(6_000);
    expect(cache.find("a", 60_000)).toBeUndefined();
  });

  it("is shared by all that open the file, and outlives them", async () => {
    const { cache, clock, path } = await open();
    await cache.keep("a", 10_000, answer("kept"));
    const other = openAnswerCache({ path, clock, rng: systemRng });
    expect(other.find("a", 10_000)).toEqual(answer("kept"));
    await other.keep("a", 10_000, answer("newer"));
    await other.close();
    expect(cache.find("a", 10_000)).toEqual(answer("newer"));
  });

  it("holds no more entries than its bound, and lets those go first that were not used for longest", async () => {
    const { cache, clock } = await open({ entriesMax: 3 });
    for (const key of ["a", "b", "c"]) {
      await cache.keep(key, 1_000_000, answer(key));
      clock.advance(100_000);
    }
    expect(cache.find("a", 1_000_000)).toBeDefined();
    await cache.keep("d", 1_000_000, answer("d"));
    const left = ["a", "b", "c", "d"].filter((key) => cache.find(key, 1_000_000) !== undefined);
    expect(left).toEqual(["a", "c", "d"]);
  });

  it("holds no more bytes than its bound, also when entries are replaced", async () => {
    const { cache } = await open({ bytesMax: 3_000 });
    for (const key of ["a", "b", "a", "c", "c", "d", "e"]) await cache.keep(key, 1_000_000, answer("x".repeat(300)));
    const left = ["a", "b", "c", "d", "e"].filter((key) => cache.find(key, 1_000_000) !== undefined);
    expect(left.length).toBeGreaterThanOrEqual(2);
    expect(left.length).toBeLessThanOrEqual(3);
    expect(left).toContain("e");
  });

  it("does not keep an answer that is larger than its bound", async () => {
    const { cache } = await open();
    await cache.keep("a", 1_000_000, answer("x".repeat(inferLimits.cacheEntryBytesMax)));
    expect(cache.find("a", 1_000_000)).toBeUndefined();
  });
});
