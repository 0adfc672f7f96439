import { describe, expect, it } from "vitest";
import { systemRng } from "../../src/core/clock.ts";

describe("the system's randomness", () => {
  it("gives as many bytes as are asked for, never the same twice", () => {
    const seen = new Set<string>();
    for (const length of [16, 7, 1_000, 16, 5_000, 16, 1_024, 1_025]) {
      for (let n = 0; n < 20; n++) {
        const bytes = systemRng.bytes(length);
        expect(bytes).toHaveLength(length);
        seen.add(Buffer.from(bytes).toString("hex"));
      }
    }
    expect(seen.size).toBe(8 * 20);
    expect(systemRng.bytes(0)).toHaveLength(0);
  });

  it("hands out bytes that nobody else holds", () => {
    const first = systemRng.bytes(8);
    const copy = Buffer.from(first);
    systemRng.bytes(8).fill(0);
    expect(first).toEqual(new Uint8Array(copy));
    expect(first.buffer.byteLength).toBe(8);
  });

  it("is spread over [0, 1)", () => {
    const fractions = Array.from({ length: 4_000 }, () => systemRng.fraction());
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
    const mean = fractions.reduce((sum, one) => sum + one, 0) / fractions.length;
    // Ten standard deviations of the mean of 4,000.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.046);
  });
});
