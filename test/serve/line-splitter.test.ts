import fc from "fast-check";
import { expect, test } from "vitest";
import { type Line, lineSplitter } from "../../src/serve/line-splitter.ts";
import { recoverId } from "../../src/serve/recover-id.ts";

const options = { lineBytesMax: 20, endBytes: 4 };

test("lines come out the same wherever the input is cut into chunks", () => {
  const lines = fc.array(fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes.filter((b) => b !== 10))));
  fc.assert(
    fc.property(lines, fc.array(fc.nat(200), { maxLength: 20 }), (given, cuts) => {
      const input = Buffer.concat(given.flatMap((line) => [line, Buffer.from("\n")]));
      const split = lineSplitter(options);
      const got: Line[] = [];
      let from = 0;
      for (const cut of [...cuts].sort((a, b) => a - b)) {
        got.push(...split(input.subarray(from, Math.max(from, cut))));
        from = Math.max(from, Math.min(cut, input.length));
      }
      got.push(...split(input.subarray(from)));
      expect(got).toEqual(
        given.map((bytes) =>
          bytes.length <= 20
            ? { kind: "line", bytes: Buffer.from(bytes) }
            : { kind: "too_long", head: bytes.subarray(0, 4), tail: bytes.subarray(-4), length: bytes.length },
        ),
      );
    }),
  );
});

test("a line one byte past the bound is reported by its ends and the next line is whole", () => {
  const split = lineSplitter(options);
  expect(split(Buffer.from(`${"a".repeat(20)}\n${"b".repeat(21)}\nc\n`))).toEqual([
    { kind: "line", bytes: Buffer.from("a".repeat(20)) },
    { kind: "too_long", head: Buffer.from("bbbb"), tail: Buffer.from("bbbb"), length: 21 },
    { kind: "line", bytes: Buffer.from("c") },
  ]);
});

test.each([
  ['{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"x":"aaa', "aaa", 7],
  ['{"jsonrpc":"2.0","id":"a-1","method":"x","params":{', "", "a-1"],
  ['{"method":"x","params":{"id":5,"text":"aaaa', 'aaaa"},"jsonrpc":"2.0","id":9}', 9],
  ['{"method":"x","params":{"id":5,"text":"aaaa', 'aaaa"},"id":"z"} ', "z"],
  // Only a top-level id counts.
  ['{"method":"x","params":{"id":5,"text":"aaaa', 'aa","id":6}}', null],
  ['{"method":"x","params":{"text":"\\"id\\":5,', "aa", null],
  // Half a number is not an id.
  ['{"jsonrpc":"2.0","id":12', "34", null],
  ['{"jsonrpc":"2.0","id":null,"method":"x"', "", null],
  ["[[[[", "]]]]", null],
  ["", "", null],
])("the id of a message that begins %s is recovered or left", (head, tail, id) => {
  expect(recoverId(head, tail)).toBe(id);
});
