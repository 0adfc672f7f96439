import { setImmediate } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { throwIfAborted } from "../core/deadline.ts";

/** Lets other work of the process run every few milliseconds of a long loop, and ends the loop when it is aborted. */
export interface Pacer {
  /** Call it in every round; await what it answers when it answers anything. */
  pause(): Promise<void> | undefined;
}

const sliceMs = 10;
/** Looking at the clock costs more than a round of the loops this is for. */
const roundsPerLook = 32;

export function newPacer(clock: Clock, signal?: AbortSignal): Pacer {
  let rounds = 0;
  let began = clock.monotonicMs();
  return {
    pause() {
      rounds += 1;
      if (rounds % roundsPerLook !== 0 || clock.monotonicMs() - began < sliceMs) return undefined;
      return setImmediate().then(() => {
        throwIfAborted(signal);
        began = clock.monotonicMs();
      });
    },
  };
}
