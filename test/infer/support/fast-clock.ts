import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { datedClock } from "../../support/dated-clock.ts";

/** A clock whose long waits pass at once, and which tells how long they were. Short ones are real. */
export interface FastClock extends Clock {
  readonly sleeps: number[];
  advance(ms: number): void;
  /** Sets the wall clock, as people and time servers do; what is measured goes on. */
  jump(ms: number): void;
}

const realMs = 50;

export function fastClock(): FastClock {
  let ahead = 0;
  let set = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => datedClock.now() + ahead + set,
    monotonicMs: () => systemClock.monotonicMs() + ahead,
    advance(ms) {
      ahead += ms;
    },
    jump(ms) {
      set += ms;
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
