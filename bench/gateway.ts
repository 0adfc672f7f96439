/**
 * The inference path with durable metering on, against the simulated provider directly, a bare proxy that keeps no books
 * (the floor of a gateway on Node) and Portkey's gateway, all in one run: added CPU per request, added median and time to
 * the first chunk, throughput at 1, 16 and 64 at once, memory, what the library adds without a server between, and 10,000
 * slow streams open in one process. Targets take turns, some calls each; machines are noisy.
 *
 *     npm run build && node bench/gateway.ts [--calls=600] [--streams=10000]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Agent, request } from "undici";
import { startSimulator } from "../src/simulator/simulator.ts";

const { values } = parseArgs({
  options: { calls: { type: "string", default: "600" }, streams: { type: "string", default: "10000" } },
});
const calls = Number(values.calls);
const streams = Number(values.streams);
/** Enough for all to have been compiled. */
const warmup = 600;
/** A target's calls in one of its turns. */
const turn = 25;
const prompt = "say 20 words";

interface Target {
  readonly name: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly model: string;
  readonly process?: ChildProcess;
}

const home = await mkdtemp(join(tmpdir(), "switchyard-bench-"));
const simulator = await startSimulator();
const key = simulator.apiKey("openai");
const baseUrl = simulator.baseUrl("openai");
const dispatcher = new Agent({ connections: streams + 64, headersTimeout: 120_000, bodyTimeout: 120_000 });

await writeFile(
  join(home, "settings.json"),
  JSON.stringify({ initial_grant: "100000", providers: { openai: { key, base_url: baseUrl } } }),
);
const ours = await start(
  [fileURLToPath(new URL("../dist/cli.js", import.meta.url)), "serve", "--no-auth", "--port=0"],
  /MCP at (http:\/\/[^/\s]+)/,
);
const portkeyMain = createRequire(import.meta.url).resolve("@portkey-ai/gateway/build/start-server.js");
const portkeyPort = 18_787;
const portkey = await start([portkeyMain, `--port=${portkeyPort}`, "--headless"], /Ready for connections()/);

const bare = await start(
  [fileURLToPath(new URL("gateway/bare-proxy.ts", import.meta.url)), baseUrl, key],
  /Ready at (http:\/\/\S+)/,
);

const authorization = `Bearer ${key}`;
const targets: readonly Target[] = [
  { name: "direct", url: `${baseUrl}/chat/completions`, headers: { authorization }, model: "gpt-5.4-mini" },
  {
    name: "switchyard",
    url: `${ours.said}/v1/chat/completions`,
    headers: {},
    model: "openai/gpt-5.4-mini",
    process: ours.child,
  },
  {
    name: "bare proxy",
    url: `${bare.said}/v1/chat/completions`,
    headers: {},
    model: "gpt-5.4-mini",
    process: bare.child,
  },
  {
    name: "portkey",
    url: `http://127.0.0.1:${portkeyPort}/v1/chat/completions`,
    headers: { authorization, "x-portkey-provider": "openai", "x-portkey-custom-host": baseUrl },
    model: "gpt-5.4-mini",
    process: portkey.child,
  },
];

