/**
 * `infer` through the server against the same request sent straight to the simulated provider: what the whole path of
 * MCP, reservation, adapter, stream, settlement and record adds. Both take turns in one run; medians are printed.
 *
 *     node bench/infer.ts [--calls=300]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Pool } from "undici";
import { startSimulator } from "../src/simulator/simulator.ts";

const { values } = parseArgs({ options: { calls: { type: "string", default: "300" } } });
const calls = Number(values.calls);
const warmup = 30;
const prompt = "say 50 words";

const home = await mkdtemp(join(tmpdir(), "switchyard-bench-"));
const simulator = await startSimulator();
const baseUrl = simulator.baseUrl("openai");
const key = simulator.apiKey("openai");
await writeFile(
  join(home, "settings.json"),
  JSON.stringify({ initial_grant: "1000", providers: { openai: { key, base_url: baseUrl } } }),
);
const pool = new Pool(new URL(baseUrl).origin);
const client = new Client({ name: "bench", version: "0" });
await client.connect(
  new StdioClientTransport({
    command: process.execPath,
    args: [fileURLToPath(new URL("../dist/cli.js", import.meta.url)), "stdio"],
    env: { SWITCHYARD_HOME: home, PATH: process.env.PATH ?? "" },
    stderr: "inherit",
  }),
);

async function direct(): Promise<void> {
  const body = JSON.stringify({
    model: "gpt-5.4-mini",
    messages: [{ role: "user", content: prompt }],
    stream: true,
    stream_options: { include_usage: true },
  });
  const response = await pool.request({
    path: `${new URL(baseUrl).pathname}/chat/completions`,
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body,
  });
  if (response.statusCode !== 200)
    throw new Error(`the simulator answered ${response.statusCode}: ${await response.body.text()}`);
  await response.body.text();
}

async function throughServer(): Promise<void> {
  const result = await client.callTool({ name: "infer", arguments: { model: "openai/gpt-5.4-mini", prompt } });
  if (result.isError) throw new Error(JSON.stringify(result.content));
}

const times: Record<"direct" | "server", number[]> = { direct: [], server: [] };
for (let call = -warmup; call < calls; call += 1) {
  for (const [who, act] of [
    ["direct", direct],
    ["server", throughServer],
  ] as const) {
    const startedAt = performance.now();
    await act();
    if (call >= 0) times[who].push(performance.now() - startedAt);
  }
}
const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
const sorted = { direct: times.direct.toSorted((a, b) => a - b), server: times.server.toSorted((a, b) => a - b) };
const line = (who: "direct" | "server") =>
  `p50 ${quantile(sorted[who], 0.5).toFixed(2)} ms, p99 ${quantile(sorted[who], 0.99).toFixed(2)} ms`;
console.log(`infer, ${calls} streamed calls one after another, 50 words each`);
console.log(`  straight to the simulator      ${line("direct")}`);
console.log(`  through the server over stdio  ${line("server")}`);
console.log(
  `  ratio of medians ${(quantile(sorted.server, 0.5) / quantile(sorted.direct, 0.5)).toFixed(2)}x, added ${(quantile(sorted.server, 0.5) - quantile(sorted.direct, 0.5)).toFixed(2)} ms`,
);

await client.close();
await pool.close();
await simulator.close();
await rm(home, { recursive: true, force: true });
