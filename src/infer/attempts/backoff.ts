import type { Rng } from "../../core/clock.ts";
import { inferLimits } from "../../core/limits.ts";

/**
 * How long to wait before a model is asked again after its failure number `failures` (counted from 1): full jitter over
 * a doubling range, on top of what the provider asked for, so that those it sent away do not all come back at once.
 * @returns milliseconds
 */
export function waitBeforeRetry(failures: number, retryAfterMs: number | undefined, rng: Rng): number {
  const ceiling = Math.min(inferLimits.retryCapMs, inferLimits.retryBaseMs * 2 ** (failures - 1));
  return (retryAfterMs ?? 0) + rng.fraction() * ceiling;
}
