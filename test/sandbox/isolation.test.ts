import { afterAll, describe, expect, test } from "vitest";
import { realSandbox, runCode } from "../support/sandbox.ts";

const sandbox = realSandbox({ workers: 1 });
afterAll(() => sandbox.close());

describe("a program", () => {
  test("finds none of the machine's names", async () => {
    const names =
      "process require module exports __dirname Buffer fs Deno Bun postMessage WebAssembly XMLHttpRequest fetch SharedArrayBuffer Atomics WeakRef FinalizationRegistry std os navigator send";
    const code = "input.filter((name) => typeof globalThis[name] !== 'undefined')";
    expect((await runCode(sandbox, code, { input: names.split(" ") })).result).toEqual([]);
  });
  test("cannot reach a name of the machine's through constructors", async () => {
    const code = `const out = [];
      for (const f of [console.log, setTimeout, AI.run, AI.run().constructor, (async () => {}).constructor])
        out.push(f.constructor("return typeof process + typeof require")());
      await Promise.all(out.map(async (o) => (await o)))`;
    expect((await runCode(sandbox, code)).result).toEqual(Array(5).fill("undefinedundefined"));
  });
  test("sees UTC, whatever the machine's time zone", async () => {
    const code = "[new Date(2020, 6, 5, 12).toISOString(), new Date().getTimezoneOffset()]";
    expect((await runCode(sandbox, code)).result).toEqual(["2020-07-05T12:00:00.000Z", 0]);
  });
  test("cannot time its own code, though time passes while it waits", async () => {
    const code = `const a = Date.now(); for (let i = 0; i < 1e6; i++); const b = Date.now();
      await new Promise((r) => setTimeout(r, 15)); [b - a, Date.now() - b >= 14]`;
    expect((await runCode(sandbox, code)).result).toEqual([0, true]);
  });
});

describe("the next program", () => {
  test.each([
    [
      "globals",
      "globalThis.leak = 1; leak = 1; var leak2 = 1",
      "[typeof leak, typeof leak2]",
      ["undefined", "undefined"],
    ],
    ["lexical names", "let leak3 = 1; 1", "typeof leak3", "undefined"],
    [
      "prototypes",
      "Array.prototype.map = () => 'poison'; Object.prototype.toJSON = () => 'poison'; Promise.prototype.then = () => {}",
      "const a = await Promise.resolve([1]); a.map((x) => x + 1)",
      [2],
    ],
    [
      "replaced globals",
      "JSON.stringify = () => '1'; Promise = null; Array = null; undefined",
      "[await Promise.resolve([1])]",
      [[1]],
    ],
    [
      "setters on Object.prototype",
      "Object.defineProperty(Object.prototype, 'value', { set() {}, get() { return 'poison' } })",
      "41 + 1",
      42,
    ],
    [
      "timers",
      "setInterval(() => { globalThis.leak4 = 1 }, 1); 1",
      "await new Promise((r) => setTimeout(r, 20)); typeof leak4",
      "undefined",
    ],
    ["symbols", "globalThis[Symbol.for('leak')] = 1", "typeof globalThis[Symbol.for('leak')]", "undefined"],
    [
      "frozen built-ins",
      "Object.freeze(Array.prototype); Object.freeze(globalThis); 1",
      "Array.prototype.x = 1; var y = 2; Array.prototype.x + y",
      3,
    ],
    ["console", "console.log = null; delete globalThis.console", "typeof console.log", "function"],
  ])("sees nothing of the last one's %s", async (_what, first, second, expected) => {
    await runCode(sandbox, first);
    expect((await runCode(sandbox, second)).result).toEqual(expected);
  });
  test("sees nothing of the last one's memory", async () => {
    const secret = "correct horse battery staple";
    await runCode(sandbox, `globalThis.keep = []; for (let i = 0; i < 5000; i++) keep.push(input + i); 1`, {
      input: secret,
    });
    const code = `const bytes = new Uint8Array(4 * 1024 * 1024); let nonZero = 0;
      for (let i = 0; i < bytes.length; i += 64) if (bytes[i] !== 0) nonZero++; nonZero`;
    expect((await runCode(sandbox, code)).result).toBe(0);
  });
  test("gets other random numbers, though it starts from the same memory", async () => {
    const code = "[Math.random(), Math.random()]";
    const drawn = await Promise.all(Array.from({ length: 20 }, async () => (await runCode(sandbox, code)).result));
    const flat = drawn.flat() as number[];
    expect(new Set(flat).size).toBe(40);
    expect(flat.every((value) => value >= 0 && value < 1)).toBe(true);
  });
});
