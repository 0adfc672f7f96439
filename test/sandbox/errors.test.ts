import { afterAll, describe, expect, test } from "vitest";
import { SwitchyardError } from "../../src/core/errors.ts";
import { hostOf, realSandbox, runCode } from "../support/sandbox.ts";

const sandbox = realSandbox({ workers: 1 });
afterAll(() => sandbox.close());

describe("an error of the program", () => {
  test("carries its name, message and the user's line and column", async () => {
    const { status, error } = await runCode(sandbox, "const a = 1;\n  a.b.c;");
    expect(status).toBe("error");
    expect(error).toMatchObject({ name: "TypeError", line: 2, column: 6, stack: "at main.js:2:6" });
  });
  test("has the line and column of TypeScript as written", async () => {
    const code = "type A = {\n  b: number\n};\nfunction f(a: A | null): number {\n  return a!.b;\n}\nf(null)";
    const { error } = await runCode(sandbox, code, { language: "typescript" });
    expect(error).toMatchObject({ name: "TypeError", line: 5, column: 12 });
    expect(error?.stack).toBe("at f (main.ts:5:12)\nat main.ts:7:2");
  });
  test("in the first line of a program with a return has the user's column", async () => {
    const { error } = await runCode(sandbox, "null.x; return 1");
    expect(error).toMatchObject({ line: 1, column: 5 });
  });
  test("names the file when it is in a module", async () => {
    const files = { "lib.ts": "export function f(): void {\n  throw new RangeError('too far');\n}" };
    const { error } = await runCode(sandbox, 'import { f } from "./lib.ts";\nf()', { files });
    expect(error).toMatchObject({ name: "RangeError", message: "too far", file: "lib.ts", line: 2 });
    expect(error?.stack).toContain("main.js:2:");
  });
  test("of syntax has its place", async () => {
    const { error } = await runCode(sandbox, "let a = 1;\nlet b = ;");
    expect(error).toMatchObject({ name: "SyntaxError", line: 2, column: 9 });
  });
  test("from a host call is thrown where the call was made", async () => {
    const host = hostOf(async () => {
      throw new SwitchyardError("insufficient_credits", "the pool holds $0", { next: "Grant more" });
    });
    const caught = await runCode(
      sandbox,
      "try { await AI.run('m') } catch (e) { ({ name: e.name, message: e.message, code: e.code, isError: e instanceof Error }) }",
      {},
      host,
    );
    expect(caught.result).toEqual({
      name: "SwitchyardError",
      message: "the pool holds $0. Grant more",
      code: "insufficient_credits",
      isError: true,
    });
    const { error } = await runCode(sandbox, "const a = 1;\nawait AI.run('m');", {}, host);
    expect(error).toMatchObject({ code: "insufficient_credits", line: 2 });
  });
  test("that the host did not expect is not shown", async () => {
    const host = hostOf(async () => {
      throw new Error("password is hunter2 at /home/user/secret.ts");
    });
    const { error } = await runCode(sandbox, "await AI.run('m')", {}, host);
    expect(error?.code).toBe("internal");
    expect(JSON.stringify(error)).not.toContain("hunter2");
  });
  test.each([
    ["text", "throw 'just text'", "just text"],
    ["an object", "throw { a: 1 }", '{"a":1}'],
    ["undefined", "throw undefined", "undefined"],
    ["a symbol", "throw Symbol('s')", "Symbol(s)"],
    ["a rejected promise", "await Promise.reject(new Error('no'))", "no"],
  ])("may be %s", async (_what, code, message) => {
    const { status, error } = await runCode(sandbox, code);
    expect(status).toBe("error");
    expect(error?.message).toBe(message);
  });
  test.each([
    ["a throwing message", "throw Object.defineProperty(new Error('a'), 'message', { get() { throw 1 } })"],
    ["a proxy", "throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })"],
    ["a revoked proxy", "const r = Proxy.revocable({}, {}); r.revoke(); throw r.proxy"],
    ["a stack that is not text", "const e = new Error('a'); e.stack = { toString() { throw 1 } }; throw e"],
    ["a result that will not be JSON", "({ toJSON() { throw new Error('no JSON') } })"],
    ["a result in a circle", "const a = {}; a.a = a; a"],
  ])("that resists being read is still an error: %s", async (_what, code) => {
    const { status, error } = await runCode(sandbox, code);
    expect(status).toBe("error");
    expect(typeof error?.message).toBe("string");
    expect((await runCode(sandbox, "1 + 1")).result).toBe(2);
  });
  test("is the program's when it waits for what cannot happen", async () => {
    const { status, error } = await runCode(sandbox, "await new Promise(() => {})");
    expect(status).toBe("error");
    expect(error?.message).toContain("nothing will settle");
  });
});

describe("console", () => {
  test("goes to the logs, in order, with levels", async () => {
    const code = `console.log("a", { b: [1, "x", null] }, new Map([["k", new Set([1])]]));
      console.warn("w"); console.error(new TypeError("bad")); console.debug(1n, Symbol("s"), undefined, () => 1)`;
    const { logs } = await runCode(sandbox, code);
    expect(logs.map(({ level, text }) => [level, text])).toEqual([
      ["log", 'a { b: [ 1, "x", null ] } Map(1) { "k" => Set(1) { 1 } }'],
      ["warn", "w"],
      ["error", expect.stringMatching(/^TypeError: bad\n {4}at .*main\.js:2:/)],
      ["debug", "1n Symbol(s) undefined [Function (anonymous)]"],
    ]);
    expect(logs.every(({ at_ms }) => at_ms >= 0)).toBe(true);
  });
  test("is reported while the program runs", async () => {
    const seen: string[] = [];
    await sandbox.exec(
      { code: "console.log('one'); console.log('two')" },
      hostOf(),
      (await import("../../src/core/caller.ts")).localCaller,
      {
        onProgress: ({ message }) => seen.push(message),
      },
    );
    expect(seen).toEqual(["one", "two"]);
  });
  test("takes anything without throwing", async () => {
    const code = `const loop = {}; loop.self = loop;
      console.log(loop, new Proxy({}, { ownKeys() { throw 1 } }), { get a() { throw 1 } }, Object.create(null)); 1`;
    const { status, logs } = await runCode(sandbox, code);
    expect(status).toBe("ok");
    expect(logs[0]?.text).toContain("[Circular]");
  });
});
