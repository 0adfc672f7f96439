import { join } from "node:path";
import { systemClock, systemRng } from "../core/clock.ts";
import { parseUsd } from "../core/money.ts";
import { type Ledger, openLedger } from "../credits/ledger.ts";
import { openContext } from "./context.ts";

/** Opens the ledger alone, which is all that the commands of its owner need, and closes it after the work. */
export async function withLedger<T>(work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const { environment, settings } = openContext();
  const ledger = openLedger({
    path: ledgerPath(environment.dataDirectory),
    clock: systemClock,
    rng: systemRng,
    initialGrant: parseUsd((await settings()).initial_grant),
    background: false,
  });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

/** Where the ledger of a data directory is. */
export function ledgerPath(dataDirectory: string): string {
  return join(dataDirectory, "ledger.db");
}
