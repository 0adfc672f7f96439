import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatUsd, parseUsd } from "../../src/core/money.ts";

describe("money", () => {
  it("writes and reads every nano-dollar amount without loss", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (nano) => {
        expect(parseUsd(formatUsd(nano))).toBe(nano);
      }),
    );
  });

  it("writes the shortest decimal", () => {
    expect(formatUsd(1_234_567n)).toBe("0.001234567");
    expect(formatUsd(25_000_000_000n)).toBe("25");
    expect(formatUsd(-500_000_000n)).toBe("-0.5");
    expect(formatUsd(0n)).toBe("0");
  });

  it.each(["", "1e3", "NaN", "0x10", "1.0000000001", "1,5", " 1", "9223372037", "Infinity", "--1", "."])(
    "refuses %j",
    (text) => {
      expect(() => parseUsd(text)).toThrowError(/not an amount of US dollars/);
    },
  );
});
