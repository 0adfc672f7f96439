import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { type GenerationStore, openGenerationStore } from "../../src/infer/generation-store.ts";
import type { AttemptRecord, InferResult } from "../../src/infer/result.ts";
import { type HandClock, handClock } from "../support/hand-clock.ts";
import { temporaryDirectory } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";
import { fastClock, models, openPipeline } from "./support/pipeline.ts";

function storeIn(home: string): GenerationStore {
  const store = openGenerationStore({ path: join(home, "generations.db"), clock: systemClock, rng: systemRng });
  onTestFinished(() => store.close());
  return store;
}

const hour = 3_600_000;

/** A store of calls that never were, by a clock of the test's. */
async function writtenStore() {
  const clock: HandClock = handClock(Date.UTC(2026, 10, 22));
  const path = join(await temporaryDirectory(), "generations.db");
  const store = openGenerationStore({ path, clock, rng: systemRng });
  onTestFinished(() => store.close());
  const begin = (id: string, model = "openai/m", key = "") =>
    store.begin({ id, owner: { workspace: "default", key }, idempotencyKey: undefined, requestHash: "h", model });
  const finish = (id: string, attempts: readonly AttemptRecord[], status: InferResult["status"] = "succeeded") =>
    store.finish(id, {
      id,
      status,
      model: attempts.at(-1)?.model ?? "",
      provider: "",
      output: { text: "secret" },
      cost: { total: "0", list: "0" },
      attempts,
      cached: false,
      warnings: [],
    });
  return { store, clock, path, begin, finish };
}

const tried = (model: string, outcome: AttemptRecord["outcome"] = "succeeded"): AttemptRecord => ({
  model,
  outcome,
  cost: "0.1",
  ms: 5,
});
const names = (store: GenerationStore, wanted = {}) =>
  store.attempts({ limit: 100, ...wanted }).map(({ id, attempt }) => `${id}#${attempt}`);

