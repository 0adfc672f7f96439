import { afterAll, describe, expect, test } from "vitest";
import { allRights, localCaller } from "../../src/core/caller.ts";
import { sandboxLimits } from "../../src/core/limits.ts";
import { gate, hostOf, realSandbox, runCode } from "../support/sandbox.ts";

const sandbox = realSandbox({ workers: 1 });
afterAll(() => sandbox.close());

describe("host bindings", () => {
  test("run at the same time: ten calls in one Promise.all are all under way before one is answered", async () => {
    const all = gate();
    let underWay = 0;
    const host = hostOf(async (_name, [model]) => {
      if (++underWay === 10) all.open();
      await all.opened;
      return `answer of ${model}`;
    });
    const code = 'Promise.all(Array.from({ length: 10 }, (_, i) => AI.run("m" + i)))';
    const { result, usage } = await runCode(sandbox, code, {}, host);
    expect(result).toEqual(Array.from({ length: 10 }, (_, i) => `answer of m${i}`));
    expect(usage.calls).toBe(10);
  });
  test("get their arguments as JSON and give their answers as JSON", async () => {
    const code = 'AI.run("m", { a: [1, null, "ü"], b: undefined }, undefined)';
    expect((await runCode(sandbox, code)).result).toEqual({
      name: "AI.run",
      args: ["m", { a: [1, null, "ü"] }],
    });
  });
  test("are only those that the host names", async () => {
    const code = "[typeof AI.run, typeof AI.other, typeof memory, typeof fetch]";
    const { result } = await runCode(sandbox, code, {}, hostOf(undefined, ["AI.run", "fetch"]));
    expect(result).toEqual(["function", "undefined", "undefined", "function"]);
  });
  test("cannot be changed by the program for itself or the next one", async () => {
    await runCode(sandbox, "try { AI.run = 1 } catch {} AI = null; 1");
    expect((await runCode(sandbox, "typeof AI.run")).result).toBe("function");
  });
  test("answer in the order in which the host does", async () => {
    const first = gate();
    const host = hostOf(async (_name, [which]) => {
      if (which === "slow") await first.opened;
      else first.open();
      return which ?? null;
    });
    const code = `const order = [];
      await Promise.all(["slow", "fast"].map(async (w) => order.push(await AI.run(w)))); order`;
    expect((await runCode(sandbox, code, {}, host)).result).toEqual(["fast", "slow"]);
  });
  test("wait inside the run beyond the number that may be under way", async () => {
    let underWay = 0;
    let most = 0;
    const full = gate();
    const host = hostOf(async () => {
      most = Math.max(most, ++underWay);
      if (underWay === sandboxLimits.hostCallsInFlightMax) full.open();
      await full.opened;
      await null;
      underWay--;
      return 1;
    });
    const calls = sandboxLimits.hostCallsInFlightMax + 8;
    const code = `(await Promise.all(Array.from({ length: ${calls} }, () => AI.run()))).length`;
    expect((await runCode(sandbox, code, {}, host)).result).toBe(calls);
    expect(most).toBe(sandboxLimits.hostCallsInFlightMax);
  });
  test("end with the run: calls still under way are aborted", async () => {
    const aborted = gate<unknown>();
    const host = hostOf((_name, _args, { signal }) => {
      signal.addEventListener("abort", () => aborted.open(true));
      return new Promise(() => {});
    });
    const { result } = await runCode(sandbox, "void AI.run(); 5", {}, host);
    expect(result).toBe(5);
    expect(await aborted.opened).toBe(true);
  });
});

describe("cancellation", () => {
  test("reaches the host call and ends the run", async () => {
    const controller = new AbortController();
    const aborted = gate<unknown>();
    const host = hostOf((_name, _args, { signal }) => {
      signal.addEventListener("abort", () => aborted.open(true));
      controller.abort();
      return new Promise(() => {});
    });
    const { status } = await runCode(sandbox, "await AI.run()", {}, host, controller.signal);
    expect(status).toBe("cancelled");
    expect(await aborted.opened).toBe(true);
  });
  test("stops code that never waits", async () => {
    const controller = new AbortController();
    const host = hostOf(async () => {
      setImmediate(() => controller.abort());
      return 1;
    });
    const { status } = await runCode(sandbox, "await AI.run(); for (;;);", {}, host, controller.signal);
    expect(status).toBe("cancelled");
    expect((await runCode(sandbox, "1 + 1")).result).toBe(2);
  });
  test("before the call is an error", async () => {
    await expect(runCode(sandbox, "1", {}, hostOf(), AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  });
});

test("a caller without the sandbox right is refused", async () => {
  const caller = { ...localCaller, rights: { ...allRights, sandbox: false } };
  await expect(sandbox.exec({ code: "1" }, hostOf(), caller)).rejects.toMatchObject({ code: "forbidden" });
});
