import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { formatErrorLine, type SwitchyardError, toErrorFacts } from "../../src/core/errors.ts";
import { creditLimits } from "../../src/core/limits.ts";
import { infer, keyCaller, temporaryLedger, usd } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";

const refusal = (promise: Promise<unknown>): Promise<SwitchyardError> =>
  promise.then(
    () => {
      throw new Error("it was not refused");
    },
    (error) => error as SwitchyardError,
  );

describe("a reservation", () => {
  it("moves money from available to held, and settling moves what was used to spent and the rest back", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(infer("4"));
    expect(hold).toMatchObject({ amount: usd("4"), state: "held", replayed: false });
    expect(await ledger.balance(localCaller)).toMatchObject({ available: usd("6"), held: usd("4"), spent: 0n });
    expect(await ledger.settle(hold.id, { actual: usd("1.5") })).toEqual({
      actual: usd("1.5"),
      overage: 0n,
      first: true,
      warnings: [],
    });
    expect(await ledger.balance(localCaller)).toEqual({
      granted: usd("10"),
      available: usd("8.5"),
      held: 0n,
      spent: usd("1.5"),
      expired: 0n,
    });
  });

  it("takes the pool down to the last nano-dollar and not one further", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.reserve(infer("9.999999999"));
    await ledger.reserve(infer("0.000000001"));
    expect(await ledger.affordable(localCaller)).toBe(0n);
    expect((await refusal(ledger.reserve(infer("0.000000001")))).code).toBe("insufficient_credits");
  });

  it("is refused with what was needed, what there is, what is held and how to raise it", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.reserve(infer("9"));
    const error = await refusal(ledger.reserve(infer("2.5")));
    expect(formatErrorLine(toErrorFacts(error))).toBe(
      "insufficient_credits: this call could cost up to $2.5 and the pool has $1 available. Add credit with " +
        "`switchyard credits grant 10`, or ask for less output or a cheaper model, or wait for running calls, which hold $9.",
    );
    expect(error.retryable).toBe(true);
    expect(error.details).toEqual({ scope: "pool", needed: "2.5", available: "1", held: "9", spent: "0" });
  });

  it("is not called retryable when waiting cannot help", async () => {
    const { ledger } = await temporaryLedger();
    const error = await refusal(ledger.reserve(infer("25")));
    expect(error.retryable).toBe(false);
    expect(error.next).toContain("`switchyard credits grant 16`");
  });

  it("of zero passes on an empty pool and leaves a record of both ends", async () => {
    const { ledger, path } = await temporaryLedger({ initialGrant: 0n });
    const hold = await ledger.reserve(infer("0"));
    await ledger.settle(hold.id, { actual: 0n, list: usd("0.25") });
    expect(query(path, "SELECT kind, amount FROM entry ORDER BY seq")).toEqual([
      { kind: "reserve", amount: 0n },
      { kind: "settle", amount: 0n },
    ]);
    const { breakdown } = await ledger.report(localCaller, { by: "tool" });
    expect(breakdown).toEqual([{ name: "infer", calls: 1, spent: 0n, list: usd("0.25") }]);
  });

  it("takes what there is when it says how little is enough", async () => {
    const { ledger } = await temporaryLedger({ initialGrant: usd("1") });
    expect(await ledger.reserve(infer("0.7", { atLeast: usd("0.1") }))).toMatchObject({ amount: usd("0.7") });
    expect(await ledger.reserve(infer("0.7", { atLeast: usd("0.1") }))).toMatchObject({ amount: usd("0.3") });
    expect((await refusal(ledger.reserve(infer("0.7", { atLeast: usd("0.1") })))).details).toMatchObject({
      needed: "0.1",
      available: "0",
    });
  });
});

