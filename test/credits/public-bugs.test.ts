/**
 * Faults that other gateways and billing systems had in public, each as a test of ours. What the ledger rules out is here;
 * what is ruled out by how a call is run is tested with `infer`.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { systemRng } from "../../src/core/clock.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import { type Ledger, openLedger } from "../../src/credits/ledger.ts";
import { infer, keyCaller, temporaryLedger, usd } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";

const day = 86_400_000;
const key = keyCaller("key_1");

async function spend(ledger: Ledger, amount: string, more: Parameters<typeof infer>[1] = {}): Promise<string> {
  const hold = await ledger.reserve(infer(amount, more));
  await ledger.settle(hold.id, { actual: usd(amount) });
  return hold.id;
}

/** How many of the calls were let through. */
async function admitted(calls: readonly Promise<unknown>[]): Promise<number> {
  return (await Promise.allSettled(calls)).filter((call) => call.status === "fulfilled").length;
}

describe("limits that let through more than they said", () => {
  it("litellm#34732: concurrent calls of one session cannot all pass a check made before any of them counts", async () => {
    const { ledger } = await temporaryLedger();
    const budget = { scope: "session", limit: usd("1") };
    const calls = Array.from({ length: 20 }, () => ledger.reserve(infer("0.3", { budget })));
    expect(await admitted(calls)).toBe(3);
  });

  it("litellm#40095: the first calls of a key that was never seen are held to the budget like all others", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "workspace:default", window: "day", limit: usd("1") });
    const calls = Array.from({ length: 8 }, () => ledger.reserve(infer("0.4", { caller: keyCaller("never seen") })));
    expect(await admitted(calls)).toBe(2);
  });

  it("litellm#26672, #23714, #11083: a key past its budget is refused at once, in every process, until it is raised", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    const other = openLedger({ path, clock, rng: systemRng, background: false });
    onTestFinished(() => other.close());
    const limit = { scope: "key:key_1", window: "total" };
    await ledger.admin.setBudget({ ...limit, limit: usd("1") });
    const hold = await ledger.reserve(infer("1", { caller: key }));
    await ledger.settle(hold.id, { actual: usd("1.5") });
    for (const process of [ledger, other]) {
      await expect(process.reserve(infer("0.000000001", { caller: key }))).rejects.toMatchObject({
        code: "budget_exceeded",
      });
    }
    await other.admin.setBudget({ ...limit, limit: usd("2") });
    await ledger.reserve(infer("0.5", { caller: key }));
  });

  it("litellm#33923: a reservation that could not be made is never a pass, whatever the reason", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.close();
    await expect(ledger.reserve(infer("0.1"))).rejects.toMatchObject({ code: "unavailable" });
    await expect(ledger.reserve(infer("0"))).rejects.toMatchObject({ code: "unavailable" });
  });

  it("litellm#24682, #30661: a budget is one budget for all processes, not one for each", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "pool", window: "month", limit: usd("1") });
    const others = Array.from({ length: 3 }, () => openLedger({ path, clock, rng: systemRng, background: false }));
    onTestFinished(async () => {
      for (const other of others) await other.close();
    });
    const calls = [ledger, ...others].flatMap((process) => [1, 2, 3].map(() => process.reserve(infer("0.25"))));
    expect(await admitted(calls)).toBe(4);
  });

  it("litellm#34733: spending at the turn of a window is lost from neither", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "pool", window: "day", limit: usd("5") });
    clock.set(Date.UTC(2026, 10, 22, 23, 59, 59, 999));
    const before = await Promise.all([1, 2, 3].map(() => ledger.reserve(infer("1"))));
    clock.advance(1);
    const after = await Promise.all([1, 2].map(() => ledger.reserve(infer("1"))));
    await Promise.all([...before, ...after].map(({ id }) => ledger.settle(id, { actual: usd("1") })));
    expect(query(path, "SELECT spent FROM budget_window ORDER BY start")).toEqual([
      { spent: usd("3") },
      { spent: usd("2") },
    ]);
  });

  it("bifrost#2873, litellm#10750: no tool or route is outside of the budgets of its key", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "key:key_1", window: "day", limit: usd("1") });
    await spend(ledger, "0.9", { caller: key, charge: { tool: "sandbox.exec" } });
    for (const tool of ["infer", "sandbox.exec", "artifact.commit", "v1/chat/completions"]) {
      await expect(ledger.reserve(infer("0.2", { caller: key, charge: { tool } }))).rejects.toMatchObject({
        code: "budget_exceeded",
      });
    }
  });

  it("litellm#18554, lago-api#4985: no limit, grant or charge can be negative", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(infer("1"));
    const attempts = [
      () => ledger.admin.setBudget({ scope: "pool", window: "day", limit: -1n }),
      () => ledger.grant({ amount: -1n }),
      () => ledger.settle(hold.id, { actual: -1n }),
      () => ledger.reserve({ ...infer("1"), amount: -1n }),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("litellm#10973: models that cost nothing still answer when the money is gone", async () => {
    const { ledger } = await temporaryLedger({ initialGrant: usd("1") });
    const hold = await ledger.reserve(infer("1"));
    await ledger.settle(hold.id, { actual: usd("2") });
    await spend(ledger, "0");
  });

  it("Agenta#6341: a small balance is usable where the caller can do with less than the worst case", async () => {
    const { ledger } = await temporaryLedger({ initialGrant: usd("0.05") });
    expect(await ledger.reserve(infer("0.96", { atLeast: usd("0.01") }))).toMatchObject({ amount: usd("0.05") });
  });
});

