import { type Clock, type Rng, systemClock } from "../../src/core/clock.ts";

/** A wall clock that tests set; waiting is real, so that nothing hangs. */
export interface HandClock extends Clock {
  set(epochMs: number): void;
  advance(ms: number): void;
}

export function handClock(startMs: number): HandClock {
  let now = startMs;
  return {
    ...systemClock,
    now: () => now,
    set: (epochMs) => {
      now = epochMs;
    },
    advance: (ms) => {
      now += ms;
    },
  };
}

/** Random bytes from a seed (SplitMix), so that a failing run can be repeated. */
export function seededRng(seed: number): Rng {
  let state = BigInt(seed);
  const next = () => {
    state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
    let value = state;
    value = ((value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
    value = ((value ^ (value >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
    return value ^ (value >> 31n);
  };
  return {
    bytes: (length) => Uint8Array.from({ length }, () => Number(next() & 0xffn)),
    fraction: () => Number(next() >> 11n) / 2 ** 53,
  };
}
