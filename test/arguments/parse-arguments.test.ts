import { expect, test } from "vitest";
import { z } from "zod";
import { parseArguments } from "../../src/arguments/parse-arguments.ts";
import { SwitchyardError } from "../../src/core/errors.ts";
import { serveLimits } from "../../src/core/limits.ts";

const input = z.strictObject({
  query: z.string(),
  limit: z.number().int().positive().max(100).optional(),
  kind: z.enum(["fact", "instruction", "event"]).optional(),
  messages: z
    .array(
      z.strictObject({
        role: z.enum(["user", "assistant"]),
        content: z.union([
          z.string(),
          z.array(
            z.discriminatedUnion("type", [
              z.strictObject({ type: z.literal("text"), text: z.string() }),
              z.strictObject({ type: z.literal("image"), url: z.string() }),
            ]),
          ),
        ]),
      }),
    )
    .optional(),
  stop: z.union([z.string(), z.array(z.string())]).optional(),
  extra: z.unknown().optional(),
});

function refusal(given: unknown, schema: z.ZodType = input): SwitchyardError {
  try {
    parseArguments({ name: "memory.recall", input: schema }, given);
  } catch (error) {
    if (error instanceof SwitchyardError) return error;
    throw error;
  }
  throw new Error("the arguments were taken");
}

test("right arguments are parsed", () => {
  const given = { query: "x", messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] };
  expect(parseArguments({ name: "t", input }, given)).toEqual(given);
});

test("a misspelt argument names what was meant and what is allowed", () => {
  const { code, message, next, details } = refusal({ query: "x", limti: 3 });
  expect(code).toBe("invalid_request");
  expect(message).toBe(
    "memory.recall: limti is not an argument, did you mean limit? (allowed: query, limit, kind, messages, stop, extra)",
  );
  expect(next).toBe("Correct the arguments and call memory.recall again");
  expect(details.problems).toEqual([
    { field: "limti", allowed: ["query", "limit", "kind", "messages", "stop", "extra"], did_you_mean: "limit" },
  ]);
});

test.each([
  [{}, "query is required (a string)"],
  [{ query: 5 }, "query must be a string, not a number"],
  [{ query: null }, "query must be a string, not null"],
  ["text", "arguments must be an object, not a string"],
  [[], "arguments must be an object, not an array"],
  [{ query: "x", kind: "Facts" }, "kind must be one of fact, instruction, event, did you mean fact?"],
  [{ query: "x", limit: 101 }, "limit is not valid: too big: expected number to be <=100"],
  [{ query: "x", limit: 1.5 }, "limit must be an integer, not a number"],
  [{ query: "x", stop: 5 }, "stop must be a string or an array, not a number"],
  [{ query: "x", stop: ["a", 5] }, "stop[1] must be a string, not a number"],
  [{ query: "x", messages: "hi" }, "messages must be an array, not a string"],
  [{ query: "x", messages: [{ role: "user" }] }, "messages[0].content is required (a string or an array)"],
  [
    { query: "x", messages: [{ role: "user", content: [{ type: "txt", text: "hi" }] }] },
    "messages[0].content[0].type must be one of text, image, did you mean text?",
  ],
  [
    { query: "x", messages: [{ role: "user", content: [{ type: "text", txt: "hi" }] }] },
    "messages[0].content[0].text is required (a string); messages[0].content[0].txt is not an argument, did you mean text?",
  ],
  [JSON.parse('{"query":"x","__proto__":{"a":1}}'), "__proto__ is not an argument"],
])("%j is refused in words", (given, said) => {
  expect(refusal(given).message).toContain(`memory.recall: ${said}`);
});

test("an unknown argument is refused also by a tool whose schema would drop it in silence", () => {
  expect(refusal({ query: "x", b: 1 }, z.object({ query: z.string() })).message).toContain("b is not an argument");
});

test("a loose schema takes what it says it takes", () => {
  const loose = z.looseObject({ query: z.string() });
  const given = { query: "x", b: 1 };
  expect(parseArguments({ name: "t", input: loose }, given)).toEqual(given);
});

test("many problems are listed up to a bound and the rest are counted", () => {
  const given = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`unknown_${n}`, 1]));
  const { message, details } = refusal({ query: "x", ...given });
  expect(details.problems).toHaveLength(serveLimits.argumentProblemsMax);
  expect(message).toContain(`and ${20 - serveLimits.argumentProblemsMax} more`);
});

test("arguments one level past the depth bound are refused, at the bound they are taken", () => {
  const nested = (depth: number) => {
    let value: unknown = "x";
    for (let level = 0; level < depth; level += 1) value = [value];
    return value;
  };
  const parse = (extra: unknown) => parseArguments({ name: "t", input }, { query: "x", extra });
  expect(() => parse(nested(serveLimits.argumentDepthMax))).not.toThrow();
  expect(() => parse(nested(serveLimits.argumentDepthMax + 1))).toThrow("levels deep");
  expect(() => parse(nested(200_000))).toThrow("levels deep");
});