describe("counters that said more than was spent", () => {
  it("litellm#27639: every way in which a call can end gives back what it had reserved", async () => {
    const { ledger, clock } = await temporaryLedger();
    const budget = { scope: "s", limit: usd("100") };
    await ledger.admin.setBudget({ scope: "pool", window: "total", limit: usd("100") });
    const [released, settled, twice, unsent, lost] = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => ledger.reserve(infer("1", { budget, dispatched: n === 5 }))),
    );
    await ledger.release(released?.id ?? "", "the provider failed");
    await ledger.settle(settled?.id ?? "", { actual: 0n });
    await Promise.allSettled([
      ledger.settle(twice?.id ?? "", { actual: 0n }),
      ledger.release(twice?.id ?? "", "cancelled as well"),
    ]);
    expect(unsent?.state).toBe("held");
    clock.advance(day);
    await ledger.recover();
    await ledger.settle(lost?.id ?? "", { actual: 0n });
    expect(await ledger.balance(localCaller)).toMatchObject({ available: usd("10"), held: 0n, spent: 0n });
    for (const limit of (await ledger.report(localCaller, {})).limits)
      expect(limit).toMatchObject({ held: 0n, spent: 0n });
  });

  it("litellm#35569: a clean-up that fails and is tried again does not count twice", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    const hold = await ledger.reserve(infer("2"));
    const answers = await Promise.all([
      ledger.settle(hold.id, { actual: usd("1") }),
      ledger.settle(hold.id, { actual: usd("1") }),
      ledger.release(hold.id, "clean-up").then(() => undefined),
    ]);
    expect(answers.filter((answer) => answer?.first)).toHaveLength(1);
    expect(await ledger.balance(localCaller)).toMatchObject({ held: 0n, spent: usd("1") });
    expect(auditLedger(path, clock).problems).toEqual([]);
  });

  it("litellm#35570, #40050, #27735: what is enforced is what was recorded, also after a restart in the middle of calls", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "key:key_1", window: "month", limit: usd("5") });
    await spend(ledger, "1", { caller: key });
    const running = await ledger.reserve(infer("1", { caller: key, dispatched: true }));
    await ledger.close();
    const reopened = openLedger({ path, clock, rng: systemRng, background: false });
    onTestFinished(() => reopened.close());
    await reopened.settle(running.id, { actual: usd("0.5") });
    const [budget] = await reopened.admin.budgets();
    expect(budget).toMatchObject({ spent: usd("1.5"), held: 0n });
    const { breakdown } = await reopened.report(key, { by: "key" });
    expect(breakdown).toMatchObject([{ name: "key_1", spent: usd("1.5") }]);
    await reopened.reserve(infer("3.5", { caller: key }));
    await expect(reopened.reserve(infer("0.000000001", { caller: key }))).rejects.toMatchObject({
      code: "budget_exceeded",
    });
  });

  it("bifrost#5770: how much of a budget is used is exact", async () => {
    const { ledger } = await temporaryLedger({ initialGrant: usd("200") });
    await ledger.admin.setBudget({ scope: "pool", window: "day", limit: usd("15") });
    await ledger.admin.setBudget({ scope: "pool", window: "month", limit: usd("100") });
    const hold = await ledger.reserve(infer("0.4"));
    const { warnings } = await ledger.settle(hold.id, { actual: usd("0.4") });
    expect(warnings).toEqual([]);
    expect((await ledger.report(localCaller, {})).limits.map(({ spent, limit }) => (spent * 10_000n) / limit)).toEqual([
      266n,
      40n,
    ]);
  });

  it("llmgateway#3505: no guess is more than was reserved for the call", async () => {
    const { ledger, clock } = await temporaryLedger();
    await ledger.reserve(infer("0.25", { dispatched: true }));
    clock.advance(day);
    await ledger.recover();
    expect(await ledger.balance(localCaller)).toMatchObject({ spent: usd("0.25") });
  });
});

