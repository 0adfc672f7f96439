import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import type { Ledger } from "../../src/credits/ledger.ts";
import { metered } from "../../src/credits/metered.ts";
import { temporaryLedger, usd } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";

const work = (worst: string, run: () => Promise<string>) => ({
  caller: localCaller,
  charge: { tool: "sandbox.exec" },
  worst: usd(worst),
  leaseMs: 60_000,
  run,
  costOf: (cost: string) => usd(cost),
});

const heldNow = async (ledger: Ledger) => (await ledger.balance(localCaller)).held;

describe("metered work", () => {
  it("holds its worst case while it runs and is charged what it used", async () => {
    const { ledger } = await temporaryLedger();
    let held = 0n;
    const run = async () => {
      held = await heldNow(ledger);
      return "0.25";
    };
    expect(await metered(ledger, work("1", run))).toBe("0.25");
    expect(held).toBe(usd("1"));
    expect(await ledger.balance(localCaller)).toMatchObject({ held: 0n, spent: usd("0.25") });
    expect((await ledger.report(localCaller, { by: "tool" })).breakdown).toMatchObject([
      { name: "sandbox.exec", calls: 1 },
    ]);
  });

  it("does not begin without room, and costs nothing when it throws", async () => {
    const { ledger } = await temporaryLedger();
    let ran = false;
    const run = async () => {
      ran = true;
      throw new Error("broken");
    };
    await expect(metered(ledger, work("11", run))).rejects.toMatchObject({ code: "insufficient_credits" });
    expect(ran).toBe(false);
    await expect(metered(ledger, work("1", run))).rejects.toThrow("broken");
    expect(await ledger.balance(localCaller)).toMatchObject({ held: 0n, spent: 0n });
  });

  it("that is free runs on an empty pool and leaves no record", async () => {
    const { ledger, path } = await temporaryLedger({ initialGrant: 0n });
    expect(
      await metered(
        ledger,
        work("0", async () => "0"),
      ),
    ).toBe("0");
    expect(query(path, "SELECT count(*) AS n FROM hold")).toEqual([{ n: 0n }]);
  });
});
