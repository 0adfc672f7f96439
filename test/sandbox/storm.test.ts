import { expect, test } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { hostOf, realSandbox, runCode } from "../support/sandbox.ts";
import { seededFraction } from "./hostile/mutate.ts";

test("many programs at once, some stuck, some cancelled, some too large, all come to what they must", async () => {
  const sandbox = realSandbox({ workers: 2 });
  const fraction = seededFraction(11);
  const host = hostOf(async (_name, [ms]) => {
    await new Promise((resolve) => setTimeout(resolve, Number(ms)));
    return ms ?? null;
  });
  const exec = (code: string, expected: readonly string[], cancelAfterMs?: number) => async () => {
    const controller = new AbortController();
    if (cancelAfterMs !== undefined) setTimeout(() => controller.abort(), cancelAfterMs);
    const args = { code, timeout_ms: code.includes("stuck") ? 150 : 60_000, wait_ms: 120_000 };
    const outcome = await sandbox.exec(args, host, localCaller, { signal: controller.signal });
    expect(expected, `${code}: ${outcome.error?.message}`).toContain(outcome.status);
    if (outcome.status === "ok") expect(outcome.result).toBe(42);
  };
  const kinds = [
    () => exec("42", ["ok"]),
    () => exec("await new Promise((r) => setTimeout(r, 20)); 42", ["ok"]),
    // It may share a thread with one that is stuck, after it has called.
    () => exec(`await Promise.all([AI.run(${Math.floor(fraction() * 60)}), AI.run(5)]); 42`, ["ok", "evicted"]),
    () => exec("let n = 0; for (let i = 0; i < 2e5; i++) n += i; 42", ["ok"]),
    () => exec("throw new Error('x')", ["error"]),
    () => exec("const a = []; for (;;) a.push(new Array(1e4).fill(1))", ["memory"]),
    () => exec("await AI.run(100000)", ["cancelled", "evicted"], Math.floor(fraction() * 300)),
    () => exec("for (;;);", ["cancelled"], 50 + Math.floor(fraction() * 200)),
    () => exec("'stuck'; Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)", ["timeout"]),
    () => exec(`${"(".repeat(1e5)}1`, ["error"]),
  ];
  const weights = [30, 20, 30, 10, 10, 3, 10, 3, 2, 2];
  const programs = weights.flatMap((count, kind) => Array.from({ length: count }, () => kinds[kind]?.()));
  for (let index = programs.length - 1; index > 0; index--) {
    const other = Math.floor(fraction() * (index + 1));
    [programs[index], programs[other]] = [programs[other], programs[index]];
  }
  await Promise.all(programs.map((run) => run?.()));
  for (let round = 0; round < 20; round++) expect((await runCode(sandbox, "1 + 1")).result).toBe(2);
  await sandbox.close();
}, 120_000);
