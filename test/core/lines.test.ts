import fc from "fast-check";
import { expect, it } from "vitest";
import { Lines, linesOf } from "../../src/core/lines.ts";

async function* pieces(...texts: string[]) {
  yield* texts;
}

it("ends a line where JSON Lines do, and not at Unicode's separators", async () => {
  const text = JSON.stringify({ a: "one\u2028two\u2029three\u0085four\nfive" });
  const lines: string[] = [];
  for await (const line of linesOf(pieces(`${text}\r\n\n${text}`))) lines.push(line);
  expect(lines).toEqual([text, "", text]);
});

it("cuts the same lines wherever the pieces end", () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "\u2028", "\r", "\n") }));
  fc.assert(
    fc.property(texts, (pieces) => {
      const lines = new Lines();
      const inPieces = pieces.flatMap((text) => lines.add(text));
      const whole = new Lines();
      expect([...inPieces, ...lines.end()]).toEqual([...whole.add(pieces.join("")), ...whole.end()]);
    }),
  );
});
