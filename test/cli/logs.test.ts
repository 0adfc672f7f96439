import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { commandFile, openWorld } from "../support/world.ts";

const run = promisify(execFile);

it("logs tells of calls, and of prompts and outputs only what is recorded and asked for", async () => {
  const world = await openWorld({ record: { prompts: true, outputs: true } });
  onTestFinished(() => world.close());
  const connection = await world.connect();
  const { structured } = await connection.call("infer", { model: "openai/gpt-5.4-mini", prompt: "say 3 words, heron" });
  const logs = async (...args: string[]) => {
    const env = { PATH: process.env.PATH ?? "", SWITCHYARD_HOME: world.home };
    return (await run(process.execPath, [commandFile, "logs", ...args], { env })).stdout;
  };
  const plain = JSON.parse(await logs("--json"));
  expect(plain).toMatchObject({
    id: structured.id,
    model: "openai/gpt-5.4-mini",
    state: "succeeded",
    cost: structured.cost.total,
    attempts: [{ outcome: "succeeded", output_tokens: structured.usage.output_tokens }],
  });
  expect(plain.request).toBeUndefined();
  expect(plain.output).toBeUndefined();
  expect(JSON.parse(await logs("--json", "--content"))).toMatchObject({
    request: { prompt: "say 3 words, heron" },
    output: { text: structured.output.text },
  });
  expect(await logs()).not.toContain("heron");
});

it("logs --attempts has a line for each attempt, with every field, and goes on with those that come", async () => {
  const model = "openai/gpt-5.4-mini";
  const world = await openWorld({
    routes: { fast: { models: [{ model }, { model: "anthropic/claude-haiku-4-5" }] } },
  });
  onTestFinished(() => world.close());
  const connection = await world.connect();
  const env = { PATH: process.env.PATH ?? "", SWITCHYARD_HOME: world.home };
  const command = (...args: string[]) => [commandFile, "logs", "--attempts", ...args];
  const before = (await connection.call("infer", { model, prompt: "say 3 words" })).structured;

  const following = spawn(process.execPath, command("--json", "--follow"), {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void following.kill("SIGKILL"));
  const rows: Record<string, unknown>[] = [];
  createInterface({ input: following.stdout }).on("line", (line) => rows.push(JSON.parse(line)));
  await expect.poll(() => rows.length, { timeout: 10_000 }).toBe(1);

  world.simulator.faults.script([{ provider: "openai", fault: { kind: "quota_exhausted" } }]);
  const routed = (await connection.call("infer", { model: "route/fast", prompt: "say 3 words" })).structured;
  await expect.poll(() => rows.length, { timeout: 10_000 }).toBe(3);
  following.kill("SIGTERM");
  expect((await once(following, "exit"))[0]).toBe(0);
  const fields = { workspace: "default", key: null, provider_key: null, unreconciled: false };
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const ms = expect.any(Number);
  const answered = (of: typeof before, fromModel: string) => ({
    model: fromModel,
    provider: fromModel.split("/")[0],
    outcome: "succeeded",
    error_kind: null,
    error: null,
    input_tokens: of.usage.input_tokens,
    output_tokens: of.usage.output_tokens,
    cost: of.cost.total,
    list: of.cost.list,
    first_ms: ms,
    ms,
    at,
  });
  const route = { ...fields, id: routed.id, asked: "route/fast", route: "fast" };
  const failed = {
    model,
    provider: "openai",
    outcome: "failed",
    error_kind: "quota_exhausted",
    error: routed.attempts[0].error,
    input_tokens: null,
    output_tokens: null,
    cost: "0",
    list: "0",
    first_ms: null,
    ms,
    at,
  };
  expect(rows).toEqual([
    { ...fields, id: before.id, attempt: 1, asked: model, route: null, ...answered(before, model) },
    { ...route, attempt: 1, ...failed },
    { ...route, attempt: 2, ...answered(routed, "anthropic/claude-haiku-4-5") },
  ]);

  const lines = (await run(process.execPath, command("--model", "openai/"), { env })).stdout.trim().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(`failed  route/fast → ${model}`);
  expect(lines[1]).toContain("  quota_exhausted: ");
  expect(lines[1]).toContain(`${routed.id}#1`);
  await expect(run(process.execPath, command("--content"), { env })).rejects.toMatchObject({
    stderr: expect.stringContaining("invalid_request"),
  });
});
