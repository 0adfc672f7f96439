import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import { infer, temporaryLedger, usd } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";

const hour = 3_600_000;

describe("a refund", () => {
  it("is a new entry that gives money back to grants, budgets and reports", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "pool", window: "day", limit: usd("4") });
    const hold = await ledger.reserve(infer("3"));
    await ledger.settle(hold.id, { actual: usd("3") });
    expect(await ledger.admin.refund(hold.id, usd("1"))).toEqual({ refunded: usd("1"), charged: usd("2") });
    expect(await ledger.balance(localCaller)).toMatchObject({ available: usd("8"), spent: usd("2") });
    expect(await ledger.admin.budgets()).toMatchObject([{ spent: usd("2") }]);
    expect((await ledger.report(localCaller, { by: "tool" })).breakdown).toMatchObject([{ calls: 1, spent: usd("2") }]);
    expect(await ledger.admin.refund(hold.id)).toEqual({ refunded: usd("2"), charged: 0n });
    expect(query(path, "SELECT kind, amount FROM entry WHERE hold = 1 AND kind = 'refund'")).toEqual([
      { kind: "refund", amount: usd("1") },
      { kind: "refund", amount: usd("2") },
    ]);
    expect(auditLedger(path, clock).problems).toEqual([]);
  });

  it("of more than is left, of nothing, or of a running call is refused", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(infer("3"));
    await expect(ledger.admin.refund(hold.id)).rejects.toMatchObject({ code: "conflict" });
    await ledger.settle(hold.id, { actual: usd("1") });
    for (const amount of [usd("1.000000001"), 0n, -1n]) {
      await expect(ledger.admin.refund(hold.id, amount)).rejects.toMatchObject({ code: "invalid_request" });
    }
    await ledger.admin.refund(hold.id);
    await expect(ledger.admin.refund(hold.id)).rejects.toThrow("$0 of this call's charge is left to refund");
  });

  it("goes to the last grant that paid first, and what that grant has lost by its date is lost again", async () => {
    const { ledger, path, clock } = await temporaryLedger({ initialGrant: 0n });
    await ledger.grant({ amount: usd("1"), expiresAt: clock.now() + hour });
    await ledger.grant({ amount: usd("5") });
    const hold = await ledger.reserve(infer("3"));
    await ledger.settle(hold.id, { actual: usd("3") });
    clock.advance(hour);
    await ledger.admin.refund(hold.id, usd("2"));
    expect(await ledger.balance(localCaller)).toMatchObject({ available: usd("5"), spent: usd("1"), expired: 0n });
    await ledger.admin.refund(hold.id);
    expect(await ledger.balance(localCaller)).toMatchObject({ available: usd("5"), spent: 0n, expired: usd("1") });
    expect(auditLedger(path, clock).problems).toEqual([]);
  });

  it("of what was never paid cancels the debt, or goes to the grant that has paid it since", async () => {
    const { ledger, path, clock } = await temporaryLedger({ initialGrant: usd("1") });
    const hold = await ledger.reserve(infer("1"));
    await ledger.settle(hold.id, { actual: usd("4") });
    await ledger.admin.refund(hold.id, usd("2"));
    expect(await ledger.balance(localCaller)).toMatchObject({ available: -usd("1"), spent: usd("2") });
    await ledger.grant({ amount: usd("5") });
    expect(await ledger.balance(localCaller)).toMatchObject({ available: usd("4"), spent: usd("2") });
    await ledger.admin.refund(hold.id);
    expect(await ledger.balance(localCaller)).toMatchObject({ granted: usd("6"), available: usd("6"), spent: 0n });
    expect(auditLedger(path, clock).problems).toEqual([]);
  });
});
