import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandFile, openWorld, type World } from "../support/world.ts";

// What hosts that were built on the SDK's first version send, and what they make of our answers.
let world: World;
let client: Client;

beforeAll(async () => {
  world = await openWorld();
  client = new Client({ name: "older-host", version: "1.0.0" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [commandFile],
      env: { SWITCHYARD_HOME: world.home, PATH: process.env.PATH ?? "" },
    }),
  );
  await client.listTools();
});
afterAll(async () => {
  await client.close();
  await world.close();
});

async function call(name: string, args: Record<string, unknown>) {
  const result = await client.callTool({ name, arguments: args });
  expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
  // biome-ignore lint/suspicious/noExplicitAny: the client itself has held it against the output schema
  return result.structuredContent as any;
}

describe("a client of the SDK's first version", () => {
  it.each(["openai/gpt-5.4-mini", "anthropic/claude-haiku-4-5", "google/gemini-3.5-flash"])(
    "calls %s by changing model",
    async (model) => {
      const answer = await call("infer", { model, prompt: "hello" });
      expect(answer.output.text).toContain("simulated");
      expect(answer.model).toBe(model);
    },
  );

  it("calls tools by their dotted names too", async () => {
    expect((await call("memory.remember", { content: "The yard opens at seven." })).memories[0].status).toBe("created");
    expect((await call("memory_recall", { query: "when does the yard open" })).memories[0].content).toContain("seven");
  });

  it("runs code that calls a model and commits, and reads it back", async () => {
    const code = `const { output } = await AI.run("openai/gpt-5.4-mini", "hi");
      await artifact.commit({ repo: "older", files: { "a.txt": output.text }, message: "one" });
      output.text`;
    const run = await call("sandbox_exec", { code });
    expect(run.status).toBe("ok");
    expect((await call("artifact_checkout", { repo: "older", path: "a.txt" })).files["a.txt"].text).toBe(run.result);
    expect((await call("artifact_log", { repo: "older" })).commits).toHaveLength(1);
  });

  it("sees the pool go down", async () => {
    const { available, granted, spent } = await call("credits", {});
    expect(Number(granted) - Number(spent)).toBeCloseTo(Number(available), 9);
    expect(Number(spent)).toBeGreaterThan(0);
  });
});
