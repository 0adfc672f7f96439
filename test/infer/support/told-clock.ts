import { type Clock, systemClock } from "../../../src/core/clock.ts";

/** A clock that several processes are told the time of. Short waits are real; long ones end as it passes them. */
export interface ToldClock extends Clock {
  /** Milliseconds since it was started. */
  tell(ms: number): void;
}

const startMs = Date.UTC(2026, 10, 22, 12);
const realMs = 50;

export function toldClock(): ToldClock {
  let nowMs = 0;
  let sleepers: { atMs: number; wake: () => void }[] = [];
  return {
    now: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    async sleep(ms, signal) {
      if (ms < realMs) return systemClock.sleep(ms, signal);
      // What is not woken is left behind when the signal aborts, and woken for nothing.
      const woken = new Promise<void>((wake) => sleepers.push({ atMs: nowMs + ms, wake }));
      const aborted =
        signal && new Promise<void>((end) => signal.addEventListener("abort", () => end(), { once: true }));
      await Promise.race(aborted ? [woken, aborted] : [woken]);
      signal?.throwIfAborted();
    },
    tell(ms) {
      nowMs = ms;
      const due = sleepers.filter(({ atMs }) => atMs <= nowMs);
      sleepers = sleepers.filter(({ atMs }) => atMs > nowMs);
      for (const { wake } of due) wake();
    },
  };
}
