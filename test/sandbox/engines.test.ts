import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { gate, hostOf, realSandbox, runCode } from "../support/sandbox.ts";
import { bundleV8Entry } from "../support/v8-bundle.ts";

/** What both engines must do alike. Each run on V8 has a process of its own, so this is not every test there is. */
let sandbox: Sandbox;
let remove: () => Promise<void>;
beforeAll(async () => {
  const bundle = await bundleV8Entry();
  sandbox = realSandbox({ workers: 1, v8Entry: bundle.entry });
  remove = bundle.remove;
});
afterAll(async () => {
  await sandbox.close();
  await remove();
});

const files = {
  "lib/sum.ts":
    'import { zero } from "./zero.js";\nexport const sum = (...n: number[]) => n.reduce((a, b) => a + b, zero);',
  "lib/zero.ts": "export const zero: number = await Promise.resolve(0);",
  "lazy.js": 'export const load = async () => (await import("./lib/zero.js")).zero + 42;',
};

describe.each(["quickjs", "v8"] as const)("on %s", (engine) => {
  const run = (code: string, args: Parameters<typeof runCode>[2] = {}, host = hostOf()) =>
    runCode(sandbox, code, { engine, timeout_ms: 20_000, ...args }, host);

  test.each([
    ["a script", "const a = 2; for (const i of [a]) i * 21", 42],
    ["a script that awaits", "const a = await AI.run(21); if (a) { a.args[0] * 2 } else { 0 }", 42],
    ["an async arrow", "async ({ x }) => x + 1", 42],
    ["a top-level return", "const a: number = await 42;\nreturn a", 42],
    ["a default export", "const a = await 41; export default a + 1", 42],
    ["a default-exported function", "export default async function main(i: { x: number }) { return i.x + 1 }", 42],
    ["an anonymous default export", "export default (i) => i.x + 1; export const b = 1;", 42],
    ["static imports", 'import { sum as add } from "./lib/sum.ts";\nadd(40, 2)', 42],
    ["dynamic imports", 'const { load } = await import("./lazy.js"); await load()', 42],
    ["input", "input.x + 1", 42],
  ])("the result of %s", async (_what, code, expected) => {
    const { result, error } = await run(code, { files, input: { x: 41 } });
    expect(error).toBeUndefined();
    expect(result).toBe(expected);
  });

  test("errors have the user's place, in every form", async () => {
    const place = async (code: string) => {
      const { error } = await run(code, {
        files: { "bad.ts": "type A = 1;\nexport const f = () => { throw new RangeError('x') };" },
      });
      return [error?.name, error?.file, error?.line];
    };
    expect(await place("let a = 1;\n  undefined.x")).toEqual(["TypeError", undefined, 2]);
    expect(await place("await 1;\nif (1) {\n  undefined.x\n}")).toEqual(["TypeError", undefined, 3]);
    expect(await place("let a = 1;\nlet b = ;")).toEqual(["SyntaxError", undefined, 2]);
    expect(await place("await AI.nope();")).toEqual(["TypeError", undefined, 1]);
    expect(await place('import { f } from "./bad.ts";\n\nf()')).toEqual(["RangeError", "bad.ts", 2]);
    expect((await run("await 1; undefined.x")).error).toMatchObject({ line: 1, column: engine === "v8" ? 20 : 19 });
    expect((await run('import a from "./none.js"; a')).error?.message).toContain("none.js");
  });

  test("calls run at the same time, and their errors are thrown where they were made", async () => {
    const all = gate();
    let underWay = 0;
    const host = hostOf(async (_name, [which]) => {
      if (++underWay === 10) all.open();
      await all.opened;
      if (which === 3) throw new Error("hidden");
      return which ?? null;
    });
    const code =
      "(await Promise.allSettled(Array.from({ length: 10 }, (_, i) => AI.run(i)))).map((r) => r.reason?.code ?? r.value)";
    expect((await run(code, {}, host)).result).toEqual([0, 1, 2, "internal", 4, 5, 6, 7, 8, 9]);
  });

  test("logs, limits and what is cut", async () => {
    const code = "console.log('x'.repeat(50), [1, { a: new Map([[1, 'b']]) }]); 'y'.repeat(50)";
    expect(await run(code, { limits: { log_bytes: 10, result_bytes: 20 } })).toMatchObject({
      result: `"${"y".repeat(19)}`,
      logs: [{ text: "x".repeat(10) }],
      truncated: ["result", "logs"],
    });
  });

  test("a seed gives the same run again, and a replay calls nothing", async () => {
    const code = `const a = [Math.random(), crypto.randomUUID(), Date.now(), new Date().toISOString(), Date().slice(0, 15)];
      await new Promise((r) => setTimeout(r, 5000)); [...a, Date.now(), await AI.run("m")]`;
    const first = await run(code, { seed: 5 });
    expect(first.status).toBe("ok");
    expect((await run(code, { seed: 5 })).result).toEqual(first.result);
    const never = hostOf(async () => Promise.reject(new Error("called")));
    expect(await run("", { replay: first.run, code: undefined }, never)).toMatchObject({ result: first.result });
  });

  test("the platform's classes", async () => {
    const code = `const u = new URL("/b?x=1", "https://a.example"); u.searchParams.set("x", "ü");
      [u.href, new TextDecoder().decode(new TextEncoder().encode("€")), btoa("hi"), fast.hash("sha256", "a").slice(0, 8),
       structuredClone({ d: new Date(5) }).d.getTime(), new Uint8Array([255]).toHex(), fast.parseCsv("a\\n1")[0].a,
       (() => { try { atob("!!") } catch (e) { return [e.name, /\\/work|node:|file:/.test(e.stack)] } })()]`;
    expect((await run(code)).result).toEqual([
      "https://a.example/b?x=%C3%BC",
      "€",
      "aGk=",
      "ca978112",
      5,
      "ff",
      "1",
      ["TypeError", false],
    ]);
  });

  test("a deadline, memory, and a cancelled caller end it", async () => {
    expect((await run("for (;;);", { timeout_ms: 1_500 })).status).toBe("timeout");
    expect((await run("Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)", { timeout_ms: 1_500 })).status).toBe(
      "timeout",
    );
    expect(
      (await run("const a = []; for (;;) a.push(new Array(1e4).fill(a.length))", { timeout_ms: 60_000 })).status,
    ).toBe("memory");
    expect(
      (await run("const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1))", { timeout_ms: 60_000 })).status,
    ).toMatch(/memory|error/);
    const controller = new AbortController();
    const host = hostOf(async () => {
      setImmediate(() => controller.abort());
      return 1;
    });
    const code = "await AI.run(); for (;;);";
    expect((await runCode(sandbox, code, { engine, timeout_ms: 20_000 }, host, controller.signal)).status).toBe(
      "cancelled",
    );
    expect((await run("1 + 1")).result).toBe(2);
  });
});
