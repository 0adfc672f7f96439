import { type Clock, systemClock } from "../../src/core/clock.ts";

const openedMs = Date.now();

/** Real time, on a day on which the models that tests name have not ended yet. */
export const datedClock: Clock = {
  ...systemClock,
  now: () => Date.UTC(2026, 10, 22, 12) + Date.now() - openedMs,
};
