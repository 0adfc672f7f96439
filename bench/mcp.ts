/**
 * MCP serving against the least that a server on the same SDK can be: CPU per do-nothing call over stdio and HTTP,
 * and the time from spawn to the answer of `tools/list`. Both are bundled alike and take turns, so that what the
 * machine does meanwhile hits both; the best of the rounds counts.
 *
 *     node bench/mcp.ts [--rounds=5] [--calls=3000] [-- command to start on stdio]
 *
 * The command is the product as a host spawns it (`node dist/cli.js stdio`); its cold start is measured beside the
 * bare server's. Without one, our serving code with one tool stands in.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { type LoadFigures, loadHttp, loadStdio } from "./serve/call-load.ts";

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, calls: { type: "string", default: "3000" } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const calls = Number(values.calls);
const bar = 1.3;

const directory = await mkdtemp(join(tmpdir(), "switchyard-bench-"));
try {
  const [bare, ours] = await bundle(["bare-server", "our-server"]);
  if (bare === undefined || ours === undefined) throw new Error("nothing was bundled");
  const cases: [string, (server: string) => Promise<LoadFigures>][] = [
    ["stdio 2025-11-25, 1 at once", (s) => loadStdio(nodeRun(s), "2025-11-25", { calls, concurrency: 1 })],
    ["stdio 2026-07-28, 1 at once", (s) => loadStdio(nodeRun(s), "2026-07-28", { calls, concurrency: 1 })],
    ["stdio 2026-07-28, 16 at once", (s) => loadStdio(nodeRun(s), "2026-07-28", { calls, concurrency: 16 })],
    ["HTTP 2026-07-28, 1 at once", (s) => loadHttp(nodeRun(s, "http"), { calls, concurrency: 1 })],
    ["HTTP 2026-07-28, 16 at once", (s) => loadHttp(nodeRun(s, "http"), { calls, concurrency: 16 })],
  ];
  console.log(`CPU per call, best of ${rounds} rounds of ${calls} calls (bar ${bar}x)`);
  for (const [name, measure] of cases) {
    const best = { bare: Number.POSITIVE_INFINITY, ours: Number.POSITIVE_INFINITY };
    const rate = { bare: 0, ours: 0 };
    for (let round = 0; round < rounds; round += 1) {
      for (const [who, server] of [
        ["bare", bare],
        ["ours", ours],
      ] as const) {
        const { cpuUsPerCall, callsPerSecond } = await measure(server);
        best[who] = Math.min(best[who], cpuUsPerCall);
        rate[who] = Math.max(rate[who], callsPerSecond);
      }
    }
    const figures = `bare ${best.bare.toFixed(0)} us, ${rate.bare.toFixed(0)}/s; ours ${best.ours.toFixed(0)} us, ${rate.ours.toFixed(0)}/s`;
    console.log(`  ${name.padEnd(30)} ${ratio(best.ours / best.bare)}  (${figures})`);
  }
  await benchColdStart(bare, ours);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function benchColdStart(bare: string, ours: string): Promise<void> {
  const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
  const product = positionals.length > 0 ? positionals : existsSync(cli) ? [process.execPath, cli, "stdio"] : undefined;
  const contenders: [string, readonly string[]][] = [
    ["bare", nodeRun(bare)],
    ["our serving, one tool", nodeRun(ours)],
    ...(product === undefined ? [] : [["product", product] as [string, readonly string[]]]),
  ];
  const coldMs = new Map<string, number[]>(contenders.map(([name]) => [name, []]));
  for (let round = 0; round < rounds * 3; round += 1) {
    for (const [name, command] of contenders) coldMs.get(name)?.push(await coldStartMs(command));
  }
  const median = (name: string) => (coldMs.get(name) ?? []).sort((a, b) => a - b)[Math.floor((rounds * 3) / 2)] ?? 0;
  console.log(`Cold start, spawn to the answer of tools/list, median of ${rounds * 3} (bar ${bar}x)`);
  for (const [name] of contenders) {
    console.log(`  ${name.padEnd(30)} ${ratio(median(name) / median("bare"))}  (${median(name).toFixed(0)} ms)`);
  }
}

function coldStartMs([file = "", ...args]: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "ignore"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    createInterface({ input: child.stdout }).on("line", (line) => {
      if ((JSON.parse(line) as { id?: number }).id !== 2) return;
      const elapsed = performance.now() - started;
      child.once("exit", () => resolve(elapsed));
      child.stdin.end();
      child.kill();
    });
    const clientInfo = { name: "bench", version: "0" };
    const initialize = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: initialize })}\n`);
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list", params: {} })}\n`);
  });
}

/** As `scripts/build.ts` bundles the product, so that neither side has an advantage. */
async function bundle(names: readonly string[]): Promise<string[]> {
  await build({
    entryPoints: names.map((name) => fileURLToPath(new URL(`./serve/${name}.ts`, import.meta.url))),
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.23",
    banner: { js: 'import { createRequire as __r } from "node:module"; const require = __r(import.meta.url);' },
    logLevel: "warning",
  });
  return names.map((name) => join(directory, `${name}.mjs`));
}

function nodeRun(file: string, ...args: string[]): string[] {
  return [process.execPath, file, ...args];
}

function ratio(value: number): string {
  return `${value.toFixed(2)}x${value <= bar ? "" : " OVER"}`.padEnd(11);
}
