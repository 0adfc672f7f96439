import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { infer, keyCaller, temporaryLedger, usd } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";

const hour = 3_600_000;

describe("grants", () => {
  it("are used by priority, then expiry, promotional before paid, then age", async () => {
    const { ledger, path, clock } = await temporaryLedger({ initialGrant: 0n });
    const later = clock.now() + 10 * hour;
    const names = ["old", "promotional", "expires", "expires sooner", "first"];
    await ledger.grant({ amount: 1n, note: "old" });
    await ledger.grant({ amount: 1n, note: "promotional", category: "promotional" });
    await ledger.grant({ amount: 1n, note: "expires", expiresAt: later });
    await ledger.grant({ amount: 1n, note: "expires sooner", expiresAt: later - hour });
    await ledger.grant({ amount: 1n, note: "first", priority: 1 });
    const hold = await ledger.reserve(infer("0.000000005"));
    await ledger.settle(hold.id, { actual: 5n });
    const order = query<{ note: string }>(
      path,
      "SELECT note FROM entry JOIN credit_grant ON credit_grant = credit_grant.seq WHERE kind = 'settle' ORDER BY entry.seq",
    );
    expect(order.map((row) => row.note)).toEqual([...names].reverse().toSpliced(3, 2, "promotional", "old"));
  });

  it("write one entry for each grant that a hold touches and give the rest back where it came from", async () => {
    const { ledger, path } = await temporaryLedger({ initialGrant: 0n });
    await ledger.grant({ amount: 3n });
    await ledger.grant({ amount: 10n });
    const hold = await ledger.reserve(infer("0.000000007"));
    await ledger.settle(hold.id, { actual: 4n });
    expect(query(path, "SELECT kind, credit_grant AS g, amount FROM entry WHERE hold = 1 ORDER BY seq")).toEqual([
      { kind: "reserve", g: 1n, amount: 3n },
      { kind: "reserve", g: 2n, amount: 4n },
      { kind: "settle", g: 1n, amount: 3n },
      { kind: "settle", g: 2n, amount: 1n },
      { kind: "release", g: 2n, amount: 3n },
    ]);
    expect(query(path, "SELECT held, used FROM credit_grant ORDER BY seq")).toEqual([
      { held: 0n, used: 3n },
      { held: 0n, used: 1n },
    ]);
  });

  it("count from the moment they take effect", async () => {
    const { ledger, clock } = await temporaryLedger({ initialGrant: 0n });
    await ledger.grant({ amount: usd("5"), effectiveAt: clock.now() + hour });
    expect(await ledger.balance(localCaller)).toMatchObject({ granted: 0n, available: 0n });
    await expect(ledger.reserve(infer("1"))).rejects.toThrow("has $0 available");
    clock.advance(hour);
    expect(await ledger.balance(localCaller)).toMatchObject({ granted: usd("5"), available: usd("5") });
    await ledger.reserve(infer("1"));
  });

  it("that expire take what is unused with them; what is held stays with its hold", async () => {
    const { ledger, clock } = await temporaryLedger({ initialGrant: 0n });
    await ledger.grant({ amount: usd("5"), expiresAt: clock.now() + hour });
    const used = await ledger.reserve(infer("2"));
    const unused = await ledger.reserve(infer("1"));
    clock.advance(hour);
    expect(await ledger.balance(localCaller)).toEqual({
      granted: usd("5"),
      available: 0n,
      held: usd("3"),
      spent: 0n,
      expired: usd("2"),
    });
    await ledger.settle(used.id, { actual: usd("1.5") });
    await ledger.release(unused.id, "cancelled");
    expect(await ledger.balance(localCaller)).toEqual({
      granted: usd("5"),
      available: 0n,
      held: 0n,
      spent: usd("1.5"),
      expired: usd("3.5"),
    });
  });

  it("for one workspace are not another's", async () => {
    const { ledger } = await temporaryLedger({ initialGrant: usd("1") });
    await ledger.grant({ amount: usd("2"), workspace: "blue" });
    const blue = keyCaller("key_blue", "blue");
    expect(await ledger.affordable(localCaller)).toBe(usd("1"));
    expect(await ledger.affordable(blue)).toBe(usd("3"));
    await ledger.reserve(infer("3", { caller: blue }));
    expect(await ledger.balance(localCaller)).toMatchObject({ granted: usd("1"), available: 0n, held: usd("1") });
    expect(await ledger.balance(blue)).toMatchObject({ granted: usd("3"), available: 0n, held: usd("3") });
  });

  it("with the same idempotency key are one grant, and another amount under it is a conflict", async () => {
    const { ledger } = await temporaryLedger({ initialGrant: 0n });
    const first = await ledger.grant({ amount: usd("5"), idempotencyKey: "invoice-7" });
    const again = await ledger.grant({ amount: usd("5"), idempotencyKey: "invoice-7" });
    expect(again.id).toBe(first.id);
    expect(again.balance.granted).toBe(usd("5"));
    await expect(ledger.grant({ amount: usd("6"), idempotencyKey: "invoice-7" })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("refuse a key that spends in two workspaces", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.reserve(infer("1", { caller: keyCaller("key_1", "blue") }));
    await expect(ledger.reserve(infer("1", { caller: keyCaller("key_1", "red") }))).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await ledger.balance(localCaller)).toMatchObject({ held: usd("1") });
  });
});