describe("an idempotency key", () => {
  it("may say how much it takes once it is told how much there is, and nobody else is told of the same money", async () => {
    const { ledger } = await temporaryLedger();
    const key = keyCaller("key_1");
    await ledger.admin.setBudget({ scope: "key:key_1", window: "day", limit: usd("3") });
    const half = { ...infer("0"), amount: (available: bigint) => available / 2n };
    const holds = await Promise.all([half, half, { ...half, caller: key }].map((one) => ledger.reserve(one)));
    expect(holds.map(({ amount }) => amount)).toEqual([usd("5"), usd("2.5"), usd("1.25")]);
    expect((await ledger.reserve({ ...half, caller: key })).amount).toBe(usd("0.625"));
    const tooMuch = { ...half, amount: (available: bigint) => available + 1n };
    expect((await refusal(ledger.reserve(tooMuch))).code).toBe("insufficient_credits");
  });

  it("finds the first hold again, in whatever state it is, without holding twice", async () => {
    const { ledger } = await temporaryLedger();
    const first = await ledger.reserve(infer("3", { idempotencyKey: "a", requestHash: "h" }));
    const again = await ledger.reserve(infer("3", { idempotencyKey: "a", requestHash: "h" }));
    expect(again).toEqual({ ...first, replayed: true });
    await ledger.settle(first.id, { actual: usd("1") });
    expect(await ledger.reserve(infer("3", { idempotencyKey: "a", requestHash: "h" }))).toMatchObject({
      id: first.id,
      state: "settled",
      replayed: true,
    });
    expect(await ledger.balance(localCaller)).toMatchObject({ held: 0n, spent: usd("1") });
  });

  it("with another request is a conflict", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.reserve(infer("3", { idempotencyKey: "a", requestHash: "one" }));
    const error = await refusal(ledger.reserve(infer("3", { idempotencyKey: "a", requestHash: "two" })));
    expect(error.code).toBe("conflict");
  });

  it("of one caller says nothing about the same key of another", async () => {
    const { ledger } = await temporaryLedger();
    const first = await ledger.reserve(infer("1", { idempotencyKey: "a", caller: keyCaller("key_1") }));
    const second = await ledger.reserve(infer("1", { idempotencyKey: "a", caller: keyCaller("key_2") }));
    expect(second.replayed).toBe(false);
    expect(second.id).not.toBe(first.id);
  });

  it("whose first request was refused is free to try again", async () => {
    const { ledger } = await temporaryLedger({ initialGrant: usd("1") });
    await refusal(ledger.reserve(infer("2", { idempotencyKey: "a" })));
    await ledger.grant({ amount: usd("5") });
    expect(await ledger.reserve(infer("2", { idempotencyKey: "a" }))).toMatchObject({ replayed: false });
  });
});

describe("a settlement", () => {
  it("has one winner; the others get its answer", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(infer("2"));
    const answers = await Promise.all(
      ["0.5", "0.6", "0.7"].map((actual) => ledger.settle(hold.id, { actual: usd(actual) })),
    );
    expect(answers.map((answer) => answer.first)).toEqual([true, false, false]);
    expect(answers.map((answer) => answer.actual)).toEqual(Array(3).fill(usd("0.5")));
    expect(await ledger.balance(localCaller)).toMatchObject({ held: 0n, spent: usd("0.5") });
  });

  it("of more than was held charges the rest in the same step", async () => {
    const { ledger, path } = await temporaryLedger();
    const hold = await ledger.reserve(infer("2"));
    expect(await ledger.settle(hold.id, { actual: usd("2.25") })).toEqual({
      actual: usd("2.25"),
      overage: usd("0.25"),
      first: true,
      warnings: [],
    });
    expect(query(path, "SELECT kind, amount FROM entry WHERE hold IS NOT NULL ORDER BY seq")).toEqual([
      { kind: "reserve", amount: usd("2") },
      { kind: "settle", amount: usd("2") },
      { kind: "overage", amount: usd("0.25") },
    ]);
  });

  it("of more than there is leaves a debt that stops new calls and that the next grant pays first", async () => {
    const { ledger } = await temporaryLedger({ initialGrant: usd("1") });
    const hold = await ledger.reserve(infer("1"));
    await ledger.settle(hold.id, { actual: usd("1.75") });
    expect(await ledger.balance(localCaller)).toMatchObject({ available: -usd("0.75"), spent: usd("1.75") });
    expect((await refusal(ledger.reserve(infer("0.01")))).details).toMatchObject({ available: "-0.75" });
    const { balance } = await ledger.grant({ amount: usd("2") });
    expect(balance).toEqual({
      granted: usd("3"),
      available: usd("1.25"),
      held: 0n,
      spent: usd("1.75"),
      expired: 0n,
    });
    expect(await ledger.affordable(localCaller)).toBe(usd("1.25"));
  });

  it("does not follow a release, nor a release a settlement", async () => {
    const { ledger } = await temporaryLedger();
    const released = await ledger.reserve(infer("1"));
    await ledger.release(released.id, "the provider refused");
    expect(await ledger.settle(released.id, { actual: usd("1") })).toEqual({
      actual: 0n,
      overage: 0n,
      first: false,
      warnings: [],
    });
    const settled = await ledger.reserve(infer("1"));
    await ledger.settle(settled.id, { actual: usd("1") });
    await ledger.release(settled.id, "too late");
    expect(await ledger.balance(localCaller)).toMatchObject({ available: usd("9"), held: 0n, spent: usd("1") });
  });

  it("of an unknown hold is an error that says so", async () => {
    const { ledger } = await temporaryLedger();
    expect((await refusal(ledger.settle("hold_nothing", { actual: 1n }))).code).toBe("not_found");
  });
});

