import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileGlob } from "../../src/artifacts/glob.ts";
import { toByteString } from "../../src/artifacts/objects/byte-string.ts";
import { formatCommit, parseCommit } from "../../src/artifacts/objects/commit.ts";
import { identify } from "../../src/artifacts/objects/object.ts";
import { formatPerson, parseAuthor, parsePerson } from "../../src/artifacts/objects/person.ts";
import { formatTree, parseTree, type TreeMode } from "../../src/artifacts/objects/tree.ts";
import { applyDelta } from "../../src/artifacts/pack/delta.ts";
import { formatBaseDistance, formatEntryHeader, packTypes, parseEntryHeader } from "../../src/artifacts/pack/entry.ts";
import { hasAllBits, newBits } from "../../src/artifacts/pack/ewah.ts";
import { formatPackIndex, parsePackIndex } from "../../src/artifacts/pack/pack-index.ts";
import { PackOrder } from "../../src/artifacts/pack/pack-order.ts";
import { gitEnvironment } from "./support/workbench.ts";

const oid = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("hex"));
const name = fc
  .string({ unit: "binary", minLength: 1, maxLength: 20 })
  .filter((text) => !/[\0/]/.test(text))
  .map(toByteString);
const mode = fc.constantFrom<TreeMode>("100644", "100755", "120000", "40000", "160000");

describe("objects", () => {
  test("have git's ids", () => {
    for (const content of ["", "hello\n", "\0\xff"]) {
      const options = { input: Buffer.from(content, "latin1"), env: gitEnvironment };
      const theirs = execFileSync("git", ["hash-object", "--stdin"], options).toString().trim();
      expect(identify("blob", Buffer.from(content, "latin1")).oid).toBe(theirs);
    }
  });

  test("trees come back from their bytes, in one order whatever order they were given in", () => {
    const entries = fc.uniqueArray(fc.record({ mode, name, oid }), { selector: (entry) => entry.name });
    fc.assert(
      fc.property(entries, (list) => {
        const bytes = formatTree(list);
        expect(formatTree(parseTree(bytes))).toEqual(bytes);
        expect(formatTree([...list].reverse())).toEqual(bytes);
        expect(new Set(parseTree(bytes).map((entry) => JSON.stringify(entry)))).toEqual(
          new Set(list.map((entry) => JSON.stringify(entry))),
        );
      }),
    );
  });

  test("trees cut anywhere are refused or are whole entries", () => {
    const bytes = formatTree([
      { mode: "100644", name: toByteString("a"), oid: "1".repeat(40) },
      { mode: "40000", name: toByteString("b"), oid: "2".repeat(40) },
    ]);
    const whole = [0, 29, bytes.length];
    for (let end = 0; end <= bytes.length; end++) {
      if (whole.includes(end)) expect(parseTree(bytes.subarray(0, end))).toHaveLength(whole.indexOf(end));
      else expect(() => parseTree(bytes.subarray(0, end))).toThrow(/malformed git data/);
    }
  });

  test("commits come back from their bytes", () => {
    const commit = {
      tree: "1".repeat(40),
      parents: ["2".repeat(40), "3".repeat(40)],
      author: { name: "Ada", email: "ada@x", at: 1_700_000_000, zone: "-0330" },
      committer: { name: "Žofie", email: "z@x", at: 1_700_000_060, zone: "+0000" },
      message: "One\n\nTwo\n",
    };
    expect(parseCommit(formatCommit(commit))).toEqual(commit);
  });

  test("people are read from what git writes and from what callers give", () => {
    expect(parsePerson("A <a@b> 12 +0100")).toEqual({ name: "A", email: "a@b", at: 12, zone: "+0100" });
    expect(parsePerson("no address")).toMatchObject({ name: "no address", at: 0 });
    expect(parseAuthor("Ada <ada@x>")).toEqual({ name: "Ada", email: "ada@x" });
    expect(parseAuthor("Ada")).toEqual({ name: "Ada", email: "" });
    const hostile = parseAuthor("Eve\ncommitter Mallory <m@x> 1 +0000\n");
    expect(formatPerson({ ...hostile, at: 1, zone: "+0000" })).not.toMatch(/\n|<.*<|>.*>/);
  });
});

describe("pack entries", () => {
  test("have headers that come back for any size", () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3, 4), fc.maxSafeNat(), (type, size) => {
        const header = formatEntryHeader(type, size);
        expect(parseEntryHeader(header, 0)).toMatchObject({ kind: "whole", size, length: header.length });
        expect(parseEntryHeader(header.subarray(0, -1), 0)).toBeNull();
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 43 }), (distance) => {
        const header = Buffer.concat([formatEntryHeader(packTypes.ofsDelta, 5), formatBaseDistance(distance)]);
        expect(parseEntryHeader(header, 0)).toMatchObject({ kind: "ofs", distance, size: 5, length: header.length });
      }),
    );
  });

  test("of types that do not exist are refused", () => {
    for (const type of [0, 5]) expect(() => parseEntryHeader(formatEntryHeader(type, 1), 0)).toThrow(/type/);
  });
});

