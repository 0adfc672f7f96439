import { inferLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Ledger } from "../credits/ledger.ts";

/**
 * Keeps a running call's reservation, however long its provider is silent, and writes down what it has cost so far,
 * should this process not live to its end. Answers how to stop.
 */
export function keepHold(ledger: Ledger, holdId: string, costSoFar: () => NanoUsd): () => void {
  const timer = setInterval(() => {
    // The next time makes good for one that fails; the lease outlasts two.
    ledger.progress(holdId, costSoFar()).catch(() => undefined);
  }, inferLimits.holdRenewMs);
  timer.unref();
  return () => clearInterval(timer);
}
