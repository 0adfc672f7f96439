import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { waitBeforeRetry } from "../../../src/infer/attempts/backoff.ts";

const rng = (fraction: number) => ({ bytes: (length: number) => new Uint8Array(length), fraction: () => fraction });

describe("the wait before a retry", () => {
  it("is spread over a doubling range, up to its cap", () => {
    expect(waitBeforeRetry(1, undefined, rng(0.5))).toBe(150);
    expect(waitBeforeRetry(2, undefined, rng(0.5))).toBe(300);
    expect(waitBeforeRetry(20, undefined, rng(0.5))).toBe(5_000);
  });

  it("is never shorter than what the provider asks for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(30_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, asked, fraction) => {
          expect(waitBeforeRetry(failures, asked, rng(fraction))).toBeGreaterThanOrEqual(asked);
        },
      ),
    );
  });

  it("keeps apart those who were sent away together", () => {
    expect(waitBeforeRetry(1, 1_000, rng(0.2))).not.toBe(waitBeforeRetry(1, 1_000, rng(0.8)));
  });
});
