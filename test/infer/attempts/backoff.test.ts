import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { waitBeforeRetry } from "../../src/infer/backoff.ts";

const rng = (fraction: number) => ({ bytes: (length: number) => new Uint8Array(length), fraction: () => fraction });

describe("the wait before a retry", () => {
  it("is spread over a doubling range, up to its cap", () => {
    expect(waitBeforeRetry(1, undefined, 60_000, rng(0.5))).toBe(150);
    expect(waitBeforeRetry(2, undefined, 60_000, rng(0.5))).toBe(300);
    expect(waitBeforeRetry(20, undefined, 60_000, rng(0.5))).toBe(5_000);
  });

  it("is never shorter than what the provider asks for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(30_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, asked, fraction) => {
          expect(waitBeforeRetry(attempt, asked, 60_000, rng(fraction))).toBeGreaterThanOrEqual(asked);
        },
      ),
    );
  });

  it("is not taken when it would outlast the deadline", () => {
    expect(waitBeforeRetry(1, 5_000, 4_000, rng(0))).toBeUndefined();
  });
});