try {
  const idle = await Promise.all(targets.map(memoryOf));
  for (const target of targets) for (let n = 0; n < warmup; n += 1) await call(target);
  const rows: string[][] = [["", ...targets.map(({ name }) => name)]];
  const sequential = await sample();
  rows.push(["median, 1 at once, ms", ...sequential.map(({ medianMs }) => medianMs.toFixed(2))]);
  rows.push(["  added", ...sequential.map(({ medianMs }) => (medianMs - (sequential[0]?.medianMs ?? 0)).toFixed(2))]);
  rows.push(["first chunk, median, ms", ...sequential.map(({ firstMs }) => firstMs.toFixed(2))]);
  rows.push(["  added", ...sequential.map(({ firstMs }) => (firstMs - (sequential[0]?.firstMs ?? 0)).toFixed(2))]);
  const milliseconds = (ms: number) => (Number.isNaN(ms) ? "-" : ms.toFixed(2));
  rows.push(["CPU of the gateway, ms a request", ...sequential.map(({ cpuMs }) => milliseconds(cpuMs))]);
  for (const concurrency of [1, 16, 64]) {
    const loads: { rate: number; cpuMs: number }[] = [];
    for (const target of targets) loads.push(await load(target, concurrency));
    const direct = loads[0]?.rate ?? 1;
    rows.push([
      `throughput, ${concurrency} at once, of direct`,
      ...loads.map(({ rate }) => (rate / direct).toFixed(2)),
    ]);
    if (concurrency > 1) rows.push(["  CPU, ms a request", ...loads.map(({ cpuMs }) => milliseconds(cpuMs))]);
  }
  const loaded = await Promise.all(targets.map(memoryOf));
  rows.push(["memory idle, MB", ...idle.map(megabytes)], ["memory after the load, MB", ...loaded.map(megabytes)]);
  print(rows);
  await inProcess();
  await slowStreams();
  await libraryStreams();
} finally {
  for (const { process: child } of targets) child?.kill("SIGTERM");
  await dispatcher.destroy();
  await simulator.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}

