import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inferLimits } from "../../../src/core/limits.ts";
import { MinuteWindow } from "../../../src/infer/rates/window.ts";

describe("what is taken in a minute", () => {
  it("never exceeds the limit in any stretch of sixty seconds, whatever the times", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.record({ afterMs: fc.nat(20_000), amount: fc.integer({ min: 1, max: 12 }) }), { maxLength: 200 }),
        (limit, asks) => {
          const window = new MinuteWindow(limit);
          const taken: { atMs: number; amount: number }[] = [];
          let nowMs = 0;
          for (const { afterMs, amount } of asks) {
            nowMs += afterMs;
            if (window.waitMs(amount, nowMs) > 0) continue;
            window.take(amount, nowMs);
            taken.push({ atMs: nowMs, amount });
          }
          for (const { atMs } of taken) {
            const within = taken.filter((one) => one.atMs > atMs - 60_000 && one.atMs <= atMs);
            const sum = within.reduce((total, { amount }) => total + amount, 0);
            // One that is larger than the limit by itself goes alone.
            expect(within.length === 1 || sum <= limit).toBe(true);
          }
        },
      ),
    );
  });

  it("can be taken after exactly the wait that it names, and not before", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ afterMs: fc.nat(9_000), amount: fc.integer({ min: 1, max: 9 }) }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (takes, amount) => {
          const window = new MinuteWindow(20);
          let nowMs = 0;
          for (const take of takes) {
            nowMs += take.afterMs;
            if (window.waitMs(take.amount, nowMs) === 0) window.take(take.amount, nowMs);
          }
          const waitMs = window.waitMs(amount, nowMs);
          expect(waitMs).toBeLessThanOrEqual(60_000 + inferLimits.rateBucketMs);
          if (waitMs > 0) expect(window.waitMs(amount, nowMs + waitMs - 1)).toBeGreaterThan(0);
          expect(window.waitMs(amount, nowMs + waitMs)).toBe(0);
        },
      ),
    );
  });

  it("is corrected when less was used than was thought", () => {
    const window = new MinuteWindow(100);
    const at = window.take(90, 0);
    expect(window.waitMs(50, 1_000)).toBeGreaterThan(0);
    window.correct(at, -70);
    expect(window.waitMs(50, 1_000)).toBe(0);
    // A minute later it is another second's place.
    window.take(5, 61_000);
    window.correct(at, -70);
    expect(window.taken(61_000)).toBe(5);
  });
});
