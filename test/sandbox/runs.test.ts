import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allRights, type Caller, localCaller } from "../../src/core/caller.ts";
import { sandboxLimits } from "../../src/core/limits.ts";
import type { ExecArgs } from "../../src/sandbox/exec-args.ts";
import type { SandboxHost } from "../../src/sandbox/host.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { gate, hostOf, realSandbox, runCode } from "../support/sandbox.ts";

let directory = "";
let sandbox: Sandbox;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "switchyard-runs-"));
  sandbox = realSandbox({ workers: 1, runsDirectory: directory });
});
afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});

const exec = (args: ExecArgs, host: SandboxHost = hostOf(), caller: Caller = localCaller) =>
  sandbox.exec(args, host, caller);

describe("a run that takes longer than its caller waits", () => {
  test("is answered with its id, goes on, and can be asked for", async () => {
    const finish = gate();
    const called = gate();
    const host = hostOf(async () => {
      called.open();
      await finish.opened;
      return "late";
    });
    const first = await exec({ code: "console.log('started'); await AI.run()", wait_ms: 0 }, host);
    expect(first).toMatchObject({ status: "running" });
    await called.opened;
    expect(await exec({ run: first.run, wait_ms: 0 })).toMatchObject({
      run: first.run,
      status: "running",
      logs: [{ text: "started" }],
      usage: { calls: 1 },
    });
    const asked = exec({ run: first.run });
    finish.open();
    expect(await asked).toMatchObject({ run: first.run, status: "ok", result: "late" });
    expect(await exec({ run: first.run })).toMatchObject({ status: "ok", result: "late" });
  });
  test("is not ended by a caller who has gone, and can be cancelled by id", async () => {
    const controller = new AbortController();
    const host = hostOf(() => new Promise(() => {}));
    const { run } = await sandbox.exec({ code: "await AI.run()", wait_ms: 20 }, host, localCaller, {
      signal: controller.signal,
    });
    controller.abort();
    expect(await exec({ run, wait_ms: 0 })).toMatchObject({ status: "running" });
    expect(await exec({ run, cancel: true })).toMatchObject({ status: "cancelled" });
  });
  test("shows its log to whoever asks, as it is written", async () => {
    const next = gate();
    const host = hostOf(async () => {
      await next.opened;
      return null;
    });
    const { run } = await exec({ code: "await AI.run(); console.log('later')", wait_ms: 20 }, host);
    const seen: string[] = [];
    const asked = sandbox.exec({ run }, hostOf(), localCaller, { onProgress: ({ message }) => seen.push(message) });
    next.open();
    await asked;
    expect(seen).toEqual(["later"]);
  });
  test("survives a restart as a file, and only its owner can read it", async () => {
    const before = realSandbox({ workers: 1, runsDirectory: directory });
    const { run } = await runCode(before, "await AI.run('m'); 42");
    await before.close();
    expect(await exec({ run })).toMatchObject({ run, status: "ok", result: 42 });
    const other: Caller = { workspace: "other", key: null, rights: allRights };
    await expect(exec({ run }, hostOf(), other)).rejects.toMatchObject({ code: "not_found" });
    await expect(exec({ replay: run }, hostOf(), other)).rejects.toMatchObject({ code: "not_found" });
    const keyed: Caller = { ...localCaller, key: "key_1" };
    await expect(exec({ run }, hostOf(), keyed)).rejects.toMatchObject({ code: "not_found" });
  });
  test("survives a restart whatever separators its code and its result hold", async () => {
    const before = realSandbox({ workers: 1, runsDirectory: directory });
    const { run } = await runCode(before, "await AI.run('m'); 'one\u2028two\u2029three\\r\\nfour'");
    await before.close();
    expect(await exec({ run })).toMatchObject({ status: "ok", result: "one\u2028two\u2029three\r\nfour" });
  });
  test("of a process that died is told so", async () => {
    const id = `run_${"0".repeat(26)}`;
    const owner = { workspace: localCaller.workspace, key: localCaller.key };
    await writeFile(join(directory, `${id}.running`), JSON.stringify({ owner, pid: 2 ** 22 + 1 }));
    expect(await exec({ run: id })).toMatchObject({ status: "evicted", error: { code: "evicted" } });
  });
  test.each(["run_nope", "../../etc/passwd", `run_${"1".repeat(26)}`])(
    "is not found by a wrong id: %s",
    async (run) => {
      await expect(exec({ run })).rejects.toMatchObject({ code: "not_found" });
    },
  );
  test("is one whole file when the sandbox is closed, and nothing when that file was cut", async () => {
    const own = await mkdtemp(join(tmpdir(), "switchyard-runs-"));
    const before = realSandbox({ workers: 1, runsDirectory: own });
    const { run } = await runCode(before, "await AI.run('m'); 42");
    await before.close();
    expect(await readdir(own)).toEqual([`${run}.jsonl`]);
    const file = join(own, `${run}.jsonl`);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.slice(0, text.length / 2));
    const after = realSandbox({ workers: 1, runsDirectory: own });
    await expect(after.exec({ run }, hostOf(), localCaller)).rejects.toMatchObject({ code: "not_found" });
    await after.close();
    await rm(own, { recursive: true });
  });
});

