import { readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { allRights } from "../../../src/core/caller.ts";
import { type Clock, systemRng } from "../../../src/core/clock.ts";
import { inferLimits } from "../../../src/core/limits.ts";
import type { RatedCall, RateLimit } from "../../../src/infer/rates/limit.ts";
import { RateGate } from "../../../src/infer/rates/rate-gate.ts";
import { SharedCounts } from "../../../src/infer/rates/shared-counts.ts";
import { temporaryDirectory } from "../../support/ledger.ts";
import { type SteppedClock, steppedClock } from "../support/stepped-clock.ts";

const never = new AbortController().signal;
const hour = 3_600_000;

function call(tokens = 0, { key = "a", model = "openai/gpt-4.1-mini" } = {}): RatedCall {
  const caller = { workspace: "default", key, rights: allRights };
  return { caller, provider: model.slice(0, model.indexOf("/")), model, tokens: () => tokens };
}

/** Gates as several processes have them over one data directory. */
async function openHome(clock: Clock = steppedClock()) {
  const path = join(await temporaryDirectory(), "rates.db");
  const log: string[] = [];
  const gate = (...limits: Partial<RateLimit>[]) => {
    const shared = new SharedCounts({ path, clock, rng: systemRng, log: (line) => log.push(line) });
    onTestFinished(() => shared.close());
    return new RateGate(
      limits.map((limit) => ({ onLimit: "wait", ...limit })),
      clock,
      shared,
    );
  };
  return { path, log, gate };
}

function rowsOf(path: string): { counter: string; bucket: number; amount: number }[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare("SELECT * FROM taken ORDER BY bucket").all();
  database.close();
  return rows as { counter: string; bucket: number; amount: number }[];
}

describe("processes on one data directory", () => {
  it("see what each other took", async () => {
    const clock = steppedClock();
    const { gate } = await openHome(clock);
    const limits = [{ requestsPerMinute: 2, tokensPerMinute: 100 }];
    const [one, two] = [gate(...limits), gate(...limits)];
    expect(one.takeNow(call(60))).toBeDefined();
    expect(two.waitMs(call(50))).toBeGreaterThan(0);
    expect(two.takeNow(call(40))).toBeDefined();
    expect([one.takeNow(call(0)), two.takeNow(call(0))]).toEqual([undefined, undefined]);
    expect(two.waitMs(call(0))).toBe(one.waitMs(call(0)));
    await clock.step(two.waitMs(call(0)));
    expect(two.takeNow(call(0))).toBeDefined();
  });

  it("never take more than the limit together in any stretch of sixty seconds, whatever the times", async () => {
    const home = await openHome();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.record({ afterMs: fc.nat(20_000), amount: fc.integer({ min: 1, max: 12 }), by: fc.nat(2) }), {
          minLength: 20,
          maxLength: 80,
        }),
        async (limit, asks) => {
          await Promise.all(["", "-wal", "-shm"].map((end) => rm(`${home.path}${end}`, { force: true })));
          const clock = steppedClock();
          const counts = [1, 2, 3].map(() => new SharedCounts({ path: home.path, clock, rng: systemRng }));
          const gates = counts.map((shared) => {
            return new RateGate([{ tokensPerMinute: limit, onLimit: "wait" }], clock, shared);
          });
          const taken: { atMs: number; amount: number }[] = [];
          for (const { afterMs, amount, by } of asks) {
            await clock.step(afterMs);
            if (gates[by]?.takeNow(call(amount))) taken.push({ atMs: clock.monotonicMs(), amount });
          }
          for (const shared of counts) shared.close();
          for (const { atMs } of taken) {
            const within = taken.filter((one) => one.atMs > atMs - 60_000 && one.atMs <= atMs);
            const sum = within.reduce((total, { amount }) => total + amount, 0);
            expect(within.length === 1 || sum <= limit).toBe(true);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it("see what a call really used, and go on when that was less", async () => {
    const clock = steppedClock();
    const { gate } = await openHome(clock);
    const [one, two] = [gate({ tokensPerMinute: 100 }), gate({ tokensPerMinute: 100 })];
    const ticket = one.takeNow(call(80));
    let isThrough = false;
    const waiting = two.take(call(50), hour, never).then(() => {
      isThrough = true;
    });
    await clock.step(inferLimits.rateLookMs);
    expect(isThrough).toBe(false);
    ticket?.used(20);
    await clock.step(inferLimits.rateLookMs);
    expect(isThrough).toBe(true);
    await waiting;
    expect(one.waitMs(call(31))).toBeGreaterThan(0);
    expect(one.waitMs(call(30))).toBe(0);
  });

  it("do not take a late correction for one of this minute's calls", async () => {
    const clock = steppedClock();
    const { gate } = await openHome(clock);
    const [one, two] = [gate({ tokensPerMinute: 100 }), gate({ tokensPerMinute: 100 })];
    const ticket = one.takeNow(call(90));
    await clock.step(62_000);
    expect(two.takeNow(call(90))).toBeDefined();
    ticket?.used(0);
    expect(two.waitMs(call(20))).toBeGreaterThan(0);
    expect(one.waitMs(call(20))).toBeGreaterThan(0);
  });

  it("count the estimate of one that was killed for its minute, and no longer", async () => {
    const clock = steppedClock();
    const { gate } = await openHome(clock);
    expect(gate({ tokensPerMinute: 100 }).takeNow(call(100))).toBeDefined();
    const next = gate({ tokensPerMinute: 100 });
    await clock.step(59_999);
    expect(next.waitMs(call(1))).toBeGreaterThan(0);
    await clock.step(next.waitMs(call(1)));
    expect(next.waitMs(call(100))).toBe(0);
  });

  it("meet where they limit the same, in whichever order and by whatever amount, and nowhere else", async () => {
    const { gate } = await openHome();
    const before = gate({ provider: "openai", requestsPerMinute: 2 }, { provider: "google", requestsPerMinute: 5 });
    for (let at = 0; at < 2; at += 1) expect(before.takeNow(call())).toBeDefined();
    const reordered = gate({ provider: "google", requestsPerMinute: 2 }, { provider: "openai", requestsPerMinute: 3 });
    expect(reordered.waitMs(call(0, { model: "google/gemini-2.5-flash" }))).toBe(0);
    expect(reordered.takeNow(call())).toBeDefined();
    expect(reordered.takeNow(call())).toBeUndefined();
    for (const other of [
      { requestsPerMinute: 1 },
      { provider: "openai", tokensPerMinute: 1 },
      { provider: "openai", each: "model", requestsPerMinute: 1 },
      { provider: "openai", key: "a", requestsPerMinute: 1 },
      { model: "openai/*", requestsPerMinute: 1 },
    ] as const) {
      expect(gate(other).waitMs(call(1))).toBe(0);
    }
  });

  it("believe what a provider says of its tokens within reason", async () => {
    const { path, gate, log } = await openHome();
    const one = gate({ tokensPerMinute: 100 });
    for (const tokens of [Number.NaN, -5, 1e300, Number.POSITIVE_INFINITY, 0.4]) one.takeNow(call(1))?.used(tokens);
    expect(rowsOf(path).map(({ amount }) => amount)).toEqual([inferLimits.rateTokensPerAttemptMax]);
    expect(log).toEqual([]);
  });
});

describe("a wall clock that was set back", () => {
  it("blocks no call: what lies in the future is forgotten", async () => {
    const clock = steppedClock();
    const { gate, path } = await openHome(clock);
    const [one, two] = [gate({ requestsPerMinute: 1 }), gate({ requestsPerMinute: 1 })];
    expect(one.takeNow(call())).toBeDefined();
    clock.jump(-hour);
    // This process measured that it has just sent one; others cannot know how long ago that was.
    expect(one.waitMs(call())).toBeGreaterThan(0);
    expect(one.waitMs(call())).toBeLessThanOrEqual(61_000);
    expect(two.takeNow(call())).toBeDefined();
    expect(rowsOf(path)).toHaveLength(1);
    await clock.step(62_000);
    expect(one.takeNow(call())).toBeDefined();
  });

  it("by no more than processes may differ changes nothing", async () => {
    const clock = steppedClock();
    const { gate } = await openHome(clock);
    const [one, two] = [gate({ requestsPerMinute: 1 }), gate({ requestsPerMinute: 1 })];
    expect(one.takeNow(call())).toBeDefined();
    clock.jump(-inferLimits.rateAheadMsMax);
    expect(two.waitMs(call())).toBeGreaterThan(60_000);
    clock.jump(-inferLimits.rateBucketMs);
    expect(two.waitMs(call())).toBe(0);
  });
});

describe("the file of the counts", () => {
  it("stays small, however many keys have a limit each", async () => {
    const clock = steppedClock();
    const { path, gate } = await openHome(clock);
    const one = gate({ each: "key", requestsPerMinute: 1 });
    const keys = 1_000;
    const sizes: number[] = [];
    for (let minutes = 0; minutes < 4; minutes += 1) {
      for (let at = 0; at < keys; at += 1) expect(one.takeNow(call(0, { key: `${at}` }))).toBeDefined();
      const database = new DatabaseSync(path);
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      database.close();
      sizes.push((await stat(path)).size);
      await clock.step(62_000);
    }
    expect(rowsOf(path)).toHaveLength(keys);
    expect(Math.max(...sizes)).toBeLessThan(2 * (sizes[0] ?? 0));
  });

  it("is not made where nothing is limited", async () => {
    const { path, gate } = await openHome();
    const one = gate({ provider: "google", requestsPerMinute: 1 });
    expect(one.takeNow(call())).toBeDefined();
    one.close();
    expect(await readdir(join(path, ".."))).toEqual([]);
  });

  it("stops no call while it is damaged: each process keeps to the limit by itself, and says so once", async () => {
    const clock = steppedClock();
    const { path, gate, log } = await openHome(clock);
    await writeFile(path, "this is not a database, and long enough that it could have been one".repeat(100));
    const [one, two] = [gate({ requestsPerMinute: 2 }), gate({ requestsPerMinute: 2 })];
    expect([1, 2, 3].map(() => one.takeNow(call()) !== undefined)).toEqual([true, true, false]);
    expect(one.waitMs(call())).toBeGreaterThan(0);
    await clock.step(inferLimits.rateFileRestMs);
    expect(one.takeNow(call())).toBeUndefined();
    expect(log).toEqual([expect.stringMatching(/^rates: .*rates\.db.* it can be deleted$/)]);
    await rm(path);
    // Not before it has rested, and then as if nothing had been.
    await clock.step(inferLimits.rateFileRestMs - 1);
    expect(two.takeNow(call())).toBeDefined();
    await clock.step(62_000);
    expect(one.takeNow(call())).toBeDefined();
    expect(log[1]).toBe("rates: rate_limits hold over all processes again");
    expect(two.takeNow(call())).toBeDefined();
    expect(two.takeNow(call())).toBeUndefined();
    expect(log).toHaveLength(2);
  });

  it("is made anew when a power cut has damaged it", async () => {
    const { path, gate, log } = await openHome();
    await writeFile(path, "this is not a database, and long enough that it could have been one".repeat(100));
    await utimes(path, 0, 0);
    const [one, two] = [gate({ requestsPerMinute: 1 }), gate({ requestsPerMinute: 1 })];
    expect([one.takeNow(call()) !== undefined, two.takeNow(call())]).toEqual([true, undefined]);
    expect(log).toEqual([]);
  });

  it("is waited for shortly while it is locked, and then left alone for a while", async () => {
    const clock = steppedClock();
    const { path, gate, log } = await openHome(clock);
    const [one, two] = [gate({ requestsPerMinute: 2 }), gate({ requestsPerMinute: 2 })];
    expect(one.takeNow(call())).toBeDefined();
    const holder = new DatabaseSync(path);
    holder.exec("BEGIN IMMEDIATE");
    expect(two.takeNow(call())).toBeDefined();
    expect(log).toEqual([
      expect.stringMatching(/rates\.db is locked by another process; until .* what it sends itself$/),
    ]);
    holder.exec("ROLLBACK");
    await clock.step(inferLimits.rateFileRestMs - 1);
    // Only what it sent itself counts so far.
    expect(two.waitMs(call())).toBe(0);
    await clock.step(1);
    expect(one.takeNow(call())).toBeDefined();
    expect(two.takeNow(call())).toBeUndefined();
    holder.close();
  });
});

describe("processes that wait", () => {
  /** Calls that are started at once at each gate; the order in which they went, by the gate's name. */
  async function race(clock: SteppedClock, gates: Record<string, RateGate>, callsEach: number, minutes: number) {
    const order: string[] = [];
    const all = Object.entries(gates).flatMap(([name, gate]) =>
      Array.from({ length: callsEach }, () => gate.take(call(), hour, never).then(() => order.push(name))),
    );
    for (let seconds = 0; seconds < minutes * 61; seconds += 1) await clock.step(1_000);
    await Promise.all(all);
    return order;
  }

  it("take turns, however little there is", async () => {
    const clock = steppedClock();
    const { gate } = await openHome(clock);
    const limit = { requestsPerMinute: 1 };
    expect(gate(limit).takeNow(call())).toBeDefined();
    const order = await race(clock, { one: gate(limit), two: gate(limit), three: gate(limit) }, 3, 9);
    for (let at = 0; at < 9; at += 3) expect(new Set(order.slice(at, at + 3)).size).toBe(3);
  });

  it("share what a minute has room for", async () => {
    const clock = steppedClock();
    const { gate } = await openHome(clock);
    const limit = { requestsPerMinute: 10 };
    const [one, two] = [gate(limit), gate(limit)];
    for (let at = 0; at < 10; at += 1) one.takeNow(call());
    const order = await race(clock, { one, two }, 10, 3);
    expect(order.slice(0, 10).filter((name) => name === "two")).toHaveLength(5);
  });

  it("are passed by no newcomer of another process, and not starved by smaller calls", async () => {
    const clock = steppedClock();
    const { gate } = await openHome(clock);
    const [one, two] = [gate({ tokensPerMinute: 100 }), gate({ tokensPerMinute: 100 })];
    expect(one.takeNow(call(60))).toBeDefined();
    const large = one.take(call(90), hour, never);
    await clock.step(inferLimits.rateLookMs);
    expect(two.waitMs(call(10))).toBeGreaterThan(0);
    expect(two.takeNow(call(10))).toBeUndefined();
    const order: string[] = [];
    const small = two.take(call(20), hour, never).then(() => order.push("small"));
    const done = large.then(() => order.push("large"));
    for (let seconds = 0; seconds < 130; seconds += 1) await clock.step(1_000);
    await Promise.all([done, small]);
    expect(order).toEqual(["large", "small"]);
  });

  it("do not wait for one another where they need several limits' room", async () => {
    const clock = steppedClock();
    const { gate } = await openHome(clock);
    const limits = [
      { each: "key", requestsPerMinute: 1 },
      { each: "model", requestsPerMinute: 1 },
      { requestsPerMinute: 3 },
    ] as const;
    const gates = [gate(...limits), gate(...limits), gate(...limits)];
    let done = 0;
    const waiting = gates.flatMap((one, at) =>
      [0, 1, 2].flatMap((key) =>
        [0, 1].map((model) =>
          one
            .take(call(0, { key: `${(key + at) % 3}`, model: `openai/${(model + at) % 2}` }), hour, never)
            .then(() => (done += 1)),
        ),
      ),
    );
    for (let seconds = 0; seconds < 20 * 61 && done < waiting.length; seconds += 1) await clock.step(1_000);
    expect(done).toBe(18);
    await Promise.all(waiting);
  });

  it("lose their turn when they are silent, and leave the line when they end", async () => {
    const [clock, stopped] = [steppedClock(), steppedClock()];
    const { path, gate } = await openHome(clock);
    const two = gate({ tokensPerMinute: 100 });
    expect(two.takeNow(call(60))).toBeDefined();
    const shared = new SharedCounts({ path, clock: stopped, rng: systemRng });
    const leave = new AbortController();
    const waiting = new RateGate([{ onLimit: "wait", tokensPerMinute: 100 }], stopped, shared)
      .take(call(90), hour, leave.signal)
      .catch(() => undefined);
    await stopped.step(0);
    await clock.step(inferLimits.rateSilentMsMax - 1);
    expect([two.takeNow(call(10)), two.waitMs(call(10))]).toEqual([undefined, 1]);
    await clock.step(1);
    expect(two.waitMs(call(10))).toBe(0);
    expect(two.takeNow(call(10))).toBeDefined();
    leave.abort();
    await waiting;
    await stopped.step(0);
    const database = new DatabaseSync(path);
    onTestFinished(() => database.close());
    expect(database.prepare("SELECT count(*) AS count FROM process").get()).toEqual({ count: 0 });
    expect(database.prepare("SELECT count(*) AS count FROM waiting").get()).toEqual({ count: 0 });
    shared.close();
  });
});
