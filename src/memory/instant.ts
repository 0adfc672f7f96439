import { SwitchyardError } from "../core/errors.ts";

const shape = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/;
const dayMs = 86_400_000;

/**
 * Reads an ISO 8601 date or date and time; without an offset it is UTC. Milliseconds since the epoch.
 * @throws invalid_request when it is not one, or no such day exists.
 */
export function parseInstant(text: string, field: string): number {
  return read(text, field).instant;
}

/** The same as the end of a range: a date alone means the end of that day. The end itself is not in the range. */
export function parseRangeEnd(text: string, field: string): number {
  const { instant, isDay } = read(text, field);
  return isDay ? instant + dayMs : instant + 1;
}

function read(text: string, field: string): { instant: number; isDay: boolean } {
  const match = shape.exec(text.trim());
  if (match) {
    const [, year = "", month = "", day = "", hour, minute = "0", second = "0", fraction = "0", offset = "Z"] = match;
    const parts = [Number(year), Number(month) - 1, Number(day)] as const;
    const midnight = new Date(0);
    midnight.setUTCFullYear(...parts);
    const isRealDay = midnight.getUTCMonth() === parts[1] && midnight.getUTCDate() === parts[2] && parts[0] > 0;
    const time = [Number(hour ?? 0), Number(minute), Number(second)] as const;
    const isRealTime = time[0] < 24 && time[1] < 60 && time[2] < 60;
    const offsetMinutes = readOffset(offset);
    if (isRealDay && isRealTime && offsetMinutes !== undefined) {
      const milliseconds = Math.trunc(Number(`0.${fraction}`) * 1000);
      const ofDay = ((time[0] * 60 + time[1] - offsetMinutes) * 60 + time[2]) * 1000 + milliseconds;
      return { instant: midnight.getTime() + ofDay, isDay: hour === undefined };
    }
  }
  throw new SwitchyardError("invalid_request", `${field} ${JSON.stringify(text.slice(0, 80))} is not a date`, {
    next: 'Give ISO 8601, such as "2026-05-08" or "2026-05-08T14:30:00Z"',
    details: { field },
  });
}

function readOffset(offset: string): number | undefined {
  if (offset.toUpperCase() === "Z") return 0;
  const digits = offset.replace(":", "");
  const hours = Number(digits.slice(1, 3));
  const minutes = Number(digits.slice(3, 5));
  if (hours > 18 || minutes > 59) return undefined;
  return (digits.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