describe("a seed", () => {
  const code = `const drawn = [Math.random(), crypto.randomUUID(), Date.now()];
    await new Promise((r) => setTimeout(r, 5000)); [...drawn, Date.now(), new Date().toISOString()]`;
  test("gives the same randomness and time in every run, and another seed others", async () => {
    const first = await exec({ code, seed: 7 });
    expect(first).toMatchObject({ status: "ok" });
    expect(await exec({ code, seed: 7 })).toMatchObject({ result: first.result });
    expect(((await exec({ code, seed: "seven" })).result as unknown[])[0]).not.toBe((first.result as unknown[])[0]);
  });
  test("makes timers fire in their order without waiting for them", async () => {
    const order = `const seen = []; const at = (ms) => setTimeout(() => seen.push(ms), ms);
      at(30000); at(10); at(20000); at(10); await new Promise((r) => setTimeout(r, 40000)); [seen, Date.now()]`;
    const { result, usage } = await exec({ code: order, seed: 1, timeout_ms: 5_000 });
    expect(result).toEqual([[10, 10, 20_000, 30_000], Date.UTC(2024, 0, 1) + 40_000]);
    expect(usage.wall_ms).toBeLessThan(5_000);
  });
});

describe("a replay", () => {
  const code = `const order = [];
    await Promise.all(["slow", "fast", "fails"].map(async (w) => { try { order.push(await AI.run(w)) } catch (e) { order.push(e.code) } }));
    setTimeout(() => order.push("timer"), 2); await new Promise((r) => setTimeout(r, 5));
    console.log(order.join()); [order, Math.random(), Date.now(), crypto.randomUUID()]`;
  const slow = gate();
  const host = hostOf(async (_name, [which]) => {
    if (which === "slow") await slow.opened;
    if (which === "fails") throw new Error("unexpected");
    slow.open();
    return which ?? null;
  });
  test("comes to the same result without calling anything", async () => {
    const first = await exec({ code }, host);
    expect(first.status).toBe("ok");
    const never = hostOf(async () => {
      throw new Error("a replay must not call");
    });
    const again = await exec({ replay: first.run }, never);
    expect(again).toMatchObject({ status: "ok", result: first.result, usage: { calls: 0 } });
    expect(again.logs.map(({ text }) => text)).toEqual(first.logs.map(({ text }) => text));
    expect(again.run).not.toBe(first.run);
    await sandbox.close();
    sandbox = realSandbox({ workers: 1, runsDirectory: directory });
    expect(await exec({ replay: first.run }, never)).toMatchObject({ status: "ok", result: first.result });
  });
  test("of other code goes on as long as it calls the same", async () => {
    const { run } = await exec({ code: "await AI.run('m', 1)" });
    expect(await exec({ replay: run, code: "(await AI.run('m', 1)).name + '!'" })).toMatchObject({ result: "AI.run!" });
    const { status, error } = await exec({ replay: run, code: "await AI.run('m', 2)" });
    expect(status).toBe("error");
    expect(error).toMatchObject({ name: "ReplayError" });
    expect(error?.message).toContain('AI.run("m",2)');
  });
  test("ends where the recorded run was stopped", async () => {
    const hang = hostOf(() => new Promise(() => {}));
    let replayed: unknown;
    // A thread that does not get to say how far the program came, on a machine that is too busy, leaves no recording.
    while (!replayed) {
      const { run } = await exec({ code: "await AI.run()", timeout_ms: 50 }, hang);
      replayed = await exec({ replay: run }).catch(({ code }) => (code === "unsupported" ? undefined : code));
    }
    expect(replayed).toMatchObject({ status: "error", error: { name: "ReplayError" } });
  });
});

