import { readFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { localCaller } from "../src/core/caller.ts";
import { systemClock, systemRng } from "../src/core/clock.ts";
import { sandboxAssets } from "../src/sandbox/assets.ts";
import type { ExecArgs } from "../src/sandbox/exec-args.ts";
import type { SandboxHost } from "../src/sandbox/host.ts";
import { openSandbox } from "../src/sandbox/sandbox.ts";
import { threadCpuMs } from "../src/sandbox/thread/cpu-time.ts";
import { corpus, hostileHost } from "../test/sandbox/hostile/corpus.ts";
import { container } from "./sandbox/container.ts";
import { mb, median, ms, show, time } from "./sandbox/measure.ts";
import { bareQuickjs, isolatedVm, nodeProcess, type Peer } from "./sandbox/peers.ts";

/**
 * What `sandbox.exec` costs, next to other ways of running a program that is not trusted. Figures are of one machine
 * in one run; what counts is the ratio. Ends with 1 when a bar is missed, unless the machine is busy.
 */
const waitingRuns = 300;
const answering: SandboxHost = { names: ["AI.run"], call: async () => 1 };
const exec = (code: string, args: Partial<ExecArgs> = {}, host = answering) =>
  sandbox.exec({ code, ...args }, host, localCaller);
const sandbox = openSandbox({ clock: systemClock, rng: systemRng });

console.log("sandbox.exec");
const coldMs = await time(() => exec("1+1"));
show("1+1, the very first (thread, engine, isolate)", ms(coldMs));
// Until what runs is compiled.
await median(2_000, () => exec("1+1"));
const warmMs = await median(2_000, () => exec("1+1"));
show("1+1, warm, median", ms(warmMs), "bar: 0.3 ms");
show("one host call, median", ms(await median(500, () => exec("await AI.run()"))));
const ten = "await Promise.all(Array.from({ length: 10 }, () => AI.run()))";
show("ten host calls at once, median", ms(await median(300, () => exec(ten))));
const burst = 500;
const burstMs = await time(() => Promise.all(Array.from({ length: burst }, () => exec("1+1"))));
show(`${burst} at once`, `${Math.round((burst / burstMs) * 1_000)} /s`);

const waitingBytes = await memoryOfWaiting();
show(`memory of a waiting run, of ${waitingRuns}`, mb(waitingBytes));
const killMs = await killLatency();
show("stuck in a native loop: killed past deadline", ms(killMs), "median; bar: 60 ms");
const turnMs = await longestTurn();
show("longest turn of this thread, hostile programs", ms(turnMs), "CPU; bar: 25 ms");
await sandbox.close();

console.log(
  "\nstart, 1 + 1, end                                          time      × warm      memory    × waiting run",
);
const module = await WebAssembly.compile(await readFile(sandboxAssets().wasm));
const boxed = await container();
for (const peer of [await bareQuickjs(module), await isolatedVm(), await ownV8(), await nodeProcess(), boxed])
  row(peer);

const bars: readonly (readonly [string, boolean | undefined])[] = [
  ["warm median at most 0.3 ms", warmMs <= 0.3],
  [
    "at least 300 times faster than a container",
    boxed.startMs === undefined ? undefined : boxed.startMs / warmMs >= 300,
  ],
  [
    "at least 100 times less memory than a container",
    boxed.residentBytes === undefined ? undefined : boxed.residentBytes / waitingBytes >= 100,
  ],
  ["a stuck native loop killed within 60 ms", killMs <= 60],
  ["this thread never kept over 25 ms", turnMs <= 25],
];
console.log("");
for (const [bar, isMet] of bars) {
  console.log(`  ${isMet === undefined ? "skipped: no runc here" : isMet ? "met" : "MISSED"}: ${bar}`);
}

const isBusy = (loadavg()[0] ?? 0) > availableParallelism();
if (bars.some(([, isMet]) => isMet === false) && !isBusy) process.exitCode = 1;

/** Resident memory that each of many programs adds while it waits for a call. */
async function memoryOfWaiting(): Promise<number> {
  const controller = new AbortController();
  let called = 0;
  const all = Promise.withResolvers<void>();
  const hanging: SandboxHost = {
    names: ["AI.run"],
    call: () => {
      if (++called === waitingRuns) all.resolve();
      return new Promise(() => {});
    },
  };
  const before = process.memoryUsage().rss;
  const runs = Array.from({ length: waitingRuns }, () =>
    sandbox.exec({ code: "await AI.run()", timeout_ms: 120_000, wait_ms: 120_000 }, hanging, localCaller, {
      signal: controller.signal,
    }),
  );
  await all.promise;
  const bytes = (process.memoryUsage().rss - before) / waitingRuns;
  controller.abort();
  await Promise.all(runs);
  return bytes;
}

async function killLatency(): Promise<number> {
  const timeout_ms = 100;
  const stuck = "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)";
  const latencies: number[] = [];
  for (let round = 0; round < 11; round++) {
    const { usage } = await exec(stuck, { timeout_ms });
    latencies.push(usage.wall_ms - timeout_ms);
    await exec("1+1");
  }
  return latencies.sort((a, b) => a - b)[5] ?? 0;
}

/** The most CPU time this thread spends without looking up while the whole corpus runs, four programs at a time. */
async function longestTurn(): Promise<number> {
  let longest = 0;
  let last = threadCpuMs();
  const watch = setInterval(() => {
    const now = threadCpuMs();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  const programs = Object.values(corpus).flat();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let next = programs.shift(); next; next = programs.shift()) {
        const timeout_ms = Math.min(next.args?.timeout_ms ?? 500, 500);
        await sandbox.exec({ code: next.code, ...next.args, timeout_ms }, hostileHost(), localCaller);
      }
    }),
  );
  clearInterval(watch);
  return longest;
}

/** `engine: "v8"`: a process that is ready takes the program, another takes its place. */
async function ownV8(): Promise<Peer> {
  const name = "engine: v8 here, a process each, one ready";
  const own = openSandbox({ clock: systemClock, rng: systemRng });
  const run = () => own.exec({ code: "1+1", engine: "v8" }, answering, localCaller);
  try {
    await run();
  } catch {
    await own.close();
    return { name, startMs: undefined, residentBytes: undefined };
  }
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    // Long enough for the next process to be ready, as between two calls of an agent.
    await systemClock.sleep(1_000);
    times.push(await time(run));
  }
  await own.close();
  return { name, startMs: times.sort((a, b) => a - b)[3], residentBytes: undefined };
}

function row({ name, startMs, residentBytes }: Peer): void {
  const times = startMs === undefined ? "not here" : ms(startMs);
  const faster = startMs === undefined ? "" : `${(startMs / warmMs).toFixed(0)}×`;
  const memory = residentBytes === undefined ? "" : mb(residentBytes);
  const less = residentBytes === undefined ? "" : `${(residentBytes / waitingBytes).toFixed(0)}×`;
  console.log(
    `  ${name.padEnd(46)} ${times.padStart(12)} ${faster.padStart(10)} ${memory.padStart(11)} ${less.padStart(12)}`,
  );
}
