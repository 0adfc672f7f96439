import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { memoryLimits } from "../../src/core/limits.ts";
import { type Memory, openMemory } from "../../src/memory/memory.ts";
import type { Question } from "./conversation.ts";
import { type Corpus, corpus } from "./corpus.ts";

const rounds = 3;
const queries = 200;
const manyProfiles = 1_000;
const memoriesEach = 100;

/** Prints recall and remember times by size, each beside a bare FTS5 table asked for the same words. */
export async function reportTiming(sizes: readonly number[]): Promise<void> {
  console.log("\nrecall, one profile: CPU a query beside bare FTS5 (porter, every word of the question, ten rows)");
  let before: { size: number; cpuMs: number } | undefined;
  for (const size of sizes) {
    const measured = await inDirectory((directory) => oneProfile(directory, corpus(size)));
    print(`${size} memories`, measured);
    if (before !== undefined) {
      const growth = measured.cpuMs / before.cpuMs;
      console.log(
        `  growth from ${before.size}: ${growth.toFixed(1)}x the CPU for ${size / before.size}x the memories`,
      );
    }
    before = { size, cpuMs: measured.cpuMs };
  }
  console.log(
    `\nrecall over ${manyProfiles} profiles of ${memoriesEach}, at random, ${memoryLimits.openProfilesMax} open`,
  );
  print("all", await inDirectory(overProfiles));
  console.log("\nremember, durable (synchronous=FULL)");
  await inDirectory(remembering);
}

interface Measured {
  readonly cpuMs: number;
  readonly bareCpuMs: number;
  readonly wallMs: readonly number[];
}

function print(what: string, { cpuMs, bareCpuMs, wallMs }: Measured): void {
  const sorted = [...wallMs].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2);
  const cpu = `CPU ${cpuMs.toFixed(2)} ms, bare ${bareCpuMs.toFixed(2)} ms, ratio ${(cpuMs / bareCpuMs).toFixed(2)}`;
  console.log(`${what.padEnd(20)} median ${at(0.5)} ms, p99 ${at(0.99)} ms; ${cpu}`);
}

async function oneProfile(directory: string, { memories, questions }: Corpus): Promise<Measured> {
  const memory = openMemory({ directory, clock: systemClock, rng: systemRng });
  await store(memory, memories, "default");
  const plain = new PlainFts(join(directory, "plain.db"));
  plain.store(memories);
  const asked = questions.slice(0, queries);
  const measured = await sideBySide(
    asked,
    (question) => memory.recall({ query: question.text, reference_date: question.askedAt }, localCaller),
    (question) => plain.search(question.text),
  );
  plain.close();
  await memory.close();
  return measured;
}

async function overProfiles(directory: string): Promise<Measured> {
  const memory = openMemory({ directory, clock: systemClock, rng: systemRng });
  const { memories, questions } = corpus(manyProfiles * memoriesEach);
  const open = new Map<number, PlainFts>();
  /** The plain tables are opened and closed under the same bound. */
  function plainOf(index: number): PlainFts {
    const known = open.get(index) ?? new PlainFts(join(directory, `plain${index}.db`));
    open.delete(index);
    open.set(index, known);
    for (const [oldest, plain] of open) {
      if (open.size <= memoryLimits.openProfilesMax) break;
      plain.close();
      open.delete(oldest);
    }
    return known;
  }
  for (let index = 0; index < manyProfiles; index += 1) {
    const part = memories.slice(index * memoriesEach, (index + 1) * memoriesEach);
    await store(memory, part, `profile ${index}`);
    plainOf(index).store(part);
  }
  const asked = questions
    .slice(0, queries)
    .map((question, index) => ({ question, index: (index * 7_919) % manyProfiles }));
  const measured = await sideBySide(
    asked,
    ({ question, index }) =>
      memory.recall(
        { query: question.text, profile: `profile ${index}`, reference_date: question.askedAt },
        localCaller,
      ),
    ({ question, index }) => plainOf(index).search(question.text),
  );
  for (const plain of open.values()) plain.close();
  await memory.close();
  return measured;
}

/** Takes turns, round by round, so that a busy machine is as hard on one as on the other; the first round warms up. */
async function sideBySide<T>(
  asked: readonly T[],
  ours: (item: T) => Promise<unknown>,
  bare: (item: T) => unknown,
): Promise<Measured> {
  const cpu = { ours: 0, bare: 0 };
  const wallMs: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.cpuUsage();
    for (const item of asked) bare(item);
    const between = process.cpuUsage();
    for (const item of asked) {
      const from = performance.now();
      await ours(item);
      if (round > 0) wallMs.push(performance.now() - from);
    }
    const after = process.cpuUsage();
    if (round === 0) continue;
    cpu.bare += between.user + between.system - before.user - before.system;
    cpu.ours += after.user + after.system - between.user - between.system;
  }
  const count = rounds * asked.length * 1_000;
  return { cpuMs: cpu.ours / count, bareCpuMs: cpu.bare / count, wallMs };
}

async function remembering(directory: string): Promise<void> {
  const memory = openMemory({ directory, clock: systemClock, rng: systemRng });
  const { memories } = corpus(4_000);
  await store(memory, memories.slice(0, 1_000), "default");
  const one = memories.slice(1_000, 1_500);
  const singly = await seconds(async () => {
    for (const item of one) await memory.remember({ memories: [item] }, localCaller);
  });
  const together = memories.slice(1_500, 2_000);
  const atOnce = await seconds(() =>
    Promise.all(together.map((item) => memory.remember({ memories: [item] }, localCaller))),
  );
  const batch = memories.slice(2_000, 4_000);
  const batched = await seconds(() => store(memory, batch, "default"));
  const rate = (count: number, time: number) => `${Math.round(count / time)} a second`;
  console.log(`one after another    ${rate(one.length, singly)}`);
  console.log(`500 calls at once    ${rate(together.length, atOnce)}`);
  console.log(`in batches of 500    ${rate(batch.length, batched)}`);
  await memory.close();
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1_000;
}

async function store(memory: Memory, memories: Corpus["memories"], profile: string): Promise<void> {
  for (let from = 0; from < memories.length; from += memoryLimits.memoriesPerCallMax) {
    const part = memories.slice(from, from + memoryLimits.memoriesPerCallMax);
    await memory.remember({ profile, memories: [...part] }, localCaller);
  }
}

async function inDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One FTS5 table in a file, asked for any word of the question. */
class PlainFts {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec("PRAGMA journal_mode = WAL");
    this.#database.exec("CREATE VIRTUAL TABLE IF NOT EXISTS turns USING fts5(text, tokenize='porter unicode61')");
  }

  store(memories: Corpus["memories"]): void {
    this.#database.exec("BEGIN");
    const insert = this.#database.prepare("INSERT INTO turns (text) VALUES (?)");
    for (const { speaker, content } of memories) insert.run(`${speaker}: ${content}`);
    this.#database.exec("COMMIT");
  }

  search(query: Question["text"]): unknown {
    const words = new Set(query.toLowerCase().match(/[\p{L}\p{N}]+/gu));
    const match = [...words].map((word) => `"${word}"`).join(" OR ");
    return this.#database
      .prepare("SELECT rowid, text, rank FROM turns WHERE turns MATCH ? ORDER BY rank LIMIT 10")
      .all(match);
  }

  close(): void {
    this.#database.close();
  }
}