describe("limits of one call", () => {
  test("bound its CPU time, its calls, its log and its result", async () => {
    const spin = await exec({ code: "for (;;);", limits: { cpu_ms: 50 }, timeout_ms: 20_000 });
    expect(spin).toMatchObject({ status: "timeout", error: { message: expect.stringContaining("50 ms of CPU") } });
    const calls = "let n = 0; try { for (;;) { await AI.run(); n++ } } catch { n }";
    expect(await exec({ code: calls, limits: { calls: 3 } })).toMatchObject({ result: 3 });
    const big = "console.log('x'.repeat(50)); 'y'.repeat(50)";
    expect(await exec({ code: big, limits: { log_bytes: 10, result_bytes: 20 } })).toMatchObject({
      result: `"${"y".repeat(19)}`,
      logs: [{ text: "x".repeat(10) }],
      truncated: ["result", "logs"],
    });
  });
  test("cannot pass their ceilings, which settings can lower", async () => {
    // Below the default, and yet long enough for a thread that starts on a busy machine.
    const timeoutMs = sandboxLimits.timeoutMsDefault - 1;
    const ceilings = { timeoutMs, memoryMb: 8, limits: { cpu_ms: 8_000, calls: 1, log_bytes: 5, result_bytes: 9 } };
    const low = realSandbox({ workers: 1, ceilings });
    await expect(runCode(low, "1", { timeout_ms: timeoutMs + 1 })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(runCode(low, "1", { memory_mb: 9 })).rejects.toMatchObject({ code: "invalid_request" });
    for (const limits of [{ cpu_ms: 8_001 }, { calls: 2 }, { log_bytes: 6 }, { result_bytes: 10 }]) {
      await expect(runCode(low, "1", { limits })).rejects.toMatchObject({ code: "invalid_request" });
    }
    expect(await runCode(low, "1")).toMatchObject({ result: 1 });
    const code = "await AI.run(); console.log('123456'); await AI.run().then(() => 0, (e) => e.code)";
    expect(await runCode(low, code)).toMatchObject({
      result: expect.stringContaining("too_l"),
      logs: [{ text: "12345" }],
      truncated: ["result", "logs"],
    });
    await low.close();
    const misspelt = { code: "1", limits: { cpu: 5 } } as ExecArgs;
    await expect(exec(misspelt)).rejects.toMatchObject({
      code: "invalid_request",
      next: expect.stringContaining("cpu_ms"),
    });
    await expect(exec({ code: "1", limits: { calls: 1_001 } })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(exec({})).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("an answer in pieces", () => {
  test("can be walked as it comes, and its whole awaited", async () => {
    const host = hostOf(async (_name, _args, { onChunk }) => {
      for (const delta of ["a", "b", "c"]) onChunk?.({ delta });
      return { text: "abc" };
    });
    const walk = `const stream = AI.run("m", { prompt: "p" }, { stream: true }); let text = "";
      for await (const { delta } of stream) text += delta; [text, await stream.result]`;
    expect((await runCode(sandbox, walk, {}, host)).result).toEqual(["abc", { text: "abc" }]);
    expect((await runCode(sandbox, 'await AI.run("m", {}, { stream: true }).result', {}, host)).result).toEqual({
      text: "abc",
    });
  });
  test("that is no longer wanted is cancelled", async () => {
    const aborted = gate<unknown>();
    const host = hostOf((_name, _args, { onChunk, signal }) => {
      onChunk?.(1);
      signal.addEventListener("abort", () => aborted.open(true));
      return new Promise(() => {});
    });
    const code = `for await (const n of AI.run("m", {}, { stream: true })) break;
      await new Promise((r) => setTimeout(r, 1e5))`;
    const run = runCode(sandbox, code, { timeout_ms: 20_000, wait_ms: 0 }, host);
    expect(await aborted.opened).toBe(true);
    await sandbox.exec({ run: (await run).run, cancel: true }, host, localCaller);
  });
  test("ends in the error that the call ended in", async () => {
    const host = hostOf(async (_name, _args, { onChunk }) => {
      onChunk?.(1);
      throw new Error("cut");
    });
    const code = `const seen = []; try { for await (const n of AI.run("m", {}, { stream: true })) seen.push(n) } catch (e) { seen.push(e.code) } seen`;
    expect((await runCode(sandbox, code, {}, host)).result).toEqual([1, "internal"]);
  });
});
