import type { Rng } from "../core/clock.ts";
import { inferLimits } from "../core/limits.ts";

/**
 * How long to wait before attempt number `attempt` (counted from 1) is followed by another: full jitter over a
 * doubling base, never less than what the provider asked for.
 * @returns milliseconds, or `undefined` when the wait would not fit into what is left of the deadline.
 */
export function waitBeforeRetry(
  attempt: number,
  retryAfterMs: number | undefined,
  leftMs: number,
  rng: Rng,
): number | undefined {
  const ceiling = Math.min(inferLimits.retryCapMs, inferLimits.retryBaseMs * 2 ** (attempt - 1));
  const wait = Math.max(rng.fraction() * ceiling, retryAfterMs ?? 0);
  return wait < leftMs ? wait : undefined;
}
