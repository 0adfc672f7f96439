import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { toErrorFacts } from "../../src/core/errors.ts";
import { openLedger } from "../../src/credits/ledger.ts";

/** What a test asks of this process. Amounts are nano-USD as text. */
export interface LedgerWork {
  readonly path: string;
  readonly initialGrant?: string;
  /** `reserve`: hold until the pool refuses. `spend`: reserve and settle, over and over. `open`: open and say the balance. */
  readonly work: "open" | "reserve" | "spend";
  readonly amount: string;
  readonly inFlight: number;
}

export type LedgerWorkLine =
  | { readonly ready: true }
  | { readonly held: string; readonly amount: string }
  | { readonly settled: string; readonly actual: string }
  | { readonly granted: string }
  | { readonly refused: string };

const work = JSON.parse(process.argv[2] ?? "{}") as LedgerWork;
// Straight to the pipe: what was written is out even if the process dies in the next instant.
const say = (line: LedgerWorkLine) => writeSync(1, `${JSON.stringify(line)}\n`);

if (work.work !== "open") {
  say({ ready: true });
  await new Promise((resolve) => createInterface({ input: process.stdin }).once("line", resolve));
}
const ledger = openLedger({
  path: work.path,
  clock: systemClock,
  rng: systemRng,
  initialGrant: BigInt(work.initialGrant ?? "0"),
});
if (work.work === "open") say({ granted: (await ledger.balance(localCaller)).granted.toString() });
else await Promise.all(Array.from({ length: work.inFlight }, () => loop()));
await ledger.close();
process.stdin.destroy();

async function loop(): Promise<void> {
  const amount = BigInt(work.amount);
  for (;;) {
    try {
      const hold = await ledger.reserve({ caller: localCaller, amount, charge: { tool: "infer" }, dispatched: true });
      say({ held: hold.id, amount: hold.amount.toString() });
      if (work.work === "reserve") continue;
      const actual = amount - 1n;
      await ledger.settle(hold.id, { actual });
      say({ settled: hold.id, actual: actual.toString() });
    } catch (error) {
      say({ refused: toErrorFacts(error).code });
      return;
    }
  }
}