describe("a hold that has ended", () => {
  it("must not be dispatched", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(infer("1"));
    await ledger.dispatch(hold.id);
    await ledger.release(hold.id, "cancelled");
    expect((await refusal(ledger.dispatch(hold.id))).code).toBe("conflict");
    await ledger.progress(hold.id, 5n);
  });
});

describe("a budget given in the call", () => {
  const session = { scope: "session-1", limit: usd("1") };

  it("limits all calls of its scope together, and only those of the same caller", async () => {
    const { ledger } = await temporaryLedger();
    const first = await ledger.reserve(infer("0.6", { budget: session }));
    const error = await refusal(ledger.reserve(infer("0.6", { budget: session })));
    expect(error.message).toBe(
      'the budget of "session-1", which this call names, is $1: $0 is spent and $0.6 held, which leaves $0.4 where this call could cost up to $0.6',
    );
    expect(error.details).toMatchObject({
      scope: "call:session-1",
      limit: "1",
      held: "0.6",
      needed: "0.6",
      resets_at: null,
    });
    await ledger.reserve(infer("0.6", { budget: session, caller: keyCaller("key_1") }));
    await ledger.settle(first.id, { actual: usd("0.2") });
    await ledger.reserve(infer("0.8", { budget: session }));
    expect(await ledger.affordable(localCaller, session)).toBe(0n);
    expect(await ledger.affordable(localCaller)).toBe(usd("8.4"));
  });

  it("shows in the caller's report and in nobody else's", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.reserve(infer("0.6", { budget: session }));
    expect((await ledger.report(localCaller, {})).limits).toEqual([
      { scope: "call:session-1", window: "total", limit: usd("1"), spent: 0n, held: usd("0.6"), resetsAt: null },
    ]);
    expect((await ledger.report(keyCaller("key_1"), {})).limits).toEqual([]);
  });
});

describe("a report", () => {
  it("breaks down a key's own spending and the whole workspace for its owner", async () => {
    const { ledger } = await temporaryLedger();
    const spend = async (key: string, model: string, actual: string) => {
      const hold = await ledger.reserve(
        infer("1", { caller: keyCaller(key), charge: { tool: "infer", provider: "openai", model } }),
      );
      await ledger.settle(hold.id, { actual: usd(actual) });
    };
    await spend("key_1", "openai/a", "0.1");
    await spend("key_2", "openai/b", "0.2");
    await spend("key_2", "openai/b", "0.3");
    expect((await ledger.report(keyCaller("key_1"), { by: "model" })).breakdown).toEqual([
      { name: "openai/a", calls: 1, spent: usd("0.1"), list: usd("0.1") },
    ]);
    expect((await ledger.report(localCaller, { by: "key" })).breakdown).toEqual([
      { name: "key_2", calls: 2, spent: usd("0.5"), list: usd("0.5") },
      { name: "key_1", calls: 1, spent: usd("0.1"), list: usd("0.1") },
    ]);
    expect((await ledger.report(keyCaller("key_2", "elsewhere"), { by: "model" })).breakdown).toEqual([]);
  });

  it("names the days and the model that answered, and starts at the day that is asked for", async () => {
    const { ledger, clock } = await temporaryLedger();
    const spend = async (actual: string) => {
      const hold = await ledger.reserve(infer("1", { charge: { tool: "infer", provider: "a", model: "a/one" } }));
      await ledger.settle(hold.id, { actual: usd(actual), provider: "b", model: "b/two" });
    };
    await spend("0.1");
    clock.advance(86_400_000);
    await spend("0.2");
    const { breakdown } = await ledger.report(localCaller, { by: "day" });
    expect(breakdown?.map((row) => [row.name, row.spent])).toEqual([
      ["2026-11-23", usd("0.2")],
      ["2026-11-22", usd("0.1")],
    ]);
    const today = await ledger.report(localCaller, { by: "model", since: clock.now() });
    expect(today.breakdown).toEqual([{ name: "b/two", calls: 1, spent: usd("0.2"), list: usd("0.2") }]);
  });
});