/** One streamed call, whole. */
async function call({ url, headers, model }: Target, text = prompt): Promise<{ ms: number; firstMs: number }> {
  const startedAt = performance.now();
  const { statusCode, body } = await request(url, {
    method: "POST",
    dispatcher,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      model,
      messages: [{ role: "user", content: text }],
      stream: true,
      stream_options: { include_usage: true },
    }),
  });
  let firstMs = Number.NaN;
  let read = "";
  for await (const chunk of body) {
    if (Number.isNaN(firstMs)) firstMs = performance.now() - startedAt;
    if (statusCode !== 200 || read.length < 200) read += String(chunk);
  }
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}: ${read.slice(0, 300)}`);
  return { ms: performance.now() - startedAt, firstMs };
}

/** Some calls to each target in turn, one at a time, so that what the machine does meanwhile hits all alike. */
async function sample() {
  const times = targets.map((): { ms: number; firstMs: number }[] => []);
  const cpuBefore = await Promise.all(targets.map(cpuOf));
  for (let n = 0; n < calls; n += turn) {
    for (const [at, target] of targets.entries()) {
      for (let k = 0; k < Math.min(turn, calls - n); k += 1) times[at]?.push(await call(target));
    }
  }
  const cpuAfter = await Promise.all(targets.map(cpuOf));
  return times.map((list, at) => ({
    medianMs: median(list.map(({ ms }) => ms)),
    firstMs: median(list.map(({ firstMs }) => firstMs)),
    cpuMs: ((cpuAfter[at] ?? Number.NaN) - (cpuBefore[at] ?? Number.NaN)) / calls,
  }));
}

/** Calls a millisecond, and what each costs the gateway. */
async function load(target: Target, concurrency: number): Promise<{ rate: number; cpuMs: number }> {
  let left = calls;
  const cpuBefore = await cpuOf(target);
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        left -= 1;
        await call(target);
      }
    }),
  );
  const rate = calls / (performance.now() - startedAt);
  return { rate, cpuMs: ((await cpuOf(target)) - cpuBefore) / calls };
}

/** What a program pays that calls through the library instead of for itself. */
async function inProcess(): Promise<void> {
  const script = fileURLToPath(new URL("gateway/in-process.ts", import.meta.url));
  const at = await mkdtemp(join(home, "library-"));
  await cp(join(home, "settings.json"), join(at, "settings.json"));
  const args = [script, `--home=${at}`, `--url=${baseUrl}`, `--key=${key}`, `--prompt=${prompt}`, `--calls=${calls}`];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const piece of child.stdout) said += String(piece);
  type Measured = { medianMs: number; cpuMs: number };
  for (const row of JSON.parse(said) as { concurrency: number; direct: Measured; ours: Measured }[]) {
    const { direct, ours } = row;
    const added = (one: number, other: number) => `${other.toFixed(2)} (${(other - one).toFixed(2)} more)`;
    console.log(
      `in one process, ${row.concurrency} at once: median ${added(direct.medianMs, ours.medianMs)} ms, CPU ${added(direct.cpuMs, ours.cpuMs)} ms a call`,
    );
  }
}

/** Opens many slow streams through our server at the same time and reads all of them to their end. */
async function slowStreams(): Promise<void> {
  const target = targets[1];
  if (!target || streams === 0) return;
  simulator.latency.set({ chunkMs: 5_000 });
  const before = await memoryOf(target);
  let peak = 0;
  const watch = setInterval(() => void memoryOf(target).then((bytes) => (peak = Math.max(peak, bytes))), 500);
  const reader = spawn(
    process.execPath,
    [
      fileURLToPath(new URL("gateway/open-streams.ts", import.meta.url)),
      target.url,
      target.model,
      String(await streamsPossible()),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  for await (const chunk of reader.stdout) said += String(chunk);
  clearInterval(watch);
  const { failed, first } = JSON.parse(said) as { failed: number; first?: string };
  const { concurrentMax } = simulator.book.totals("openai");
  const each = (peak - before) / concurrentMax / 1024;
  console.log(
    `${await streamsPossible()} slow streams: ${concurrentMax} open at one time, ${failed} refused or failed, ${each.toFixed(1)} kB each`,
  );
  if (first) console.log(`the first failure: ${first}`);
}

/** As many as asked for, in one process that is no server: there the system's limit on files does not come first. */
async function libraryStreams(): Promise<void> {
  if (streams === 0) return;
  simulator.book.clear();
  const at = await mkdtemp(join(home, "streams-"));
  await cp(join(home, "settings.json"), join(at, "settings.json"));
  const script = fileURLToPath(new URL("gateway/library-streams.ts", import.meta.url));
  const reader = spawn(process.execPath, [script, at, "openai/gpt-5.4-mini", String(streams)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  for await (const chunk of reader.stdout) said += String(chunk);
  const { failed, bytes, first } = JSON.parse(said) as { failed: number; bytes: number; first?: string };
  const { concurrentMax } = simulator.book.totals("openai");
  const each = bytes / streams / 1024;
  console.log(
    `${streams} through the library: ${concurrentMax} open at one time, ${failed} refused or failed, ${each.toFixed(1)} kB each`,
  );
  if (first) console.log(`the first failure: ${first}`);
}

/** A stream through the server takes two of the files that the system lets a process have. */
async function streamsPossible(): Promise<number> {
  const limit = /Max open files\s+\d+\s+(\d+)/.exec(await readFile("/proc/self/limits", "utf8"))?.[1];
  return Math.min(streams, Math.floor((Number(limit ?? 4_096) - 200) / 2));
}

async function start(args: readonly string[], ready: RegExp): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SWITCHYARD_HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  return await new Promise((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said += String(chunk);
      const match = ready.exec(said);
      if (match) resolve({ child, said: match[1] ?? "" });
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.on("exit", (code) => reject(new Error(`${args[0]} ended with ${code}: ${said}`)));
  });
}

/** User and system time of a process, in milliseconds; Linux only. */
async function cpuOf({ process: child }: Target): Promise<number> {
  if (child === undefined) return Number.NaN;
  const fields = (await readFile(`/proc/${child.pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function memoryOf({ process: child }: Target): Promise<number> {
  if (child === undefined) return Number.NaN;
  const pages = Number((await readFile(`/proc/${child.pid}/statm`, "utf8")).split(" ")[1]);
  return pages * 4_096;
}

function megabytes(bytes: number): string {
  return Number.isNaN(bytes) ? "-" : (bytes / 1024 / 1024).toFixed(0);
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
}

function print(rows: readonly (readonly string[])[]): void {
  for (const [first = "", ...rest] of rows)
    console.log(`${first.padEnd(38)}${rest.map((cell) => cell.padStart(12)).join("")}`);
}
