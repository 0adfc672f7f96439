import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { creditLimits } from "../../src/core/limits.ts";
import { infer, keyCaller, temporaryLedger, usd } from "../support/ledger.ts";

const day = 86_400_000;

describe("history", () => {
  it("shows movements newest first, in pages, with what they were for", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(
      infer("2", { caller: keyCaller("key_1"), charge: { tool: "infer", provider: "a", model: "a/one" } }),
    );
    await ledger.settle(hold.id, { actual: usd("0.5"), provider: "b", model: "b/two" });
    const page = await ledger.admin.history({ limit: 2 });
    expect(page.entries).toMatchObject([
      { seq: 4, kind: "release", amount: usd("1.5"), account: "key:key_1", hold: hold.id, model: "b/two" },
      { seq: 3, kind: "settle", amount: usd("0.5"), tool: "infer", provider: "b" },
    ]);
    const rest = await ledger.admin.history({ cursor: page.next ?? undefined });
    expect(rest).toMatchObject({
      entries: [{ kind: "reserve" }, { kind: "grant", account: "pool", note: "initial grant", hold: null }],
      next: null,
    });
    expect((await ledger.admin.history({ call: hold.id })).entries).toHaveLength(3);
    for (const limit of [0, creditLimits.historyEntriesMax + 1, 1.5]) {
      await expect(ledger.admin.history({ limit })).rejects.toMatchObject({ code: "invalid_request" });
    }
  });

  it("is exported as CSV that a spreadsheet reads as text and numbers, across pages", async () => {
    const { ledger } = await temporaryLedger({ initialGrant: 0n });
    await ledger.grant({ amount: usd("1"), note: '=HYPERLINK("http://x"), said "she"' });
    const count = creditLimits.historyEntriesMax + 5;
    await Promise.all(Array.from({ length: count }, () => ledger.reserve(infer("0"))));
    let text = "";
    for await (const line of ledger.admin.exportCsv()) text += line;
    const lines = text.split("\r\n");
    expect(lines).toHaveLength(count + 3);
    expect(lines[0]).toBe("seq,at,kind,amount_usd,account,hold,call,grant,tool,provider,model,note");
    expect(lines[1]).toMatch(
      /^1,2026-11-22T12:00:00.000Z,grant,1,pool,,,grant_\w+,,,,"'=HYPERLINK\(""http:\/\/x""\), said ""she"""$/,
    );
    expect(lines[2]).toMatch(/^2,.*,reserve,0,workspace:default,hold_\w+,,,infer,,,$/);
  });
});

describe("the overview", () => {
  it("shows the whole pool, its grants in order of use, its debt, and spending by workspace", async () => {
    const { ledger, clock } = await temporaryLedger({ initialGrant: usd("1") });
    await ledger.grant({ amount: usd("2"), workspace: "blue", priority: 1, note: "for blue" });
    await ledger.grant({ amount: usd("3"), effectiveAt: clock.now() + day, category: "promotional" });
    const spend = async (amount: string, actual: string, caller = localCaller) => {
      const hold = await ledger.reserve(infer(amount, { caller }));
      await ledger.settle(hold.id, { actual: usd(actual) });
    };
    await spend("0.5", "0.25", keyCaller("key_b", "blue"));
    await spend("1", "1.5");
    expect(await ledger.admin.overview({ by: "workspace" })).toMatchObject({
      granted: usd("3"),
      available: usd("1.25"),
      spent: usd("1.75"),
      debt: usd("0.5"),
      grants: [
        { note: "for blue", workspace: "blue", left: usd("1.75"), priority: 1 },
        { category: "promotional", left: usd("3"), effectiveAt: clock.now() + day },
      ],
      breakdown: [
        { name: "default", calls: 1, spent: usd("1.5") },
        { name: "blue", calls: 1, spent: usd("0.25") },
      ],
    });
    await expect(ledger.admin.overview({ by: "rowid" as "day" })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("sums the rows of a breakdown past the limit in a last one", async () => {
    const { ledger } = await temporaryLedger();
    const { breakdownRowsMax } = creditLimits;
    for (let index = 0; index < breakdownRowsMax + 1; index++) {
      const hold = await ledger.reserve(infer("0.01", { charge: { tool: "infer", model: `m${index}` } }));
      await ledger.settle(hold.id, { actual: BigInt(breakdownRowsMax + 1 - index) });
    }
    const { breakdown = [] } = await ledger.report(localCaller, { by: "model" });
    expect(breakdown).toHaveLength(breakdownRowsMax);
    expect(breakdown[0]).toMatchObject({ name: "m0" });
    expect(breakdown.at(-1)).toEqual({ name: "(other)", calls: 2, spent: 3n, list: 3n });
  });

  it("forecasts when the money ends from the rate of the last week or since the first call", async () => {
    const { ledger, clock } = await temporaryLedger();
    expect((await ledger.admin.overview({})).forecast).toEqual({ perDay: 0n, emptyAt: null });
    const spend = async (actual: string) => {
      const hold = await ledger.reserve(infer(actual));
      await ledger.settle(hold.id, { actual: usd(actual) });
    };
    await spend("1");
    clock.advance(day);
    await spend("1");
    expect((await ledger.admin.overview({})).forecast).toEqual({ perDay: usd("2"), emptyAt: clock.now() + 4 * day });
    expect((await ledger.report(localCaller, {})).forecast.perDay).toBe(usd("2"));
    clock.advance(30 * day);
    expect((await ledger.admin.overview({})).forecast).toEqual({ perDay: 0n, emptyAt: null });
    await spend("8");
    expect((await ledger.admin.overview({})).forecast.emptyAt).toBeNull();
  });
});
