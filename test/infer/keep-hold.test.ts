import { afterEach, describe, expect, it, vi } from "vitest";
import { creditLimits, inferLimits } from "../../src/core/limits.ts";
import { keepHold } from "../../src/infer/keep-hold.ts";
import { infer, temporaryLedger, usd } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("the reservation of a call that is silent for long", () => {
  it("is kept well past its first lease, and only as long as the call", async () => {
    const { ledger, clock, path } = await temporaryLedger();
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const hold = await ledger.reserve(infer("1", { dispatched: true }));
    const stop = keepHold(ledger, hold.id, () => usd("0.25"));
    const pass = async () => {
      clock.advance(inferLimits.holdRenewMs);
      vi.advanceTimersByTime(inferLimits.holdRenewMs);
      // What the timer asked for shares the queue with this.
      await ledger.release((await ledger.reserve(infer("0"))).id, "done");
      await ledger.recover();
    };
    const state = () => query(path, "SELECT state, progress FROM hold WHERE id = ?", hold.id)[0];
    for (let passed = 0; passed < 2 * creditLimits.holdLeaseMs; passed += inferLimits.holdRenewMs) await pass();
    expect(state()).toEqual({ state: "held", progress: usd("0.25") });
    stop();
    clock.advance(creditLimits.holdLeaseMs + 1);
    vi.advanceTimersByTime(creditLimits.holdLeaseMs);
    await ledger.recover();
    expect(state()).toMatchObject({ state: "expired" });
  });

  it("outlasts two renewals that fail", () => {
    expect(2 * inferLimits.holdRenewMs).toBeLessThan(creditLimits.holdLeaseMs);
  });
});
