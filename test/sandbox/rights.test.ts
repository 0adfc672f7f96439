import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";
import { allRights, type Caller, type Rights } from "../../src/core/caller.ts";
import type { Gateway } from "../../src/gateway.ts";
import { openGateway } from "../../src/open-gateway.ts";
import type { ExecAllow } from "../../src/sandbox/exec-args.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { tools } from "../../tools/index.ts";
import { gate } from "../support/sandbox.ts";

let home = "";
let simulator: Simulator;
let gateway: Gateway;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-rights-"));
  simulator = await startSimulator();
  const providers = Object.fromEntries(
    (["openai", "anthropic"] as const).map((name) => [
      name,
      { key: simulator.apiKey(name), base_url: simulator.baseUrl(name) },
    ]),
  );
  const settings = parseSettings(JSON.stringify({ providers }), "settings.json");
  gateway = await openGateway({ dataDirectory: home, settings, tools, environment: () => undefined });
});
afterAll(async () => {
  await gateway.close();
  await simulator.close();
  await rm(home, { recursive: true });
});

const callerOf = (rights: Partial<Rights>): Caller => ({
  workspace: "default",
  key: "key_1",
  rights: { ...allRights, ...rights },
});

/** What becomes of each call: `ok`, or the code of its error. */
async function outcomes(calls: readonly string[], allow: ExecAllow = {}, rights: Partial<Rights> = {}) {
  const tried = calls.map((call) => `await ${call}.then(() => "ok", (e) => e.code)`);
  const { result, error } = await gateway.sandbox.exec({ code: `[${tried.join(", ")}]`, allow }, callerOf(rights));
  expect(error).toBeUndefined();
  return result;
}

const mini = 'AI.run("openai/gpt-5.4-mini", "Say something")';
const large = 'AI.run("openai/gpt-5.4", "Say something")';
const claude = 'AI.run("anthropic/claude-haiku-4-5", "Say something")';
const remember = 'memory.remember({ content: "the sky is blue" })';
const recall = 'memory.recall({ query: "sky" })';
const commit = 'artifact.commit({ repo: "notes", files: { "a.md": String(Math.random()) }, message: "a" })';
const checkout = 'artifact.checkout({ repo: "notes" })';

describe("a program's rights", () => {
  test("are its caller's", async () => {
    expect(await outcomes([mini, claude, remember, recall, commit, checkout])).toEqual(Array(6).fill("ok"));
    const rights: Partial<Rights> = { models: ["openai/*"], memory: "read", artifacts: "none" };
    const wanted = ["ok", "forbidden", "forbidden", "ok", "forbidden", "forbidden"];
    expect(await outcomes([mini, claude, remember, recall, commit, checkout], {}, rights)).toEqual(wanted);
  });
  test("are narrowed by the call", async () => {
    const allow: ExecAllow = { models: ["openai/gpt-5.4-mini"], memory: "none", artifacts: "read" };
    const wanted = ["ok", "forbidden", "forbidden", "forbidden", "forbidden", "ok"];
    expect(await outcomes([mini, large, claude, recall, commit, checkout], allow)).toEqual(wanted);
  });
  test("are never widened by the call", async () => {
    const allow: ExecAllow = { models: ["*"], memory: "write", artifacts: "write" };
    const rights: Partial<Rights> = { models: ["anthropic/*"], memory: "none", artifacts: "read" };
    const wanted = ["forbidden", "ok", "forbidden", "forbidden", "forbidden", "ok"];
    expect(await outcomes([mini, claude, remember, recall, commit, checkout], allow, rights)).toEqual(wanted);
    expect(await outcomes([mini, claude], { models: ["openai/*", "anthropic/*"] }, { models: [] })).toEqual([
      "forbidden",
      "forbidden",
    ]);
  });
  test("do not hold the sandbox itself, the pool's keys, or another's runs", async () => {
    const code = "[typeof sandbox, typeof credits, typeof models, Object.keys(memory).sort().join()]";
    const { result } = await gateway.sandbox.exec({ code }, callerOf({}));
    expect(result).toEqual(["undefined", "undefined", "undefined", "forget,list,recall,remember"]);
    await expect(gateway.sandbox.exec({ code }, callerOf({ sandbox: false }))).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});

describe("a program's money", () => {
  test("is its caller's pool, and at most what the call allows for all it does together", async () => {
    const before = (await gateway.credits.balance(callerOf({}))).spent;
    const short = 'AI.run("openai/gpt-5.4-mini", "Say something", { params: { max_output_tokens: 16 } })';
    const code = `const results = [];
      for (let i = 0; i < 50; i++) results.push(await ${short}.then(({ cost }) => cost.total, (e) => e.code));
      results`;
    const max_cost = "0.0006";
    const run = await gateway.sandbox.exec({ code, allow: { max_cost }, timeout_ms: 60_000 }, callerOf({}));
    const results = run.result as string[];
    expect(results.at(0)).toMatch(/^0\.\d+$/);
    expect(results.at(-1)).toBe("budget_exceeded");
    const { spent, held } = await gateway.credits.balance(callerOf({}));
    expect(held).toBe(0n);
    expect(spent - before).toBeLessThanOrEqual(600_000n);
    expect(Number(run.usage.cost)).toBeCloseTo(Number(spent - before) / 1e9, 9);
  });
  test("is not spent after the caller has gone", async () => {
    simulator.latency.set({ headersMs: 60_000 });
    const controller = new AbortController();
    const begun = gate();
    const running = gateway.sandbox.exec(
      { code: `console.log("now"); await ${mini}`, timeout_ms: 60_000 },
      callerOf({}),
      {
        signal: controller.signal,
        onProgress: () => begun.open(),
      },
    );
    await begun.opened;
    controller.abort();
    expect((await running).status).toBe("cancelled");
    simulator.latency.set({ headersMs: 0 });
    await expect.poll(async () => (await gateway.credits.balance(callerOf({}))).held).toBe(0n);
  });
});
