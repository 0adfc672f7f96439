import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answerTo, piecesOf } from "../../src/simulator/model/answer.ts";
import { embeddingOf } from "../../src/simulator/model/embedding.ts";
import { readInstructions } from "../../src/simulator/model/instructions.ts";
import { prefixCache } from "../../src/simulator/model/prefix-cache.ts";
import { type Prompt, turn } from "../../src/simulator/model/prompt.ts";
import { sampleOf } from "../../src/simulator/model/sample.ts";
import { countTokens, firstTokens } from "../../src/simulator/model/tokens.ts";

const tools = new Set(["a", "b.c", "get_weather"]);

describe("instructions in a prompt", () => {
  test("calls are read with their arguments, whatever is in them", () => {
    const text =
      'Please call a {"x":"} call b.c {"} and call b.c, then call get_weather {"city":{"name":"Oslo \\"S\\""}}';
    expect(readInstructions(text, tools).rounds).toEqual([
      [
        { name: "a", arguments: '{"x":"} call b.c {"}' },
        { name: "b.c", arguments: "{}" },
      ],
      [{ name: "get_weather", arguments: '{"city":{"name":"Oslo \\"S\\""}}' }],
    ]);
  });

  test("calls of tools that are not declared, and broken arguments, are left alone", () => {
    expect(readInstructions("call nothing {}", tools).rounds).toEqual([]);
    expect(readInstructions("call a {broken", tools).rounds).toEqual([[{ name: "a", arguments: "{}" }]]);
  });

  test("what follows `say exactly:` is not read as instructions", () => {
    expect(readInstructions("say exactly: refuse and call a", tools)).toMatchObject({
      exactly: "refuse and call a",
      refuse: false,
      rounds: [],
    });
  });

  test("any text is read without failing", () => {
    fc.assert(fc.property(fc.string(), (text) => readInstructions(`call a ${text}`, tools).rounds.length === 1));
  });
});

const prompt = (text: string, more: Partial<Prompt> = {}): Prompt => ({
  label: "openai/x",
  turns: [turn("user", { text })],
  tools: [],
  toolChoice: "auto",
  parallelCalls: true,
  json: null,
  maxOutputTokens: null,
  stop: [],
  reasoningTokens: 0,
  reasoningTokensIfAsked: 0,
  ...more,
});

describe("the simulated answer", () => {
  test("never goes over its limit, reasoning included, and says when it was cut", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 80 }),
        fc.boolean(),
        (limit, reasoningTokens, calls) => {
          const tools = [{ name: "tool", parameters: null }];
          const asked = calls ? 'call tool {"text":"some words in here"} and call tool {"n":1}' : "say 30 words";
          const answer = answerTo(prompt(asked, { maxOutputTokens: limit, reasoningTokens, tools }));
          const whole = answerTo(prompt(asked, { reasoningTokens, tools }));
          const isCut = whole.outputTokens > limit;
          return (
            answer.outputTokens <= limit && answer.reasoningTokens <= limit && (answer.finish === "length") === isCut
          );
        },
      ),
    );
  });

  test("goes through the rounds of a plan, one for each result that comes back", () => {
    const tools = [
      { name: "a", parameters: null },
      { name: "b", parameters: null },
    ];
    const asked = prompt("call a then call b", { tools });
    const afterRounds = (rounds: number): Prompt => ({
      ...asked,
      turns: [
        ...asked.turns,
        ...Array.from({ length: rounds }, () => [
          turn("assistant", { calls: ["a"] }),
          turn("tool", { results: [{ name: "a", text: "r" }] }),
        ]).flat(),
      ],
    });
    expect([0, 1].map((rounds) => answerTo(afterRounds(rounds)).calls.map(({ name }) => name))).toEqual([["a"], ["b"]]);
    expect(answerTo(afterRounds(2)).text).toBe("[simulated openai/x] a returned: r");
  });

  test("is cut between characters and not within one", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (text, tokens) => {
        const cut = firstTokens(text, tokens);
        return text.startsWith(cut) && cut.isWellFormed() === text.isWellFormed() && countTokens(cut) <= tokens;
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const pieces = [...piecesOf(text)];
        return pieces.join("") === text && pieces.every((piece) => piece.isWellFormed() === text.isWellFormed());
      }),
    );
  });
});

test("a sample of a schema is one the schema accepts", () => {
  const shape = z.object({
    name: z.string().min(30).max(40),
    kind: z.enum(["a", "b"]),
    fixed: z.literal(7),
    at: z.iso.datetime(),
    id: z.uuid(),
    mail: z.email(),
    count: z.int().min(5),
    share: z.number(),
    yes: z.boolean(),
    none: z.null(),
    maybe: z.string().nullable(),
    either: z.union([z.object({ x: z.number() }), z.string()]),
    list: z.array(z.object({ deep: z.array(z.string()).min(2) })),
  });
  expect(shape.safeParse(sampleOf(z.toJSONSchema(shape) as Record<string, unknown>)).error).toBeUndefined();
});

test("a sample of a recursive schema ends", () => {
  const schema = {
    $ref: "#/$defs/node",
    $defs: {
      node: {
        type: "object",
        properties: {
          name: { type: "string" },
          next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
          children: { type: "array", items: { $ref: "#/$defs/node" } },
        },
        required: ["name", "next"],
      },
    },
  };
  const sample = JSON.stringify(sampleOf(schema));
  expect(sample).toContain('"next":null');
  expect(sample.length).toBeLessThan(10_000);
});

test("embeddings have length 1 and put texts with the same words near each other", () => {
  const [cat, cats, tax] = ["the cat sat on the mat", "a cat on a mat", "income tax return"].map((text) =>
    embeddingOf(text, 256),
  );
  const dot = (left: Float32Array | undefined, right: Float32Array | undefined) =>
    Array.from(left ?? []).reduce((sum, value, at) => sum + value * (right?.[at] ?? 0), 0);
  expect(dot(cat, cat)).toBeCloseTo(1, 5);
  expect(dot(cat, cats)).toBeGreaterThan(dot(cat, tax) + 0.2);
});

test("the prefix cache finds the longest beginning it has seen, and forgets the oldest", () => {
  const cache = prefixCache();
  const part = (content: string) => ({ content, tokens: 1_000 });
  cache.write("m", [part("a"), part("b")]);
  expect(cache.read("m", [part("a"), part("b"), part("c")])).toBe(2_000);
  expect(cache.read("m", [part("a"), part("x")])).toBe(0);
  expect(cache.read("other", [part("a"), part("b")])).toBe(0);
  for (let index = 0; index < 4_096; index += 1) cache.write("m", [part(`n${index}`)]);
  expect(cache.read("m", [part("a"), part("b")])).toBe(0);
});
