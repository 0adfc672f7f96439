import { afterAll, describe, expect, test } from "vitest";
import { sandboxLimits } from "../../src/core/limits.ts";
import { hostOf, realSandbox, runCode } from "../support/sandbox.ts";

const sandbox = realSandbox({ workers: 1 });
afterAll(() => sandbox.close());
const limits = sandboxLimits;

describe("arguments past their limit are refused", () => {
  test.each([
    ["code", { code: " ".repeat(limits.codeBytesMax + 1) }],
    ["input", { code: "1", input: "x".repeat(limits.inputBytesMax) }],
    ["files", { code: "1", files: { "a.js": " ".repeat(limits.filesBytesMax) } }],
    [
      "files",
      { code: "1", files: Object.fromEntries(Array.from({ length: limits.filesMax + 1 }, (_, i) => [`${i}.js`, ""])) },
    ],
  ])("%s", async (field, { code, ...args }) => {
    const refusal = await runCode(sandbox, code, args).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "too_large" });
    expect((refusal as Error).message).toContain(field);
  });
  test.each([
    ["timeout_ms", { timeout_ms: limits.timeoutMsMax + 1 }],
    ["timeout_ms", { timeout_ms: 0 }],
    ["memory_mb", { memory_mb: limits.memoryMbMax + 1 }],
    ["memory_mb", { memory_mb: 1.5 }],
  ])("%s: %j", async (field, args) => {
    await expect(runCode(sandbox, "1", args)).rejects.toMatchObject({ code: "invalid_request", details: { field } });
  });
});

describe("what a program gives past its limit is cut", () => {
  test("a result, to the beginning of its JSON", async () => {
    const { status, result, truncated } = await runCode(sandbox, `"x".repeat(${limits.resultBytesMax})`);
    expect(status).toBe("ok");
    expect(truncated).toEqual(["result"]);
    expect(result).toBe(`"${"x".repeat(limits.resultBytesMax - 1)}`);
  });
  test("a result of too many values, to the text of its JSON", async () => {
    const most = sandboxLimits.resultValuesMax;
    const whole = await runCode(sandbox, `Array(${most - 1}).fill(1)`);
    expect([whole.truncated, (whole.result as unknown[]).length]).toEqual([undefined, most - 1]);
    const heavy = await runCode(sandbox, `Array(${most}).fill(1)`);
    expect([heavy.truncated, JSON.parse(heavy.result as string).length]).toEqual([["result"], most]);
  });
  test("a log, by size", async () => {
    const { logs, truncated } = await runCode(
      sandbox,
      `for (let i = 0; i < 100; i++) console.log("x".repeat(1000)); 1`,
    );
    expect(truncated).toEqual(["logs"]);
    expect(logs.reduce((sum, { text }) => sum + text.length, 0)).toBe(limits.logBytesMax);
  });
  test("a log, by number of lines", async () => {
    const { logs, truncated } = await runCode(
      sandbox,
      `for (let i = 0; i <= ${limits.logEntriesMax}; i++) console.log(i)`,
    );
    expect(truncated).toEqual(["logs"]);
    expect(logs).toHaveLength(limits.logEntriesMax);
  });
  test("an error's message", async () => {
    const { error } = await runCode(sandbox, 'throw new Error("x".repeat(1e6))');
    expect(error?.message).toHaveLength(limits.errorCharactersMax);
  });
});

describe("host calls", () => {
  test("past their number throw in the program", async () => {
    const code = `let n = 0;
      try { for (;;) { await AI.run(); n++ } } catch (e) { [n, e.code] }`;
    expect((await runCode(sandbox, code)).result).toEqual([limits.hostCallsMax, "too_large"]);
  });
  test("with arguments past their size throw in the program", async () => {
    const code = `try { await AI.run("x".repeat(${limits.hostCallBytesMax})) } catch (e) { e.code }`;
    expect((await runCode(sandbox, code)).result).toBe("too_large");
  });
  test("with more values than are read at once throw in the program", async () => {
    const { hostCallValuesMax } = sandboxLimits;
    const code = `const tried = async (values) => (await AI.run(values).catch((e) => e)).code ?? "read";
      const most = ${hostCallValuesMax} - 2;
      [await tried(Array(most).fill(1)), await tried(Array(most + 1).fill(1)), await tried(",[{".repeat(most))]`;
    expect((await runCode(sandbox, code)).result).toEqual(["read", "too_large", "read"]);
  });
  test("with answers past their size throw in the program", async () => {
    const host = hostOf(async () => "x".repeat(limits.hostCallBytesMax));
    const code = "try { await AI.run() } catch (e) { e.code }";
    expect((await runCode(sandbox, code, {}, host)).result).toBe("too_large");
  });
});

test("timers past their number throw in the program", async () => {
  const code = `let n = 0;
    try { for (;;) { setTimeout(() => {}, 1e6); n++ } } catch { n }`;
  expect((await runCode(sandbox, code)).result).toBe(limits.timersMax);
});

test("a program that runs out of memory is a result, and the next has all of its own", async () => {
  const hog = "const all = []; for (;;) all.push(new Array(1000).fill(1))";
  for (const memory_mb of [limits.memoryMbMin, limits.memoryMbDefault, 128]) {
    const { status, error } = await runCode(sandbox, hog, { memory_mb, timeout_ms: 60_000 });
    expect(status).toBe("memory");
    expect(error?.message).toContain(`${memory_mb} MB`);
  }
  const { result } = await runCode(sandbox, "new Uint8Array(40 * 1024 * 1024).length");
  expect(result).toBe(40 * 1024 * 1024);
});

test("memory that was asked for can be used, and no more", async () => {
  const code = "new Uint8Array(input).length";
  const mb = 1024 * 1024;
  expect((await runCode(sandbox, code, { memory_mb: 100, input: 90 * mb })).result).toBe(90 * mb);
  expect((await runCode(sandbox, code, { memory_mb: 100, input: 101 * mb })).status).toBe("memory");
});

test("programs past the number that may run at once are refused, and those that run are not disturbed", async () => {
  const small = realSandbox({ workers: 1 });
  const controller = new AbortController();
  const started = Array.from({ length: limits.runsMax }, () =>
    runCode(
      small,
      "await new Promise((r) => setTimeout(r, 1e5))",
      { timeout_ms: 100_000 },
      hostOf(),
      controller.signal,
    ),
  );
  await expect(runCode(small, "1")).rejects.toMatchObject({ code: "unavailable", retryable: true });
  controller.abort();
  const ended = await Promise.all(started);
  expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(["cancelled"]));
  expect((await runCode(small, "1 + 1")).result).toBe(2);
  await small.close();
  await expect(runCode(small, "1")).rejects.toMatchObject({ code: "unavailable" });
});