describe("bad input", () => {
  const bad: readonly [string, unknown][] = [
    ["negative", -1n],
    ["fractional", 1.5],
    ["NaN", Number.NaN],
    ["a number", 5],
    ["text", "5"],
    ["missing", undefined],
    ["one past the largest", creditLimits.amountNanoUsdMax + 1n],
  ];
  it.each(bad)("refuses an amount that is %s, everywhere money is taken", async (_name, amount) => {
    const { ledger } = await temporaryLedger();
    const wrong = amount as bigint;
    const hold = await ledger.reserve(infer("1"));
    const attempts = [
      () => ledger.reserve({ ...infer("1"), amount: wrong }),
      () => ledger.reserve(infer("1", { budget: { scope: "s", limit: wrong } })),
      () => ledger.settle(hold.id, { actual: wrong }),
      () => ledger.progress(hold.id, wrong),
      () => ledger.grant({ amount: wrong }),
    ];
    for (const attempt of attempts) expect((await refusal(attempt())).code).toBe("invalid_request");
    expect(await ledger.balance(localCaller)).toMatchObject({ granted: usd("10"), held: usd("1"), spent: 0n });
  });

  it("refuses a grant of nothing, one that expires in the past, and one that ends before it begins", async () => {
    const { ledger, clock } = await temporaryLedger();
    const now = clock.now();
    const attempts = [
      () => ledger.grant({ amount: 0n }),
      () => ledger.grant({ amount: 1n, expiresAt: now }),
      () => ledger.grant({ amount: 1n, effectiveAt: now + 2, expiresAt: now + 1 }),
      () => ledger.grant({ amount: 1n, effectiveAt: Number.NaN }),
      () => ledger.grant({ amount: 1n, priority: 101 }),
      () => ledger.grant({ amount: 1n, priority: 0.5 }),
    ];
    for (const attempt of attempts) expect((await refusal(attempt())).code).toBe("invalid_request");
  });

  it("refuses a grant that would take the pool's sum past what it can hold", async () => {
    const { ledger } = await temporaryLedger();
    for (let count = 0; count < 3; count++) await ledger.grant({ amount: creditLimits.amountNanoUsdMax });
    const error = await refusal(ledger.grant({ amount: creditLimits.amountNanoUsdMax }));
    expect(error.message).toContain("4000000000 US dollars in all");
  });

  it("refuses keys, scopes, leases and metadata one past their limits", async () => {
    const { ledger } = await temporaryLedger();
    const pairs = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));
    const long = (length: number) => "x".repeat(length);
    const { nameCharactersMax, idempotencyKeyCharactersMax, metadataPairsMax, holdLeaseMsMax } = creditLimits;
    const at = [
      infer("0", { idempotencyKey: long(idempotencyKeyCharactersMax) }),
      infer("0", { budget: { scope: long(nameCharactersMax), limit: 1n } }),
      infer("0", { charge: { tool: "infer", metadata: pairs(metadataPairsMax) } }),
      infer("0", { leaseMs: holdLeaseMsMax }),
    ];
    for (const request of at) await ledger.reserve(request);
    const past = [
      infer("0", { idempotencyKey: long(idempotencyKeyCharactersMax + 1) }),
      infer("0", { idempotencyKey: "" }),
      infer("0", { idempotencyKey: "a\u0000b" }),
      infer("0", { budget: { scope: long(nameCharactersMax + 1), limit: 1n } }),
      infer("0", { charge: { tool: "infer", metadata: pairs(metadataPairsMax + 1) } }),
      infer("0", { charge: { tool: "" } }),
      infer("0", { leaseMs: holdLeaseMsMax + 1 }),
    ];
    for (const request of past) expect((await refusal(ledger.reserve(request))).code).toBe("invalid_request");
  });
});
