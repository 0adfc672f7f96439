import fc from "fast-check";
import { encode as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { inputTokensAtMost, tokensAtMost } from "../../src/infer/estimate.ts";

const alphabets = [
  "abcdefghijklmnopqrstuvwxyz",
  "AbCdEfGhIjKl aeiou",
  "qxzjkvwQXZJKVW",
  "0123456789",
  "!@#$%^&*() \n\t",
  "ABC abc 012 +/=",
  "一丁丂七丄丅丆",
  "éèàüöß ñ",
  "😀😁👩‍👩‍👧",
];

describe("the bound on tokens", () => {
  it.each([
    ["o200k", o200k],
    ["cl100k", cl100k],
  ])("is never below what %s counts", (_name, encode) => {
    const text = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ unit: "binary", maxLength: 200 }),
      ...alphabets.map((alphabet) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 200 })),
      fc
        .array(fc.constantFrom("the", "internationalisation", "cat", "queue", "rhythm", "Euouae", "strengths"), {
          maxLength: 60,
        })
        .map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(text, (sample) => {
        expect(encode(sample).length).toBeLessThanOrEqual(tokensAtMost(sample));
      }),
      { numRuns: 1_500 },
    );
  });

  it("counts every part of a request", () => {
    const base = inputTokensAtMost({ messages: [{ role: "user", content: "hi" }], params: {} });
    const grown = [
      inputTokensAtMost({ system: "Be brief.", messages: [{ role: "user", content: "hi" }], params: {} }),
      inputTokensAtMost({
        messages: [{ role: "user", content: "hi" }],
        params: {},
        tools: [{ name: "t", parameters: { type: "object" } }],
      }),
      inputTokensAtMost({
        messages: [{ role: "user", content: "hi" }],
        params: {},
        response_schema: { type: "object" },
      }),
      inputTokensAtMost({
        messages: [{ role: "user", content: [{ type: "image", url: "https://example.test/a.png" }] }],
        params: {},
      }),
    ];
    for (const tokens of grown) expect(tokens).toBeGreaterThan(base);
  });
});
