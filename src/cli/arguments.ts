import { SwitchyardError } from "../core/errors.ts";
import { type NanoUsd, parseUsd } from "../core/money.ts";

/** Dollars as people write them. @throws invalid_request. */
export function parseDollars(text: string, what: string): NanoUsd {
  return parseUsd(text.replace(/^\$/, ""), what);
}

/** A time as people write it: ISO 8601, a date alone is its beginning in UTC. @throws invalid_request. */
export function parseTime(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new SwitchyardError("invalid_request", `${option} ${JSON.stringify(text)} is not a time`, {
    next: "Give a date such as 2027-01-31 or a time such as 2027-01-31T12:00:00Z",
    details: { option },
  });
}
