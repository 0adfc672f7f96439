import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { toYaml } from "../../src/serve/yaml.ts";

const awkward = fc.constantFrom(
  "",
  " ",
  "\n",
  "a\n",
  "a\n\n",
  "\na",
  " a\nb",
  "a \nb",
  "a\n  \nb",
  "\ta\nb",
  "a\tb",
  "- a",
  "? a",
  "a: b",
  "a #b",
  "#",
  "true",
  "Null",
  "~",
  "1",
  "-1",
  "0x1F",
  "1e3",
  ".5",
  "2024-01-01",
  "---",
  "...",
  "---\na",
  "{a}",
  "[a]",
  "*a",
  "&a",
  "!a",
  "|",
  ">",
  "%a",
  "@a",
  "`a`",
  "'a'",
  '"a"',
  "a'b",
  "\u0000",
  "\u0085",
  "\u2028\n",
  "\ufeff\na",
  "\ud800",
  "a\ud800\nb",
  "a\r\nb",
  "\r",
  "日本\n語",
  "😀\n😀",
  "a,b",
  "=",
  "<<",
  "yes",
  "off",
  "/a/b",
  "a:",
  "a: ",
  "x ",
  "::",
  "_",
  "+1",
  "a\u007f",
  "\u00a0",
  "line\n\n\nline\n\n\n",
);
const text = fc.oneof(awkward, fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }));
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("any"), { maxLength: 5 }),
    fc.dictionary(text, tie("any"), { maxKeys: 5, noNullPrototype: true }),
  ),
})).any;

test("any JSON value is read back by another YAML parser exactly as it was", () => {
  fc.assert(
    fc.property(value, (given) => {
      // What JSON itself cannot tell apart is not asked of the text either.
      const plain = JSON.parse(JSON.stringify(given));
      expect(parse(toYaml(plain), { uniqueKeys: false })).toEqual(plain);
    }),
    { numRuns: 3_000 },
  );
});

test("text of several lines keeps its shape and short facts share a line", () => {
  const text = toYaml({ id: "gen_1", output: { text: "Hello\n  world" }, tags: ["a", "b, c"], none: [], usage: {} });
  expect(text).toBe('id: gen_1\noutput:\n  text: |-\n    Hello\n      world\ntags: [a, "b, c"]\nnone: []\nusage: {}\n');
});

test("members that are undefined are left out, as in JSON", () => {
  expect(toYaml({ a: 1, b: undefined, c: [undefined] })).toBe("a: 1\nc: [null]\n");
});
