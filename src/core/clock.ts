import { randomBytes, randomFillSync } from "node:crypto";
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
  bytes: systemBytes,
  fraction: () => Buffer.from(systemBytes(6).buffer).readUIntBE(0, 6) / 2 ** 48,
};

/** Asking the system costs more than what a call needs of it, so it is asked for much at once. */
const drawn = Buffer.alloc(4_096);
let drawnFrom = drawn.length;

function systemBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length > drawn.length / 4) return new Uint8Array(randomBytes(length));
  if (drawnFrom + length > drawn.length) {
    randomFillSync(drawn);
    drawnFrom = 0;
  }
  const bytes = new Uint8Array(length);
  bytes.set(drawn.subarray(drawnFrom, drawnFrom + length));
  // What has been given out may be a secret: it is not kept here as well.
  drawn.fill(0, drawnFrom, drawnFrom + length);
  drawnFrom += length;
  return bytes;
}

/** ISO 8601 in UTC, as every time in a result is written. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
