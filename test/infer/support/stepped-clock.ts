import { type Clock, systemClock } from "../../../src/core/clock.ts";

export interface SteppedClock extends Clock {
  step(ms: number): Promise<void>;
  /** Sets the wall clock, as people and time servers do; what is measured goes on. */
  jump(ms: number): void;
}

const startMs = Date.UTC(2026, 10, 22, 12);

/** A clock that stands still until it is moved; those who sleep wake up as it passes them. */
export function steppedClock(): SteppedClock {
  let nowMs = 0;
  let set = 0;
  let sleepers: { atMs: number; wake: () => void }[] = [];
  return {
    now: () => startMs + nowMs + set,
    monotonicMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { atMs: nowMs + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener(
          "abort",
          () => {
            sleepers = sleepers.filter((other) => other !== sleeper);
            reject(new Error("woken"));
          },
          { once: true },
        );
      }),
    async step(ms) {
      nowMs += ms;
      const due = sleepers.filter(({ atMs }) => atMs <= nowMs);
      sleepers = sleepers.filter(({ atMs }) => atMs > nowMs);
      for (const { wake } of due) wake();
      await systemClock.sleep(0);
    },
    jump(ms) {
      set += ms;
    },
  };
}
