import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemRng } from "../../src/core/clock.ts";
import { inferLimits } from "../../src/core/limits.ts";
import { type GenerationStore, openGenerationStore } from "../../src/infer/generation-store.ts";
import type { Retention } from "../../src/infer/purge-generations.ts";
import type { InferResult } from "../../src/infer/result.ts";
import { type HandClock, handClock } from "../support/hand-clock.ts";
import { temporaryDirectory } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";
import { models, openPipeline } from "./support/pipeline.ts";

const rows = (path: string, sql: string) => query<Record<string, unknown>>(path, sql);
const hour = 3_600_000;
const owner = { workspace: "default", key: "" };
const generous: Retention = { resumeMs: 24 * hour, keepMs: 240 * hour, bytesMax: 1e12, keepsOutputs: false };

async function openStore(): Promise<{ store: GenerationStore; clock: HandClock; path: string }> {
  const clock = handClock(Date.UTC(2026, 10, 22));
  const path = join(await temporaryDirectory(), "generations.db");
  const store = openGenerationStore({ path, clock, rng: systemRng });
  onTestFinished(() => store.close());
  return { store, clock, path };
}

const resultOf = (id: string, text: string): InferResult => ({
  id,
  status: "succeeded",
  model: "openai/m",
  provider: "openai",
  output: { text },
  message: { role: "assistant", content: text },
  cost: { total: "0.1", list: "0.1" },
  attempts: [{ model: "openai/m", outcome: "succeeded", cost: "0.1", ms: 1 }],
  cached: false,
  warnings: [],
});

interface Call {
  readonly events?: number;
  readonly text?: string;
  readonly idempotencyKey?: string;
}

async function begin(store: GenerationStore, id: string, { events = 3, text = "secret", idempotencyKey }: Call = {}) {
  await store.begin({ id, owner, idempotencyKey, requestHash: "h", model: "openai/m", request: "asked" });
  store.append(
    id,
    Array.from({ length: events }, (_, seq) => ({ seq, event: { type: "text" as const, text } })),
  );
}

async function call(store: GenerationStore, id: string, how: Call = {}) {
  await begin(store, id, how);
  await store.finish(id, resultOf(id, how.text ?? "secret"));
}

