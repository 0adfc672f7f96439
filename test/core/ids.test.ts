import { describe, expect, it } from "vitest";
import { systemRng } from "../../src/core/clock.ts";
import { newId } from "../../src/core/ids.ts";

describe("ids", () => {
  it("carry their prefix and 128 random bits", () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => newId("gen", systemRng)));
    expect(ids.size).toBe(1_000);
    for (const id of ids) expect(id).toMatch(/^gen_[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it("use every bit they are given", () => {
    const all = (byte: number) =>
      newId("gen", { bytes: (length) => new Uint8Array(length).fill(byte), fraction: () => 0 });
    expect(all(0)).toBe(`gen_${"0".repeat(26)}`);
    expect(all(0xff)).toBe(`gen_${"z".repeat(25)}w`);
  });
});
