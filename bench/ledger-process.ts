/** One process of `bench/ledger.ts`: does pairs until its time is over and says how long each operation took. */
import { createInterface } from "node:readline";
import { openSubject, type SubjectName } from "./ledger/subjects.ts";

export interface LedgerLoad {
  readonly subject: SubjectName;
  readonly path: string;
  readonly ms: number;
  /** Pairs at once, each followed at once by the next; or how many pairs begin a second, at random moments. */
  readonly load: { readonly inFlight: number } | { readonly pairsPerSecond: number };
}

export interface LedgerFigures {
  readonly pairs: number;
  /** Of every reserve and every settle. */
  readonly latenciesMs: readonly number[];
  readonly stallMs: number;
}

const work = JSON.parse(process.argv[2] ?? "{}") as LedgerLoad;
const subject = openSubject(work.subject, work.path);
const latenciesMs: number[] = [];
let pairs = 0;
console.log(JSON.stringify("ready"));
await new Promise((resolve) => createInterface({ input: process.stdin }).once("line", resolve));

let stallMs = 0;
let turnedAt = performance.now();
const watch = setInterval(noteTurn, 1);
const start = performance.now();
await ("inFlight" in work.load ? saturate(work.load.inFlight) : pace(work.load.pairsPerSecond));
noteTurn();
clearInterval(watch);
const figures: LedgerFigures = { pairs, latenciesMs, stallMs };
// Long enough to be cut off by an exit that does not wait.
await new Promise((resolve) => process.stdout.write(`${JSON.stringify(figures)}\n`, resolve));
await subject.close();
process.exit(0);

/** How long the event loop did not get to its timers. */
function noteTurn(): void {
  const now = performance.now();
  stallMs = Math.max(stallMs, now - turnedAt);
  turnedAt = now;
}

function isOver(): boolean {
  return performance.now() - start > work.ms;
}

async function saturate(inFlight: number): Promise<void> {
  const loop = async () => {
    while (!isOver()) await pair();
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
}

async function pace(pairsPerSecond: number): Promise<void> {
  const running: Promise<void>[] = [];
  while (!isOver()) {
    running.push(pair());
    await new Promise((resolve) => setTimeout(resolve, (-Math.log(1 - Math.random()) * 1_000) / pairsPerSecond));
  }
  await Promise.all(running);
}

async function pair(): Promise<void> {
  const hold = await timed(() => subject.reserve(1_000n));
  // The call itself would be here; the event loop turns at least once.
  await new Promise(setImmediate);
  await timed(() => subject.settle(hold, 700n));
  pairs++;
}

async function timed<T>(operation: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const answer = await operation();
  latenciesMs.push(performance.now() - begun);
  return answer;
}
