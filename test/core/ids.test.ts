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

  it("sort by their time when they are given one, and differ within it", () => {
    const ids = [1, 2, 1_000, 1_763_800_000_000, 2 ** 48 - 1].map((time) => newId("gen", systemRng, time));
    expect(ids.toSorted()).toEqual(ids);
    expect(newId("gen", systemRng, 5)).not.toBe(newId("gen", systemRng, 5));
    expect(ids[0]).toMatch(/^gen_[0-9a-hjkmnp-tv-z]{26}$/);
  });
});