describe("the record of attempts", () => {
  it("has a row for each attempt of a call: whose, by which route, what it took and cost, and why it failed", async () => {
    const { simulator, ask, home } = await openPipeline({
      clock: fastClock(),
      settings: {
        routes: { fast: { models: [{ model: models.openai }, { model: models.anthropic }] } },
      },
    });
    simulator.faults.script([{ provider: "openai", fault: { kind: "quota_exhausted" } }]);
    const result = await ask({ model: "route/fast" });
    const rows = storeIn(home).attempts({ limit: 10 });
    const [failed, answered] = result.attempts;
    const call = { id: result.id, workspace: "default", key: "", asked: "route/fast", route: "fast" };
    expect(rows).toEqual([
      expect.objectContaining({
        ...call,
        attempt: 1,
        model: models.openai,
        provider: "openai",
        outcome: "failed",
        errorKind: "quota_exhausted",
        error: failed?.error,
        cost: "0",
        firstMs: undefined,
        ms: failed?.ms,
      }),
      expect.objectContaining({
        ...call,
        attempt: 2,
        model: models.anthropic,
        provider: "anthropic",
        outcome: "succeeded",
        errorKind: undefined,
        error: undefined,
        inputTokens: result.usage?.input_tokens,
        outputTokens: result.usage?.output_tokens,
        cost: result.cost.total,
        list: result.cost.list,
        firstMs: answered?.first_ms,
        ms: answered?.ms,
      }),
    ]);
    // A beginning is in whole milliseconds, and so is what passed.
    expect(rows[1]?.startedAtMs).toBeGreaterThanOrEqual((rows[0]?.startedAtMs ?? 0) + (rows[0]?.ms ?? 0) - 1);
  });

  it("names the route of a fallback, for its models alone", async () => {
    const { simulator, ask, home } = await openPipeline({
      clock: fastClock(),
      settings: { routes: { spare: { models: [{ model: models.openai }, { model: models.google }] } } },
    });
    simulator.faults.script([{ fault: { kind: "quota_exhausted" }, times: 2 }]);
    const fallbacks = [models.anthropic, "route/spare"];
    const { attempts } = await ask({ model: models.openai, fallbacks });
    expect(attempts.map(({ model, route }) => [model, route])).toEqual([
      [models.openai, undefined],
      [models.anthropic, undefined],
      [models.google, "spare"],
    ]);
    const embedding = "openai/text-embedding-3-small";
    await ask({ model: embedding, fallbacks: ["route/spare"], params: { input: "a heron" } });
    const rows = storeIn(home).attempts({ limit: 10 });
    expect(rows.map(({ model, outcome, route }) => [model, outcome, route])).toEqual([
      [models.openai, "failed", undefined],
      [models.anthropic, "failed", undefined],
      [models.google, "succeeded", "spare"],
      [models.openai, "skipped", "spare"],
      [models.google, "skipped", "spare"],
      [embedding, "succeeded", undefined],
    ]);
  });

  it("says of every failure what kind it was, also of our own and of tasks that are not text", async () => {
    const { simulator, ask, home } = await openPipeline({ clock: fastClock() });
    simulator.faults.script([{ provider: "openai", fault: { kind: "unavailable" }, times: 6 }]);
    await ask({});
    await ask({ model: "openai/text-embedding-3-small", params: { input: "a heron" } });
    simulator.faults.script([{ provider: "anthropic", fault: { kind: "stall_before_headers" } }]);
    await ask({ model: models.anthropic, timeout_ms: 500 });
    const kinds = storeIn(home)
      .attempts({ limit: 100 })
      .map(({ asked, errorKind }) => [asked, errorKind]);
    expect(new Set(kinds.map(String))).toEqual(
      new Set([
        `${models.openai},overloaded`,
        "openai/text-embedding-3-small,overloaded",
        `${models.anthropic},timeout`,
      ]),
    );
  });

  it("has the attempts of a call that still runs, numbered as they will be when it has ended", async () => {
    const { simulator, start, home } = await openPipeline({ clock: fastClock() });
    simulator.faults.script([{ provider: "openai", fault: { kind: "overloaded" }, times: 2 }]);
    simulator.latency.set({ chunkMs: 15 });
    const generation = await start({ prompt: "say 3000 words" });
    const store = storeIn(home);
    const running = () => store.attempts({ limit: 10 }).map((one) => [one.attempt, one.outcome, one.callState]);
    await expect.poll(running, { interval: 5, timeout: 10_000 }).toEqual([
      [1, "failed", "running"],
      [2, "failed", "running"],
    ]);
    const before = store.attempts({ limit: 10 });
    generation.cancel();
    await generation.done;
    const after = store.attempts({ limit: 10 });
    expect(after).toHaveLength(3);
    expect(after.slice(0, 2)).toEqual(
      before.map((one) => ({ ...one, callState: "cancelled", callEndedAtMs: after[2]?.callEndedAtMs })),
    );
    expect(after[2]).toMatchObject({ attempt: 3, outcome: "cancelled", errorKind: "cancelled" });
  });

  it("is in the order of the calls' ends, cut to the newest, by state and by what was asked for or asked", async () => {
    const { store, clock, begin, finish } = await writtenStore();
    await begin("gen_1", "route/fast");
    await begin("gen_2");
    await begin("gen_none");
    await finish("gen_none", [], "failed");
    clock.advance(1);
    await finish("gen_2", [tried("openai/m", "failed")], "failed");
    const since = clock.now();
    clock.advance(1);
    await finish("gen_1", [tried("openai/m", "failed"), tried("google/m")]);
    expect(names(store)).toEqual(["gen_2#1", "gen_1#1", "gen_1#2"]);
    expect(names(store, { limit: 2 })).toEqual(["gen_1#1", "gen_1#2"]);
    expect(names(store, { limit: 1 })).toEqual(["gen_1#2"]);
    expect(names(store, { since })).toEqual(["gen_1#1", "gen_1#2"]);
    expect(names(store, { state: "failed" })).toEqual(["gen_2#1"]);
    expect(names(store, { model: "route/" })).toEqual(["gen_1#1", "gen_1#2"]);
    expect(names(store, { model: "google" })).toEqual(["gen_1#2"]);
    expect(names(store, { model: "%" })).toEqual([]);
  });

  it("says when an attempt began, and is a view that any reader of the file may ask", async () => {
    const { store, clock, path, begin, finish } = await writtenStore();
    const startedAtMs = clock.now();
    await begin("gen_1", "openai/m", "key_1");
    clock.advance(hour);
    const second = { ...tried("openai/m"), key: "spare", after_ms: 900, list: "0.2", unreconciled: true } as const;
    await finish("gen_1", [tried("openai/m", "failed"), second]);
    expect(store.attempts({ limit: 9 })).toMatchObject([
      { key: "key_1", startedAtMs, route: undefined, providerKey: undefined, list: "0.1", isUnreconciled: false },
      { key: "key_1", startedAtMs: startedAtMs + 900, providerKey: "spare", list: "0.2", isUnreconciled: true },
    ]);
    expect(query(path, "SELECT outcome, count(*) AS count FROM attempt GROUP BY outcome ORDER BY outcome")).toEqual([
      expect.objectContaining({ outcome: "failed", count: 1n }),
      expect.objectContaining({ outcome: "succeeded", count: 1n }),
    ]);
  });

  it("outlives what was asked and answered", async () => {
    const { store, clock, begin, finish } = await writtenStore();
    await begin("gen_1");
    await finish("gen_1", [tried("openai/m", "failed"), tried("google/m")]);
    const before = store.attempts({ limit: 9 });
    clock.advance(25 * hour);
    await store.purge({ resumeMs: hour, keepMs: 240 * hour, bytesMax: 1e12, keepsOutputs: false });
    expect(store.look("gen_1")?.result?.output).toEqual({});
    expect(store.attempts({ limit: 9 })).toEqual(before);
  });
});
