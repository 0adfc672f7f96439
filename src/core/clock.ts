import { randomBytes } from "node:crypto";
import { abortError } from "./deadline.ts";

/** Time, as everything here sees it. Tests hand in their own. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go back; only differences mean something. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason, or `cancelled`, when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness, as everything here sees it. */
export interface Rng {
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1). */
  fraction(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortError(signal));
      const onAbort = () => {
        clearTimeout(timer);
        if (signal) reject(abortError(signal));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};

export const systemRng: Rng = {
  bytes: (length) => randomBytes(length),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

/** ISO 8601 in UTC, as every time in a result is written. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