describe("deltas", () => {
  const base = Buffer.from("0123456789");
  test("copy and insert", () => {
    const delta = Buffer.from([10, 8, 0x91, 2, 5, 3, ...Buffer.from("abc")]);
    expect(applyDelta(base, delta).toString()).toBe("23456abc");
  });

  test.each([
    ["a base of another size", [9, 1, 1, 65]],
    ["a copy past the base's end", [10, 5, 0x91, 8, 5]],
    ["an insert past the delta's end", [10, 5, 5, 65]],
    ["less than it says", [10, 5, 1, 65]],
    ["more than it says", [10, 1, 2, 65, 66]],
    ["the reserved instruction", [10, 1, 0]],
    ["sizes without an end", [0x80, 0x80]],
    ["a copy without its arguments", [10, 5, 0x91, 1]],
  ])("are refused with %s", (_name, bytes) => {
    expect(() => applyDelta(base, Buffer.from(bytes))).toThrow(/malformed git data/);
  });
});

test("a pack's entries are put in the order of the file, however far they are in it", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1_000_000), { maxLength: 50 }), fc.constantFrom(1, 2 ** 29), (places, unit) => {
      const offsets = places.map((place) => 12 + place * unit);
      const order = new PackOrder({ count: offsets.length, offsetAt: (i) => offsets[i] ?? 0 }, 12 + 1_000_001 * unit);
      const sorted = offsets.toSorted((a, b) => a - b);
      expect([...order.offsets()]).toEqual(sorted);
      expect([...order.positions()]).toEqual(sorted.map((offset) => offsets.indexOf(offset)));
    }),
  );
});

test("bits are all set when each of them is, whatever stands behind the last", () => {
  for (const count of [0, 1, 31, 32, 33, 64, 65, 127]) {
    const bits = newBits(count).fill(0xffffffff);
    expect(hasAllBits(bits, count)).toBe(true);
    for (let i = 0; i < count; i++) {
      const without = bits.slice();
      without[i >>> 5] = (without[i >>> 5] ?? 0) & ~(1 << (i & 31));
      expect(hasAllBits(without, count)).toBe(false);
    }
  }
});

describe("a pack index", () => {
  test("finds every id it was made of and none other, offsets beyond 2 GB and all", () => {
    const list = fc.uniqueArray(fc.record({ oid, offset: fc.integer({ min: 12, max: 2 ** 40 }), crc: fc.nat() }), {
      selector: (entry) => entry.oid,
      maxLength: 60,
    });
    fc.assert(
      fc.property(list, oid, (entries, other) => {
        const index = parsePackIndex(formatPackIndex(entries, Buffer.alloc(20)));
        for (const entry of entries) {
          const position = index.find(entry.oid);
          expect(index.oidAt(position)).toBe(entry.oid);
          expect(index.offsetAt(position)).toBe(entry.offset);
          expect(index.crcAt(position)).toBe(entry.crc);
        }
        if (!entries.some((entry) => entry.oid === other)) expect(index.find(other)).toBe(-1);
      }),
    );
  });

  test("is refused when it is cut short or of another version", () => {
    const bytes = formatPackIndex([{ oid: "1".repeat(40), offset: 12, crc: 1 }], Buffer.alloc(20));
    expect(() => parsePackIndex(bytes.subarray(0, -30))).toThrow(/malformed/);
    expect(() => parsePackIndex(Buffer.alloc(2000))).toThrow(/version 2/);
  });
});

describe("a glob", () => {
  test.each([
    ["*.ts", ["a.ts", "src/a.ts"], ["a.tsx"]],
    ["src/*.ts", ["src/a.ts"], ["src/deep/a.ts", "a.ts"]],
    ["src/**/*.ts", ["src/a.ts", "src/x/y/a.ts"], ["a.ts"]],
    ["**", ["a", "a/b"], []],
    ["**/test/**", ["test/a", "x/test/a/b"], ["tests/a"]],
    ["a?[0-9].{md,txt}", ["ab1.md", "ab2.txt"], ["ab.md", "abx.md"]],
    ["[!a]*", ["b"], ["a", "ab"]],
    ["a\\*b", ["a*b"], ["axb"]],
    ["{a,b{c,d}}/x", ["a/x", "bc/x", "bd/x"], ["b/x"]],
    ["/top", ["top"], ["x/top"]],
  ])("%s", (pattern, yes, no) => {
    const matches = compileGlob(pattern);
    for (const path of yes) expect([path, matches(path)]).toEqual([path, true]);
    for (const path of no) expect([path, matches(path)]).toEqual([path, false]);
  });

  test("answers in time for a pattern made to be slow", () => {
    const matches = compileGlob(`${"*a".repeat(200)}b`);
    expect(matches("a".repeat(5_000))).toBe(false);
    expect(compileGlob(`${"**/a/".repeat(60)}b`)("a/".repeat(2_000))).toBe(false);
  });
});