describe("retention", () => {
  it("keeps a call whole until it can no longer be taken up again, and then only its record", async () => {
    const { store, clock, path } = await openStore();
    await call(store, "gen_1", { idempotencyKey: "order-1" });
    clock.advance(24 * hour);
    await store.purge(generous);
    expect(store.find("gen_1", owner)?.result?.output).toEqual({ text: "secret" });
    expect(store.events("gen_1", 0, 10)).toHaveLength(3);

    clock.advance(1);
    await store.purge(generous);
    const { result } = store.find("gen_1", owner) ?? {};
    expect(result).toMatchObject({ status: "succeeded", output: {}, cost: { total: "0.1" } });
    expect(result?.message).toBeUndefined();
    expect(result?.warnings).toEqual(["the output of this call is no longer kept"]);
    expect(store.events("gen_1", 0, 10)).toEqual([]);
    expect(
      rows(path, "SELECT result FROM generation")
        .map(({ result }) => result)
        .join(),
    ).not.toContain("secret");
    // The same key is a new call now.
    const again = { id: "gen_2", owner, idempotencyKey: "order-1", requestHash: "h", model: "openai/m" };
    expect(await store.begin(again)).toBeUndefined();
  });

  it("keeps outputs in the record where the settings say so", async () => {
    const { store, clock } = await openStore();
    await call(store, "gen_1");
    clock.advance(24 * hour + 1);
    await store.purge({ ...generous, keepsOutputs: true });
    expect(store.find("gen_1", owner)?.result?.output).toEqual({ text: "secret" });
    expect(store.events("gen_1", 0, 10)).toEqual([]);
  });

  it("deletes records by their age, and never a call that runs", async () => {
    const { store, clock, path } = await openStore();
    await call(store, "gen_old");
    await begin(store, "gen_running");
    clock.advance(240 * hour + 1);
    await call(store, "gen_new");
    await store.purge(generous);
    expect(rows(path, "SELECT id FROM generation ORDER BY id").map(({ id }) => id)).toEqual(["gen_new", "gen_running"]);
    expect(store.events("gen_running", 0, 10)).toHaveLength(3);
    expect(store.events("gen_old", 0, 10)).toEqual([]);
  });

  it("keeps the file below its size, oldest first, and the file shrinks", async () => {
    const { store, clock, path } = await openStore();
    const text = "x".repeat(20_000);
    await begin(store, "gen_running", { text });
    for (let at = 0; at < 60; at += 1) {
      clock.advance(1_000);
      await call(store, `gen_${at}`, { text });
    }
    const bytesMax = 1_000_000;
    await store.purge({ ...generous, bytesMax: 4 * bytesMax });
    const before = (await stat(path)).size;
    expect(before).toBeGreaterThan(3 * bytesMax);
    await store.purge({ ...generous, bytesMax });
    expect((await stat(path)).size).toBeLessThan(bytesMax + inferLimits.purgeVacuumPages * 4_096 + 100_000);
    const left = rows(path, "SELECT id FROM generation ORDER BY created_at_ms").map(({ id }) => String(id));
    expect(left[0]).toBe("gen_running");
    expect(left.length).toBeGreaterThan(5);
    expect(left.at(-1)).toBe("gen_59");
    expect(left.slice(1)).toEqual(Array.from({ length: left.length - 1 }, (_, at) => `gen_${61 - left.length + at}`));
  });

  it("deletes the events of one very long call in bounded steps", async () => {
    const { store, clock, path } = await openStore();
    const events = 3 * inferLimits.purgeEvents + 1;
    await call(store, "gen_1", { events: 0 });
    const database = new DatabaseSync(path);
    const insert = database.prepare("INSERT INTO event VALUES ('gen_1', ?, ?)");
    database.exec("BEGIN");
    for (let seq = 0; seq < events; seq += 1) insert.run(seq, JSON.stringify([{ type: "text", text: "x" }]));
    database.exec("COMMIT");
    database.close();
    expect(store.events("gen_1", 0, events)).toHaveLength(events);
    clock.advance(24 * hour + 1);
    let isDone = false;
    const lefts = new Set<number>();
    const purging = store.purge(generous).then(() => {
      isDone = true;
    });
    while (!isDone) {
      lefts.add(Number(rows(path, "SELECT count(*) AS count FROM event")[0]?.count));
      await new Promise(setImmediate);
    }
    await purging;
    expect(lefts.size).toBeGreaterThan(2);
    expect(store.events("gen_1", 0, events)).toEqual([]);
  });
});

describe("the record of a call", () => {
  const prompt = "the code word is heron";

  it("holds nothing of the prompt unless the settings say so", async () => {
    const { ask, home } = await openPipeline();
    await ask({ prompt: `say 3 words; ${prompt}` });
    const [row] = rows(join(home, "generations.db"), "SELECT * FROM generation");
    expect(row).toMatchObject({ request: null, state: "succeeded" });
    expect(Object.values(row ?? {}).join()).not.toContain("heron");
  });

  it("holds the request where they do, without keys of providers and bytes of media", async () => {
    const { ask, home, simulator } = await openPipeline({ settings: { record: { prompts: true } } });
    const key = simulator.apiKey("openai");
    const image = { type: "image" as const, data: Buffer.alloc(900).toString("base64"), media_type: "image/png" };
    await ask({ messages: [{ role: "user", content: [{ type: "text", text: `${prompt} ${key}` }, image] }] });
    const [row] = rows(join(home, "generations.db"), "SELECT request FROM generation");
    const request = String(row?.request);
    expect(request).toContain(`${prompt} [key]`);
    expect(request).not.toContain(key);
    expect(request).not.toContain(image.data);
    expect(JSON.parse(request)).toMatchObject({ model: models.openai });
  });

  it("cuts a request that is larger than its bound", async () => {
    const { ask, home } = await openPipeline({ settings: { record: { prompts: true } } });
    await ask({ prompt: "long ".repeat(inferLimits.recordedRequestCharactersMax / 5 + 1), timeout_ms: 10_000 });
    const [row] = rows(join(home, "generations.db"), "SELECT length(request) AS length FROM generation");
    expect(Number(row?.length)).toBe(inferLimits.recordedRequestCharactersMax);
  });
});
