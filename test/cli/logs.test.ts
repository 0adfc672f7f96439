import { execFile } from "node:child_process";
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