describe("costs that were lost", () => {
  it("litellm#35568, #14457, PR #33736, pollinations#5594: a stream whose process dies is charged what it had delivered", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    const hold = await ledger.reserve(infer("1", { dispatched: true }));
    await ledger.progress(hold.id, usd("0.3"));
    await ledger.close();
    clock.advance(day);
    const next = openLedger({ path, clock, rng: systemRng, background: false });
    onTestFinished(() => next.close());
    await next.recover();
    expect(await next.balance(localCaller)).toMatchObject({ spent: usd("0.3") });
  });

  it("litellm PR #36008, Floway#66, bifrost#6972: what a drained stream turns out to cost is charged when it is known", async () => {
    const { ledger, clock } = await temporaryLedger();
    const hold = await ledger.reserve(infer("1", { dispatched: true }));
    await ledger.progress(hold.id, usd("0.3"));
    clock.advance(day);
    await ledger.recover();
    expect(await ledger.settle(hold.id, { actual: usd("0.45") })).toMatchObject({ first: true });
    expect(await ledger.balance(localCaller)).toMatchObject({ spent: usd("0.45") });
  });

  it("litellm PR #37558, #37992: a cost of zero is zero, not a cost that is missing", async () => {
    const { ledger, clock } = await temporaryLedger();
    const hold = await ledger.reserve(infer("1", { dispatched: true }));
    expect(await ledger.settle(hold.id, { actual: 0n })).toMatchObject({ actual: 0n, first: true });
    clock.advance(day);
    await ledger.recover();
    expect(await ledger.balance(localCaller)).toMatchObject({ available: usd("10"), spent: 0n });
  });

  it("litellm PR #37927: a success without a price cannot be settled as if it were free", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(infer("1", { dispatched: true }));
    await expect(ledger.settle(hold.id, {} as { actual: bigint })).rejects.toMatchObject({ code: "invalid_request" });
    expect(await ledger.balance(localCaller)).toMatchObject({ held: usd("1") });
  });

  it("litellm#28376, #39749, #35563: ids of providers and clients that repeat drop no record of a call", async () => {
    const { ledger, path } = await temporaryLedger();
    const charge = { tool: "infer", metadata: { provider_id: "chatcmpl-213" } };
    for (const caller of [localCaller, key, keyCaller("key_2")]) {
      await spend(ledger, "0.1", { caller, charge, idempotencyKey: "None" });
    }
    for (let count = 0; count < 3; count++) await spend(ledger, "0.1", { charge });
    expect(query(path, "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM hold WHERE state = 'settled'")).toEqual([
      { n: 6n, ids: 6n },
    ]);
    expect(await ledger.balance(localCaller)).toMatchObject({ spent: usd("0.6") });
  });

  it("octos#1533, pdd#509, wuphf#826: attempts that failed and were billed are in what their call cost", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(infer("1", { dispatched: true }));
    const attempts = [usd("0.02"), usd("0"), usd("0.3")];
    const actual = attempts.reduce((sum, cost) => sum + cost, 0n);
    expect(await ledger.settle(hold.id, { actual })).toMatchObject({ actual: usd("0.32") });
  });
});

