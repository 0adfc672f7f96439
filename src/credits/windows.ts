import { SwitchyardError } from "../core/errors.ts";
import { creditLimits } from "../core/limits.ts";

/** How long a budget counts before it starts anew. `"5h"` rolls: at any moment it looks back over the last five hours. */
export type BudgetWindow = "total" | "day" | "month" | `${number}h`;

/** The rows of `budget_window` that count at one moment: those that start in this range. */
export interface LiveRows {
  readonly first: number;
  readonly last: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A rolling window moves in this many steps; a step counts until all of it is out, so the limit is never passed. */
const rollingSteps = 60;

/** @throws invalid_request when the text is not a window. */
export function parseWindow(text: string): BudgetWindow {
  if (text === "total" || text === "day" || text === "month") return text;
  const hours = /^(\d{1,4})h$/.exec(text)?.[1];
  if (hours !== undefined && Number(hours) >= 1 && Number(hours) <= creditLimits.rollingHoursMax)
    return `${Number(hours)}h`;
  throw new SwitchyardError("invalid_request", `${JSON.stringify(text)} is not a budget window`, {
    next: `Use total, day, month, or hours from 1h to ${creditLimits.rollingHoursMax}h`,
    details: { field: "window" },
  });
}

/** The start of the row that an amount reserved at `at` counts in. Days and months are UTC. */
export function windowStart(window: BudgetWindow, at: number): number {
  switch (window) {
    case "total":
      return 0;
    case "day":
      return Math.floor(at / dayMs) * dayMs;
    case "month":
      return monthStart(at, 0);
    default:
      return Math.floor(at / stepMs(window)) * stepMs(window);
  }
}

/** A length that never lies across two rows of a window. */
export function bucketMs(window: BudgetWindow): number {
  return isRolling(window) ? stepMs(window) : dayMs;
}

/** Whether a window looks back from every moment instead of starting anew at fixed times. */
export function isRolling(window: BudgetWindow): boolean {
  return rollingMs(window) !== undefined;
}

export function liveRows(window: BudgetWindow, now: number): LiveRows {
  const rolling = rollingMs(window);
  if (rolling === undefined) return { first: windowStart(window, now), last: windowStart(window, now) };
  return { first: windowStart(window, now - rolling), last: Number.MAX_SAFE_INTEGER };
}

/** When a row that starts at `start` stops counting; null: never. */
export function windowEnd(window: BudgetWindow, start: number): number | null {
  switch (window) {
    case "total":
      return null;
    case "day":
      return start + dayMs;
    case "month":
      return monthStart(start, 1);
    default:
      return start + stepMs(window) + (rollingMs(window) ?? 0);
  }
}

function monthStart(at: number, monthsLater: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + monthsLater);
}

function rollingMs(window: BudgetWindow): number | undefined {
  return window.endsWith("h") && window !== "month" ? Number(window.slice(0, -1)) * hourMs : undefined;
}

function stepMs(window: BudgetWindow): number {
  return Math.ceil((rollingMs(window) ?? hourMs) / rollingSteps);
}
