import { describe, expect, it, onTestFinished } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { systemRng } from "../../src/core/clock.ts";
import { creditLimits } from "../../src/core/limits.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import { type Ledger, type LedgerOptions, openLedger } from "../../src/credits/ledger.ts";
import type { LostHold } from "../../src/credits/recovery.ts";
import type { HandClock } from "../support/hand-clock.ts";
import { infer, temporaryLedger, usd } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";

const { holdLeaseMs, ownerSilenceMsMax, ownerLostMs, ownerBeatMs } = creditLimits;

/** A ledger whose process has died with calls in flight, and another that is there to clean up. */
async function survivors(options: Partial<LedgerOptions> = {}): Promise<{
  dead: Ledger;
  alive: Ledger;
  path: string;
  clock: HandClock;
}> {
  const { ledger: dead, path, clock } = await temporaryLedger();
  const alive = openLedger({ path, clock, rng: systemRng, background: false, ...options });
  onTestFinished(async () => {
    await alive.close();
    expect(auditLedger(path, clock).problems).toEqual([]);
  });
  return { dead, alive, path, clock };
}

const reasonOf = (path: string, id: string) =>
  query(path, "SELECT state, reason, unreconciled FROM hold WHERE id = ?", id)[0];

describe("recovery", () => {
  it("gives back at once what a dead process had not sent, and keeps what it had", async () => {
    const { dead, alive, path, clock } = await survivors();
    const unsent = await dead.reserve(infer("1"));
    await dead.reserve(infer("2", { dispatched: true }));
    clock.advance(ownerSilenceMsMax);
    expect(await alive.recover()).toEqual({ unsent: 0, known: 0, guessed: 0 });
    clock.advance(1);
    expect(await alive.recover()).toEqual({ unsent: 1, known: 0, guessed: 0 });
    expect(reasonOf(path, unsent.id)).toEqual({ state: "expired", reason: "never sent", unreconciled: 0n });
    expect(await alive.balance(localCaller)).toMatchObject({ held: usd("2"), spent: 0n });
    await expect(dead.dispatch(unsent.id)).rejects.toMatchObject({ code: "conflict", retryable: true });
  });

  it("leaves the holds of a process that beats alone, also after it was stopped for long", async () => {
    const { dead: busy, alive, clock } = await survivors();
    await busy.reserve(infer("1"));
    for (let minute = 0; minute < 14; minute++) {
      clock.advance(60_000);
      await busy.recover();
      expect(await alive.recover()).toEqual({ unsent: 0, known: 0, guessed: 0 });
    }
    clock.advance(60_000);
    expect(await alive.recover()).toEqual({ unsent: 1, known: 0, guessed: 0 });
  });

  it("does not write a beat for a process that holds nothing", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    const hold = await ledger.reserve(infer("1"));
    await ledger.release(hold.id, "done");
    const beats = () => query(path, "SELECT beat_at FROM owner");
    const before = beats();
    clock.advance(ownerBeatMs);
    await ledger.recover();
    expect(beats()).toEqual(before);
  });

  it("ends every hold when its lease is over, whoever owns it", async () => {
    const { dead: owner, clock, path } = await survivors();
    const short = await owner.reserve(infer("1", { leaseMs: 5_000 }));
    const long = await owner.reserve(infer("1"));
    clock.advance(5_000);
    expect(await owner.recover()).toEqual({ unsent: 1, known: 0, guessed: 0 });
    clock.advance(holdLeaseMs - 5_000);
    expect(await owner.recover()).toEqual({ unsent: 1, known: 0, guessed: 0 });
    for (const { id } of [short, long]) expect(reasonOf(path, id)).toMatchObject({ state: "expired" });
  });

  it("charges a lost stream what it had delivered, and marks it", async () => {
    const { dead, alive, path, clock } = await survivors();
    const hold = await dead.reserve(infer("3", { dispatched: true }));
    await dead.progress(hold.id, usd("0.7"));
    await dead.progress(hold.id, usd("0.6"));
    clock.advance(ownerLostMs + 1);
    expect(await alive.recover()).toEqual({ unsent: 0, known: 0, guessed: 1 });
    expect(reasonOf(path, hold.id)).toEqual({
      state: "expired",
      reason: "lost: charged what had been delivered",
      unreconciled: 1n,
    });
    expect(await alive.balance(localCaller)).toMatchObject({ held: 0n, spent: usd("0.7") });
    expect(await alive.admin.unreconciled()).toMatchObject([{ id: hold.id, held: usd("3"), charged: usd("0.7") }]);
  });

  it.each([
    ["charge_estimate", "3"],
    ["release", "0"],
  ] as const)("of a call of unknown cost follows the policy %s", async (unknownCost, charged) => {
    const { dead, alive, clock } = await survivors({ unknownCost });
    await dead.reserve(infer("3", { dispatched: true }));
    clock.advance(ownerLostMs + 1);
    expect(await alive.recover()).toEqual({ unsent: 0, known: 0, guessed: 1 });
    expect(await alive.balance(localCaller)).toMatchObject({ held: 0n, spent: usd(charged) });
    expect(await alive.admin.unreconciled()).toHaveLength(1);
  });

  it("asks who may know the cost before it guesses, and guesses when the answer fails", async () => {
    const asked: LostHold[] = [];
    const lookUpCost = async (hold: LostHold) => {
      asked.push(hold);
      if (hold.idempotencyKey === "known") return { actual: usd("0.25") };
      throw new Error("the provider does not answer");
    };
    const { dead, alive, clock } = await survivors({ lookUpCost });
    const charge = { tool: "infer", provider: "openai", model: "openai/m", metadata: { generation: "gen_1" } };
    await dead.reserve(infer("1", { dispatched: true, idempotencyKey: "known", charge }));
    await dead.reserve(infer("2", { dispatched: true, idempotencyKey: "unknown/with/slashes" }));
    clock.advance(ownerLostMs + 1);
    expect(await alive.recover()).toEqual({ unsent: 0, known: 1, guessed: 1 });
    expect(asked.map((hold) => hold.idempotencyKey)).toEqual(["known", "unknown/with/slashes"]);
    expect(asked[0]).toMatchObject({ charge, amount: usd("1"), workspace: "default", key: null });
    expect(await alive.balance(localCaller)).toMatchObject({ held: 0n, spent: usd("2.25") });
  });

  it("lets another process take over a call and finish it", async () => {
    const { dead, alive, clock } = await survivors();
    const hold = await dead.reserve(infer("1", { dispatched: true }));
    clock.advance(ownerLostMs);
    await alive.adopt(hold.id);
    clock.advance(ownerLostMs);
    expect(await alive.recover()).toEqual({ unsent: 0, known: 0, guessed: 0 });
    expect(await alive.settle(hold.id, { actual: usd("0.5") })).toMatchObject({ first: true });
    await expect(dead.adopt(hold.id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("may run in many processes at once and still ends each hold once", async () => {
    const { dead, alive, path, clock } = await survivors();
    for (let count = 0; count < 20; count++) await dead.reserve(infer("0.1", { dispatched: count % 2 === 0 }));
    const others = Array.from({ length: 3 }, () => openLedger({ path, clock, rng: systemRng, background: false }));
    clock.advance(ownerLostMs + 1);
    const found = await Promise.all([alive, ...others].map((ledger) => ledger.recover()));
    for (const other of others) await other.close();
    expect(found.reduce((sum, { unsent }) => sum + unsent, 0)).toBe(10);
    expect(found.reduce((sum, { guessed }) => sum + guessed, 0)).toBe(10);
    expect(query(path, "SELECT count(*) AS n FROM entry WHERE kind IN ('settle', 'expire')")).toEqual([{ n: 20n }]);
  });

  it("runs by itself", async () => {
    const { ledger, path } = await temporaryLedger();
    const hold = await ledger.reserve(infer("1", { leaseMs: 1 }));
    let line = (_text: string): void => undefined;
    const logged = new Promise<string>((resolve) => {
      line = resolve;
    });
    // The period's random start is at its very beginning.
    const rng = { ...systemRng, fraction: () => 0 };
    const clock = {
      ...systemRng,
      now: () => Date.UTC(2027, 0),
      monotonicMs: () => performance.now(),
      sleep: async () => undefined,
    };
    const other = openLedger({ path, clock, rng, log: (text) => line(text) });
    expect(await logged).toBe('recovered 1 lost calls: {"unsent":1,"known":0,"guessed":0}');
    await other.close();
    expect(reasonOf(path, hold.id)).toMatchObject({ state: "expired" });
  });
});

describe("a settlement that comes after its hold ran out", () => {
  async function expired(actual: "more" | "less"): Promise<Awaited<ReturnType<typeof survivors>> & { id: string }> {
    const found = await survivors({ unknownCost: actual === "less" ? "charge_estimate" : "release" });
    await found.alive.admin.setBudget({ scope: "pool", window: "total", limit: usd("9") });
    const hold = await found.dead.reserve(infer("3", { dispatched: true, budget: { scope: "s", limit: usd("5") } }));
    found.clock.advance(ownerLostMs + 1);
    await found.alive.recover();
    return { ...found, id: hold.id };
  }

  it("is accepted once, and charges what was spent", async () => {
    const { dead, alive, path, id } = await expired("more");
    expect(await alive.balance(localCaller)).toMatchObject({ spent: 0n });
    expect(await dead.settle(id, { actual: usd("2") })).toMatchObject({ actual: usd("2"), overage: 0n, first: true });
    expect(await dead.settle(id, { actual: usd("1") })).toMatchObject({ actual: usd("2"), first: false });
    expect(await alive.balance(localCaller)).toMatchObject({ held: 0n, spent: usd("2") });
    expect(query(path, "SELECT kind FROM entry WHERE hold = 1 ORDER BY seq")).toEqual([
      { kind: "reserve" },
      { kind: "expire" },
      { kind: "late_settle" },
    ]);
    expect(await alive.admin.unreconciled()).toEqual([]);
    expect(await alive.admin.budgets()).toMatchObject([{ spent: usd("2"), held: 0n }]);
  });

  it("gives back what the guess had charged too much", async () => {
    const { dead, alive, id } = await expired("less");
    expect(await alive.balance(localCaller)).toMatchObject({ spent: usd("3") });
    await dead.settle(id, { actual: usd("0.5") });
    expect(await alive.balance(localCaller)).toMatchObject({ available: usd("9.5"), held: 0n, spent: usd("0.5") });
    expect(await alive.admin.budgets()).toMatchObject([{ spent: usd("0.5") }]);
    const { breakdown } = await alive.report(localCaller, { by: "tool" });
    expect(breakdown).toEqual([{ name: "infer", calls: 1, spent: usd("0.5"), list: usd("0.5") }]);
  });

  it("of nothing, by a release, takes the guess back", async () => {
    const { dead, alive, id } = await expired("less");
    await dead.release(id, "the provider never got it");
    expect(await alive.balance(localCaller)).toMatchObject({ available: usd("10"), spent: 0n });
    expect(await alive.admin.unreconciled()).toEqual([]);
    expect((await alive.report(localCaller, { by: "tool" })).breakdown).toMatchObject([{ calls: 0, spent: 0n }]);
  });

  it("of more than the guess and more than there is leaves a debt, for the money is gone", async () => {
    const { dead, alive, id } = await expired("less");
    expect(await dead.settle(id, { actual: usd("12") })).toMatchObject({ actual: usd("12"), overage: usd("9") });
    expect(await alive.balance(localCaller)).toMatchObject({ available: -usd("2"), spent: usd("12") });
  });

  it("can be made by hand, also when the guess was refunded before", async () => {
    const { alive, id } = await expired("less");
    await alive.admin.refund(id, usd("1"));
    expect(await alive.balance(localCaller)).toMatchObject({ spent: usd("2") });
    await alive.admin.reconcile(id, usd("2.5"));
    expect(await alive.balance(localCaller)).toMatchObject({ spent: usd("2.5") });
    expect(await alive.admin.unreconciled()).toEqual([]);
  });
});

describe("a clock that jumps back", () => {
  it("does not keep holds longer than their lease, nor end them early", async () => {
    const { dead: ledger, clock } = await survivors();
    await ledger.reserve(infer("1", { leaseMs: 60_000 }));
    clock.advance(-10 * 86_400_000);
    for (let step = 0; step < 5; step++) {
      clock.advance(10_000);
      expect(await ledger.recover()).toEqual({ unsent: 0, known: 0, guessed: 0 });
    }
    clock.advance(20_000);
    expect(await ledger.recover()).toEqual({ unsent: 1, known: 0, guessed: 0 });
  });

  it("brings no expired grant back, and is told of by the audit", async () => {
    const { ledger, path, clock } = await temporaryLedger({ initialGrant: 0n });
    await ledger.grant({ amount: usd("1"), expiresAt: clock.now() + 1_000 });
    clock.advance(1_000);
    expect(await ledger.balance(localCaller)).toMatchObject({ available: 0n, expired: usd("1") });
    clock.advance(-3_600_000);
    expect(await ledger.balance(localCaller)).toMatchObject({ available: 0n, expired: usd("1") });
    await ledger.grant({ amount: usd("2") });
    const { ok, notes } = auditLedger(path, clock);
    expect(ok).toBe(true);
    expect(notes[0]).toContain("the clock went back");
  });
});
