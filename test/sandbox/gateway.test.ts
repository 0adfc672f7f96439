import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, openWorld, type World } from "../support/world.ts";

let world: World;
let host: Connection;
beforeAll(async () => {
  world = await openWorld();
  host = await world.connect();
});
afterAll(() => world.close());

describe("sandbox.exec in the server", () => {
  test("streams a model's answer to the program, and charges for it", async () => {
    const code = `const stream = AI.run("openai/gpt-5.4-mini", "Say something", { stream: true });
      let text = ""; let pieces = 0;
      for await (const piece of stream) if (piece.type === "text") { text += piece.text; pieces++ }
      const { output } = await stream.result; [text === output.text, pieces > 1]`;
    const { structured } = await host.call("sandbox_exec", { code });
    expect(structured).toMatchObject({ status: "ok", result: [true, true] });
    expect(Number(structured.usage.cost)).toBeGreaterThan(0);
  });
  test("shows the log as progress, and answers for a run that takes longer than its caller waits", async () => {
    const seen: (string | undefined)[] = [];
    const code = "console.log('begun'); await memory.list(); await new Promise((r) => setTimeout(r, 300)); 7";
    const { structuredContent: first } = await host.client.callTool(
      { name: "sandbox_exec", arguments: { code, wait_ms: 0 } },
      { onprogress: ({ message }) => seen.push(message) },
    );
    expect(first).toMatchObject({ status: "running", run: expect.stringMatching(/^run_/) });
    const asked = { run: (first as { run: string }).run };
    expect((await host.call("sandbox_exec", asked)).structured).toMatchObject({
      status: "ok",
      result: 7,
      logs: [{ text: "begun" }],
    });
    const answered = await host.client.callTool(
      { name: "sandbox_exec", arguments: { code } },
      { onprogress: ({ message }) => seen.push(message) },
    );
    expect(answered.structuredContent).toMatchObject({ status: "ok", result: 7 });
    expect(seen).toContain("begun");
  });
  test("imports modules from an artifact at a ref", async () => {
    const files = {
      "src/tax.ts": 'import { rate } from "./rate.js";\nexport const tax = (amount: number): number => amount * rate;',
      "src/rate.ts": "export const rate: number = 2;",
      "README.md": "not a module",
    };
    const first = await host.call("artifact_commit", { repo: "books", files, message: "tax" });
    const next = { "src/rate.ts": "export const rate: number = 3;" };
    await host.call("artifact_commit", { repo: "books", files: next, message: "a new rate" });
    const run = async (ref?: string, engine?: string) => {
      const code = 'import { tax } from "./src/tax.ts";\ntax(21)';
      return (await host.call("sandbox_exec", { code, from: { repo: "books", ref }, engine })).structured.result;
    };
    expect(await run()).toBe(63);
    expect(await run(first.structured.commit)).toBe(42);
    expect(await run("main", "v8")).toBe(63);
    const missing = await host.call("sandbox_exec", { code: "1", from: { repo: "nowhere" } });
    expect(missing).toMatchObject({ isError: true, text: expect.stringContaining("not_found") });
  });
  test("reaches the hosts of the settings, and no others", async () => {
    const port = Number(new URL(world.simulator.baseUrl("openai")).port);
    await world.writeSettings({
      sandbox: {
        hosts: [{ host: "127.0.0.1", scheme: "http", port, private: true, methods: ["GET", "POST"] }],
        secrets: [{ host: "127.0.0.1", header: "authorization", prefix: "Bearer ", value: "sk-wrong-key" }],
      },
    });
    const other = await world.connect();
    const code = `const r = await fetch("${world.simulator.baseUrl("openai")}/models"); [r.status, typeof (await r.text())]`;
    const { structured } = await other.call("sandbox_exec", { code });
    expect(structured).toMatchObject({ status: "ok", result: [expect.any(Number), "string"] });
    const refused = await other.call("sandbox_exec", { code: 'await fetch("http://127.0.0.1:1/")' });
    expect(refused.structured.error).toMatchObject({ code: "forbidden" });
    await other.close();
    await world.writeSettings({});
  });
  test("has the tools of the settings' other MCP servers, as far as a call allows them", async () => {
    const server = join(import.meta.dirname, "../support/upstream-server.ts");
    const tools = {
      command: process.execPath,
      args: [server],
      env: { TOKEN: { variable: "UPSTREAM_TOKEN", prefix: "Bearer " } },
    };
    await world.writeSettings({
      sandbox: { upstreams: { tools, keyless: { ...tools, env: { TOKEN: { variable: "NOT_SET" } } } } },
    });
    const other = await world.connect({ env: { UPSTREAM_TOKEN: "s3cret-upstream" } });
    const code = `const [best] = await mcp.search("add numbers"); const { call } = await mcp.describe(best.name);
      const { TOKEN } = await mcp.tools.environment();
      const keyless = await mcp.keyless.say().catch((e) => e.message);
      [best.name, call, await mcp.tools.add_numbers({ a: 1, b: 2 }), TOKEN, keyless]`;
    const { structured } = await other.call("sandbox_exec", { code, timeout_ms: 60_000 });
    expect(structured).toMatchObject({
      status: "ok",
      result: [
        "tools.add_numbers",
        "mcp.tools.add_numbers(args: { a: number; b: number }): Promise<{ sum: number }>",
        { sum: 3 },
        "Bearer [secret]",
        expect.stringContaining("needs NOT_SET"),
      ],
    });
    const replayed = await other.call("sandbox_exec", { replay: structured.run });
    expect(replayed.structured).toMatchObject({ result: structured.result, usage: { calls: 0 } });
    const narrow = await other.call("sandbox_exec", { code: "Object.keys(mcp)", allow: { mcp: ["keyless"] } });
    expect(narrow.structured.result).toEqual(["search", "describe", "keyless"]);
    await other.close();
    await world.writeSettings({});
  });
  test("keeps runs in the data directory: another process answers for them", async () => {
    const code = 'await memory.remember({ content: "the sky is green" }); 42';
    const { structured } = await host.call("sandbox_exec", { code });
    expect(structured).toMatchObject({ status: "ok", result: 42, usage: { calls: 1 } });
    await host.close();
    host = await world.connect();
    expect((await host.call("sandbox_exec", { run: structured.run })).structured).toMatchObject({ result: 42 });
    const replayed = await host.call("sandbox_exec", { replay: structured.run });
    expect(replayed.structured).toMatchObject({ status: "ok", result: 42, usage: { calls: 0 } });
    const { structured: recalled } = await host.call("memory_recall", { query: "sky" });
    expect(recalled.memories).toHaveLength(1);
  });
});
