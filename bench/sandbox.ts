import { localCaller } from "../src/core/caller.ts";
import { systemClock, systemRng } from "../src/core/clock.ts";
import type { SandboxHost } from "../src/sandbox/host.ts";
import { openSandbox } from "../src/sandbox/sandbox.ts";

/** What `sandbox.exec` costs. Run with `node bench/sandbox.ts`. */
const host: SandboxHost = { names: ["AI.run"], call: async () => 1 };
const sandbox = openSandbox({ clock: systemClock, rng: systemRng });
const exec = (code: string) => sandbox.exec({ code }, host, localCaller);

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function median(count: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < count; round++) times.push(await time(work));
  times.sort((a, b) => a - b);
  return times[Math.floor(count / 2)] ?? 0;
}

const show = (what: string, ms: number) => console.log(`${what.padEnd(44)} ${ms.toFixed(3)} ms`);
show("exec('1+1'), first (thread, engine, isolate)", await time(() => exec("1+1")));
await median(200, () => exec("1+1"));
show("exec('1+1'), warm, median", await median(2_000, () => exec("1+1")));
show("one host call, median", await median(500, () => exec("await AI.run()")));
show(
  "ten host calls in parallel, median",
  await median(300, () => exec("await Promise.all(Array.from({length:10},()=>AI.run()))")),
);
const burst = 500;
const burstMs = await time(() => Promise.all(Array.from({ length: burst }, () => exec("1+1"))));
console.log(`${"throughput, 500 at once".padEnd(44)} ${Math.round((burst / burstMs) * 1_000)} programs/s`);
await sandbox.close();