describe("charges that were made twice", () => {
  it("litellm#17814, macprovider#762: asking for a result again, or trying again, is not another call", async () => {
    const { ledger } = await temporaryLedger();
    const request = infer("1", { idempotencyKey: "gen_1", requestHash: "h" });
    const holds = await Promise.all(Array.from({ length: 5 }, () => ledger.reserve(request)));
    expect(new Set(holds.map((hold) => hold.id)).size).toBe(1);
    expect(holds.filter((hold) => !hold.replayed)).toHaveLength(1);
    await Promise.all(holds.map((hold) => ledger.settle(hold.id, { actual: usd("0.5") })));
    expect(await ledger.reserve(request)).toMatchObject({ state: "settled", replayed: true });
    expect(await ledger.balance(localCaller)).toMatchObject({ held: 0n, spent: usd("0.5") });
  });

  it("lobster#134, AssemblyZero#2427: retries inside of retries draw on one reservation and cannot multiply it", async () => {
    const { ledger } = await temporaryLedger();
    const layers = [1, 2, 3].flatMap(() => [1, 2, 3].map(() => ledger.reserve(infer("1", { idempotencyKey: "task" }))));
    await Promise.all(layers);
    expect(await ledger.balance(localCaller)).toMatchObject({ held: usd("1") });
  });

  it("freellmapi#1094: the same key for another request is a conflict, not the first one's answer", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.reserve(infer("1", { idempotencyKey: "k", requestHash: "one" }));
    await expect(ledger.reserve(infer("1", { idempotencyKey: "k", requestHash: "two" }))).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("lago-api#2542: money that was held is deducted when it is held, not once more when it is spent", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(infer("4"));
    expect((await ledger.balance(localCaller)).available).toBe(usd("6"));
    await ledger.settle(hold.id, { actual: usd("4") });
    expect((await ledger.balance(localCaller)).available).toBe(usd("6"));
  });

  it("lago-api#4642, #4641: what is taken from grants is what the call was charged, to the nano-dollar", async () => {
    const { ledger, path } = await temporaryLedger({ initialGrant: 0n });
    for (const amount of ["0.000000001", "14.284449991", "0.333333333"]) await ledger.grant({ amount: usd(amount) });
    const hold = await ledger.reserve(infer("14.617783325"));
    await ledger.settle(hold.id, { actual: usd("14.617783324") });
    expect(query(path, "SELECT sum(used) AS used FROM credit_grant")).toEqual([{ used: usd("14.617783324") }]);
    expect(await ledger.balance(localCaller)).toMatchObject({ available: 1n, spent: usd("14.617783324") });
  });

  it("matrix-os#1459, PageSpace#1497: a late settlement takes no money that has expired in the meantime", async () => {
    const { ledger, path, clock } = await temporaryLedger({ initialGrant: 0n });
    await ledger.grant({ amount: usd("1"), expiresAt: clock.now() + 1_000, note: "ends" });
    await ledger.grant({ amount: usd("5"), note: "stays" });
    const hold = await ledger.reserve(infer("0.5", { dispatched: true }));
    clock.advance(day);
    // What was reserved while the grant was good is paid by it; what comes on top is not.
    await ledger.settle(hold.id, { actual: usd("0.9") });
    expect(query(path, "SELECT note, used, expired FROM credit_grant ORDER BY seq")).toEqual([
      { note: "ends", used: usd("0.5"), expired: usd("0.5") },
      { note: "stays", used: usd("0.4"), expired: 0n },
    ]);
  });
});
