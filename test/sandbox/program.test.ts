import { afterAll, describe, expect, test } from "vitest";
import type { ExecArgs } from "../../src/sandbox/exec-args.ts";
import { realSandbox, runCode } from "../support/sandbox.ts";

const sandbox = realSandbox({ workers: 1 });
afterAll(() => sandbox.close());

async function resultOf(code: string, args: Partial<ExecArgs> = {}) {
  const { status, result, error } = await runCode(sandbox, code, args);
  expect(error).toBeUndefined();
  expect(status).toBe("ok");
  return result;
}

describe("what a program's result is", () => {
  test.each([
    ["the last expression of a script", "const a = 2; a * 21", 42],
    ["the last expression after top-level await", "const a = await Promise.resolve(2);\na * 21", 42],
    ["the value of the last statement that has one", "for (const i of [1, 2]) { i + 40 }", 42],
    ["what a promise at the end resolves to", "Promise.resolve({ a: [1] })", { a: [1] }],
    ["what an async arrow resolves to", "async () => { await null; return 42 }", 42],
    ["what a named function returns", "(function main() { return 42 })", 42],
    ["a top-level return", "const a = await 2;\nreturn a * 21", 42],
    ["a default export", "export default { a: 1 }", { a: 1 }],
    ["a default export after top-level await", "const a = await 42; export default a", 42],
    ["what a default-exported function returns", "export default async function () { return 42 }", 42],
    ["nothing, for undefined", "undefined", undefined],
    ["nothing, for a module without a default export", "export const a = 1", undefined],
    ["null", "null", null],
    ["text with every kind of character", '"a\\u0000b\\ud83d\\ude00 ü"', "a\u0000b😀 ü"],
    ["a lone surrogate", '"\\ud800"', "\ud800"],
    ["big integers, as text", "({ a: 12345678901234567890n })", { a: "12345678901234567890" }],
  ])("is %s", async (_what, code, expected) => {
    expect(await resultOf(code)).toEqual(expected);
  });
});

describe("TypeScript", () => {
  test("has its types removed when the language is given", async () => {
    const code = "interface Point { x: number }\nconst p: Point = { x: 6 };\np.x * 7 as number";
    expect(await resultOf(code, { language: "typescript" })).toBe(42);
  });
  test("is recognised when no language is given", async () => {
    expect(await resultOf("const a: number = 42; a")).toBe(42);
    expect(await resultOf("const a: number = 42;\nreturn a")).toBe(42);
    expect(await resultOf("export default async (i: { x: number }): Promise<number> => i.x", { input: { x: 5 } })).toBe(
      5,
    );
  });
  test("is refused when the language is JavaScript", async () => {
    const { status, error } = await runCode(sandbox, "const a: number = 42; a", { language: "javascript" });
    expect(status).toBe("error");
    expect(error).toMatchObject({ name: "SyntaxError", line: 1 });
  });
  test("that cannot be stripped is refused with its place", async () => {
    const { error } = await runCode(sandbox, "let a = 1;\n  enum Color { Red }", { language: "typescript" });
    expect(error).toMatchObject({ name: "SyntaxError", line: 2, column: 3 });
    expect(error?.message).toContain("enum");
  });
});

describe("input", () => {
  test("is a global", async () => {
    expect(await resultOf("input.a.length", { input: { a: [1, 2, 3] } })).toBe(3);
  });
  test("is the argument of a function at the end", async () => {
    expect(await resultOf("({ a }) => a + 1", { input: { a: 41 } })).toBe(42);
  });
  test("is undefined when none is given, and its name is free", async () => {
    expect(await resultOf("typeof input")).toBe("undefined");
    expect(await resultOf("const input = 5; const memory = 6; input + memory")).toBe(11);
  });
});

describe("modules in files", () => {
  const files = {
    "lib/sum.ts":
      'import { zero } from "./zero.js";\nexport const sum = (...n: number[]): number => n.reduce((a, b) => a + b, zero);',
    "lib/zero.ts": "export const zero: number = 0;",
    "data.json": '{"a": 42}',
    "plain.js": "export default 42; export const b = 1;",
  };
  test.each([
    ["a named import", 'import { sum } from "./lib/sum.ts";\nsum(40, 2)'],
    ["a default import", 'import a from "./plain.js"; a'],
    ["a namespace import", 'import * as plain from "./plain.js"; plain.default'],
    ["a default and named import over several lines", 'import a, {\n  b as c,\n} from "./plain.js";\na + c - 1'],
    ["JSON", 'import data from "./data.json"; data.a'],
    ["a dynamic import", '(await import("./plain.js")).default'],
    ["an import in a module", 'import a from "./plain.js"; export default a;'],
    ["an import before a return", 'import a from "./plain.js";\nif (a) return a;'],
    ["an import in TypeScript", 'import { sum } from "./lib/sum.ts";\nconst n: number = sum(42); n'],
  ])("can be reached by %s", async (_what, code) => {
    expect(await resultOf(code, { files })).toBe(42);
  });
  test("that do not exist are an error which names them", async () => {
    const { status, error } = await runCode(sandbox, 'import a from "./nope.js"; a', { files });
    expect(status).toBe("error");
    expect(error?.message).toContain("nope.js");
  });
  test("cannot be named out of their root", async () => {
    expect(await resultOf('import a from "../../../plain.js"; a', { files })).toBe(42);
    const { error } = await runCode(sandbox, 'import fs from "node:fs"; fs', { files });
    expect(error?.message).toContain("node:fs");
  });
  test("keep the line of an error after an import of several lines", async () => {
    const code = 'import {\n  b,\n} from "./plain.js";\nnull.x';
    const { error } = await runCode(sandbox, code, { files });
    expect(error).toMatchObject({ name: "TypeError", line: 4 });
  });
});
