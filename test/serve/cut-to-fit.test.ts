import fc from "fast-check";
import { expect, test } from "vitest";
import { cutToFit } from "../../src/serve/cut-to-fit.ts";

test("a result at the bound is left alone and one past it is cut", () => {
  const exact = { text: "x".repeat(20_000 - '{"text":""}'.length) };
  expect(cutToFit(exact, 20_000)).toEqual({ value: exact, parts: [] });
  const { value, parts } = cutToFit({ text: `${exact.text}x` }, 20_000);
  expect(JSON.stringify(value).length).toBeLessThanOrEqual(20_000);
  expect(parts).toEqual([{ path: "text", kept: expect.any(Number), of: exact.text.length + 1, unit: "characters" }]);
});

test("the longest texts are cut and short facts stay whole", () => {
  const { value, parts } = cutToFit({ id: "gen_1", a: "a".repeat(5_000), b: "b".repeat(90_000), c: "c" }, 20_000);
  expect(value).toMatchObject({ id: "gen_1", a: "a".repeat(5_000), c: "c" });
  expect(parts.map((part) => part.path)).toEqual(["b"]);
});

test("a long list loses its end and keeps whole items", () => {
  const entries = Array.from({ length: 10_000 }, (_, n) => ({ path: `src/file-${n}.ts`, bytes: n }));
  const { value, parts } = cutToFit({ tree: "abc", entries }, 20_000);
  const left = (value as { entries: unknown[] }).entries;
  expect(left.length).toBeGreaterThan(100);
  expect(left).toEqual(entries.slice(0, left.length));
  expect(parts).toEqual([{ path: "entries", kept: left.length, of: 10_000, unit: "items" }]);
});

test("a map of many files loses its end, a record with a shape keeps its members", () => {
  const files = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${n}`, { text: "x".repeat(150) }]));
  const { value } = cutToFit({ commit: "abc", files }, 20_000);
  expect(value).toMatchObject({ commit: "abc" });
  expect(Object.keys((value as { files: object }).files).length).toBeLessThan(500);
});

test("a cut text never ends in half a character and says how much is missing", () => {
  const { value } = cutToFit({ text: "😀".repeat(20_000) }, 20_000);
  const { text } = value as { text: string };
  expect(text.isWellFormed()).toBe(true);
  expect(text).toMatch(/… \[cut: \d+ of 40000 characters\]$/);
});

test("whatever is cut, it fits, and what is left keeps its kind and its place", () => {
  const value = fc.object({
    maxDepth: 4,
    maxKeys: 60,
    values: [fc.string({ maxLength: 3_000, unit: "binary" }), fc.integer(), fc.boolean(), fc.constant(null)],
    withNullPrototype: false,
  });
  fc.assert(
    fc.property(value, (given) => {
      const plain = JSON.parse(JSON.stringify(given)) as object;
      const { value: left, parts } = cutToFit(plain, 4_000);
      expect(JSON.stringify(left).length).toBeLessThanOrEqual(4_000);
      if (parts.length === 0) expect(left).toEqual(plain);
      if (Object.keys(left).length > 0) expectSameKinds(left, plain);
    }),
    { numRuns: 60 },
  );
});

function expectSameKinds(left: unknown, whole: unknown): void {
  expect(Array.isArray(left)).toBe(Array.isArray(whole));
  expect(typeof left).toBe(typeof whole);
  if (typeof left !== "object" || left === null || typeof whole !== "object" || whole === null) return;
  for (const [key, member] of Object.entries(left)) {
    expect(Object.hasOwn(whole, key)).toBe(true);
    expectSameKinds(member, (whole as Record<string, unknown>)[key]);
  }
}
