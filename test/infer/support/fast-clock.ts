import { type Clock, systemClock } from "../../../src/core/clock.ts";

/** A clock whose long waits pass at once, and which tells how long they were. Short ones are real. */
export interface FastClock extends Clock {
  readonly sleeps: number[];
  advance(ms: number): void;
}

const realMs = 50;

export function fastClock(): FastClock {
  let ahead = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => systemClock.now() + ahead,
    monotonicMs: () => systemClock.monotonicMs() + ahead,
    advance(ms) {
      ahead += ms;
    },
    sleep(ms, signal) {
      if (ms < realMs) return systemClock.sleep(ms, signal);
      sleeps.push(ms);
      // Times of the wall clock are whole milliseconds.
      ahead += Math.ceil(ms);
      return systemClock.sleep(0, signal);
    },
  };
}
