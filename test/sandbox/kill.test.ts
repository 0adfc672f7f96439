import { afterAll, describe, expect, test } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { gate, hostOf, realSandbox, runCode } from "../support/sandbox.ts";

const sandbox = realSandbox({ workers: 2 });
afterAll(() => sandbox.close());

/** Loops inside the engine's own functions: nothing inside the thread can stop these. */
const stuckInside = [
  "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)",
  "Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)",
  "Array.prototype.reverse.call({ length: 2 ** 53 - 1 })",
  "const a = []; a.length = 2 ** 31; a.join()",
  "const a = []; a.length = 2 ** 31; a.sort()",
  "const a = new Uint8Array(3e7); for (;;) a.indexOf(1)",
  "let a = 'x'.repeat(1e7); for (;;) a.toLowerCase()",
];

describe("a program that does not end", () => {
  test.each([
    "for (;;);",
    "for (;;) try { for (;;); } catch {} finally { continue }",
    "(function f() { Promise.resolve().then(f) })(); await new Promise(() => {})",
    "/(a+)+$/.test('a'.repeat(40) + 'b')",
    "await new Promise((r) => setTimeout(r, 1e5))",
    "setInterval(() => {}, 1); await new Promise(() => {})",
    "[2, 1].sort(() => { for (;;); })",
    "({ toJSON() { for (;;); } })",
    ...stuckInside,
  ])("is over shortly after its deadline: %s", async (code) => {
    const { status, error } = await runCode(sandbox, code, { timeout_ms: 60 });
    expect(status).toBe("timeout");
    expect(error?.message).toContain("60 ms");
    expect((await runCode(sandbox, "1 + 1")).result).toBe(2);
  });
  test("is over when its result is, whatever it left running", async () => {
    const { result } = await runCode(
      sandbox,
      "setInterval(() => {}, 1); (function f() { Promise.resolve().then(f) })(); 5",
    );
    expect(result).toBe(5);
  });
  test("does not keep the caller's event loop", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await runCode(sandbox, stuckInside[0] ?? "", { timeout_ms: 300 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });
});

describe("a program that breaks the engine", () => {
  test.each([
    ["nesting in JavaScript", "'('.repeat(1e5) + ')'.repeat(1e5)", "javascript"],
    ["nesting in arrays", "'['.repeat(1e5) + ']'.repeat(1e5)", "javascript"],
    ["nesting in TypeScript", "'('.repeat(1e5) + '1 as any' + ')'.repeat(1e5)", "typescript"],
  ] as const)("by %s is an error, and the next one is not affected", async (_what, make, language) => {
    const code = new Function(`return ${make}`)() as string;
    const { status, error } = await runCode(sandbox, code, { language });
    expect(status).toBe("error");
    expect(error?.message).toContain("nested too deeply");
    for (let i = 0; i < 8; i++) {
      expect((await runCode(sandbox, "const a: number = 2; a")).result).toBe(2);
    }
  });
  test("by recursion is an error that it can catch", async () => {
    const code = "let n = 0; const f = () => { n++; f() }; try { f() } catch (e) { n }";
    const depth = Number((await runCode(sandbox, code)).result);
    expect(depth).toBeGreaterThan(10_000);
    const { result } = await runCode(sandbox, code, { limits: { stack_bytes: 256 * 1024 } });
    expect(Number(result)).toBeLessThan(depth / 4);
    expect((await runCode(sandbox, code)).result).toBe(depth);
  });
});

describe("programs that share a thread with one that had to be stopped", () => {
  test("are run again when they had called nothing, and told so when they had", async () => {
    const shared = realSandbox({ workers: 1 });
    const called = gate();
    const host = hostOf(async () => {
      called.open();
      return new Promise(() => {});
    });
    const long = { timeout_ms: 120_000, wait_ms: 100_000 };
    const hasCalled = runCode(shared, "await AI.run(); 1", long, host);
    await called.opened;
    const hasNot = runCode(shared, "console.log('again'); await new Promise((r) => setTimeout(r, 400)); 42", long);
    let isTold = false;
    void hasCalled.then(() => (isTold = true));
    // A thread that is inside a program's code for long gets no other: on a slow machine the first ones may miss theirs.
    while (!isTold) {
      // The line is written from inside the program, the moment before nothing inside can stop it.
      const controller = new AbortController();
      const code = `console.log("now"); ${stuckInside[0]}`;
      const stuck = await shared.exec({ code, ...long }, hostOf(), localCaller, {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      expect(stuck.status).toBe("cancelled");
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await hasCalled).toMatchObject({ status: "evicted", error: { code: "evicted", retryable: true } });
    expect(await hasNot).toMatchObject({ status: "ok", result: 42, logs: [{ text: "again" }] });
    await shared.close();
  });
});

describe("programs that compute for long", () => {
  /** Starts a program that computes until it is cancelled. */
  function startHog(shared: Sandbox, signal: AbortSignal) {
    const began = gate();
    const code = "console.log('now'); for (;;);";
    const onProgress = () => began.open();
    const ended = shared.exec({ code, timeout_ms: 100_000 }, hostOf(), localCaller, { signal, onProgress });
    return { began: began.opened, ended };
  }
  test("do not keep others waiting, though they take every thread", async () => {
    const shared = realSandbox({ workers: 1 });
    const controller = new AbortController();
    const hogs = [startHog(shared, controller.signal), startHog(shared, controller.signal)];
    await Promise.all(hogs.map(({ began }) => began));
    let isOver = false;
    for (const { ended } of hogs) void ended.then(() => (isOver = true));
    const results = await Promise.all(Array.from({ length: 10 }, (_, i) => runCode(shared, `${i} + 1`)));
    expect(results.map(({ result }) => result)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(isOver).toBe(false);
    controller.abort();
    expect((await Promise.all(hogs.map(({ ended }) => ended))).map(({ status }) => status)).toEqual([
      "cancelled",
      "cancelled",
    ]);
    await shared.close();
  });
  test("are stopped at their CPU time even inside the engine's own functions", async () => {
    const { status, error } = await runCode(sandbox, stuckInside[0] ?? "", {
      timeout_ms: 100_000,
      limits: { cpu_ms: 50 },
    });
    expect(status).toBe("timeout");
    expect(error?.message).toContain("50 ms of CPU");
  });
});
