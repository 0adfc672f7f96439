/** Milliseconds since the epoch, UTC; `to` is not included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A UTC day. */
export interface Day {
  /** Its first millisecond. */
  readonly start: number;
  readonly year: number;
  /** 0 is January. */
  readonly month: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

const dayMs = 86_400_000;

export function dayOf(instant: number): Day {
  const start = Math.floor(instant / dayMs) * dayMs;
  const date = new Date(start);
  return { start, year: date.getUTCFullYear(), month: date.getUTCMonth(), weekday: date.getUTCDay() };
}

export function rangeOfDays(day: Day, count: number): Range {
  return { from: day.start, to: day.start + count * dayMs };
}

/** A month; one outside 0 to 11 is in a neighbouring year. */
export function monthRange(year: number, month: number): Range {
  return { from: Date.UTC(year, month, 1), to: Date.UTC(year, month + 1, 1) };
}

export function yearRange(year: number): Range {
  return { from: Date.UTC(year, 0, 1), to: Date.UTC(year + 1, 0, 1) };
}

/** Northern seasons by whole months; winter is December of that year to February of the next. */
export function seasonRange(name: string, year: number): Range {
  const first = { spring: 2, summer: 5, autumn: 8, fall: 8, winter: 11 }[name] ?? 2;
  return { from: Date.UTC(year, first, 1), to: Date.UTC(year, first + 3, 1) };
}

/** The nearest such weekday before today, from today on, or of the week after. */
export function weekday(today: Day, index: number, which: -1 | 0 | 1): Range {
  const ahead = (index - today.weekday + 7) % 7;
  const days = which === -1 ? (ahead === 0 ? -7 : ahead - 7) : which === 0 ? ahead : ahead === 0 ? 7 : ahead;
  return rangeOfDays(dayOf(today.start + days * dayMs), 1);
}
