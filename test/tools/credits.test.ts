import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import type { Gateway } from "../../src/gateway.ts";
import { creditsTool } from "../../tools/credits.ts";
import { infer, keyCaller, temporaryLedger, usd } from "../support/ledger.ts";

describe("the credits tool", () => {
  it("answers money as decimal text and times as ISO 8601, in the shape it declares", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "pool", window: "day", limit: usd("5"), filter: { provider: "a" } });
    const hold = await ledger.reserve(infer("2", { charge: { tool: "infer", provider: "a", model: "a/one" } }));
    await ledger.settle(hold.id, { actual: usd("0.001234567") });
    await ledger.reserve(infer("1"));
    const gateway = { credits: ledger, close: () => ledger.close() } as Gateway;
    const args = creditsTool.input.parse({ by: "model", since: "2026-11-22T00:00:00Z" });
    const answer = await creditsTool.handle(args, { gateway, caller: localCaller });
    expect(creditsTool.output.parse(answer)).toEqual({
      granted: "10",
      available: "8.998765433",
      held: "1",
      spent: "0.001234567",
      expired: "0",
      limits: [
        {
          scope: "pool",
          window: "day",
          filter: { provider: "a" },
          limit: "5",
          spent: "0.001234567",
          held: "0",
          resets_at: "2026-11-23T00:00:00.000Z",
        },
      ],
      forecast: { per_day: "0.029629608", empty_at: expect.stringMatching(/^2027-\d\d-\d\dT/) },
      breakdown: [{ name: "a/one", calls: 1, spent: "0.001234567", list: "0.001234567" }],
    });
  });

  it("shows a key neither another key's budgets nor its spending", async () => {
    const { ledger } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "key:key_other", window: "day", limit: usd("5") });
    const hold = await ledger.reserve(
      infer("2", { caller: keyCaller("key_other"), budget: { scope: "s", limit: usd("3") } }),
    );
    await ledger.settle(hold.id, { actual: usd("1") });
    const gateway = { credits: ledger, close: () => ledger.close() } as Gateway;
    const answer = await creditsTool.handle({ by: "key" }, { gateway, caller: keyCaller("key_mine") });
    expect(answer).toMatchObject({ limits: [], breakdown: [] });
    expect(JSON.stringify(answer)).not.toContain("other");
  });

  it("refuses arguments that it does not have", () => {
    for (const wrong of [{ by: "workspace" }, { since: "yesterday" }, { grant: "5" }]) {
      expect(creditsTool.input.safeParse(wrong).success).toBe(false);
    }
  });
});
