/**
 * What one pool costs: reserve and settle by several processes on one file, beside the same statements each in a
 * `BEGIN IMMEDIATE` of its own with a busy timeout, and beside one JSON file under a lock (lowdb).
 * `node bench/ledger.ts [--ms=2000]`. Ratios within one run are what counts.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildFsyncShim, canBuildFsyncShim } from "../test/support/fsync-shim.ts";
import { startWorker } from "../test/support/processes.ts";
import { prepare, type SubjectName, subjectNames } from "./ledger/subjects.ts";
import type { LedgerFigures, LedgerLoad } from "./ledger-process.ts";

const { values } = parseArgs({ options: { ms: { type: "string", default: "2000" } } });
const ms = Number(values.ms);
const script = new URL("./ledger-process.ts", import.meta.url);
const directory = await mkdtemp(join(tmpdir(), "switchyard-bench-"));
let files = 0;

interface Figures {
  readonly pairsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly stallMs: number;
}

async function measure(
  subject: SubjectName,
  processes: number,
  load: LedgerLoad["load"],
  environment: Record<string, string> = {},
): Promise<Figures> {
  const path = join(directory, `${files++}.db`);
  await prepare(subject, path);
  const options = { environment };
  const workers = Array.from({ length: processes }, () =>
    startWorker(script, { subject, path, ms, load } satisfies LedgerLoad, options),
  );
  const isFigures = (line: unknown) => line !== "ready";
  try {
    await Promise.all(workers.map((worker) => worker.until((line) => line === "ready")));
    for (const worker of workers) worker.send("go");
    const all = (await Promise.all(workers.map((worker) => worker.until(isFigures)))) as LedgerFigures[];
    const latencies = all.flatMap((figures) => figures.latenciesMs).sort((left, right) => left - right);
    const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
    return {
      pairsPerSecond: (all.reduce((sum, figures) => sum + figures.pairs, 0) / ms) * 1_000,
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
      stallMs: Math.max(...all.map((figures) => figures.stallMs)),
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
  }
}

function show(what: string, { pairsPerSecond, p50, p99, max, stallMs }: Figures): void {
  const number = (value: number, width: number, digits = 1) => value.toFixed(digits).padStart(width);
  console.log(
    `${what.padEnd(28)}${number(pairsPerSecond, 8, 0)}${number(p50, 9)}${number(p99, 9)}${number(max, 9)}${number(stallMs, 9)}`,
  );
}

function heading(text: string): void {
  console.log(`\n${text}\n${"".padEnd(28)} pairs/s   p50 ms   p99 ms   max ms stall ms`);
}

try {
  heading("Saturated: 16 pairs at once in each process");
  for (const processes of [1, 2, 4, 8]) {
    for (const subject of subjectNames)
      show(`${processes}  ${subject}`, await measure(subject, processes, { inFlight: 16 }));
  }
  heading("Paced: 10 pairs a second in each of 8 processes, at random moments");
  for (const subject of subjectNames) show(`8  ${subject}`, await measure(subject, 8, { pairsPerSecond: 10 }));
  if (canBuildFsyncShim()) {
    heading("A slow disk: every fsync takes 5 ms more; 16 pairs at once");
    const slow = { LD_PRELOAD: buildFsyncShim(directory), FSYNC_DELAY_US: "5000" };
    for (const processes of [1, 4]) {
      for (const subject of subjectNames.slice(0, 2)) {
        show(`${processes}  ${subject}`, await measure(subject, processes, { inFlight: 16 }, slow));
      }
    }
  } else console.log("\nA slow disk: not measured; it needs Linux and a C compiler");
} finally {
  await rm(directory, { recursive: true, force: true });
}
