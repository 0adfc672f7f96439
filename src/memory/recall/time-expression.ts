import { fold } from "../text/fold.ts";
import { type Day, dayOf, monthRange, type Range, rangeOfDays, seasonRange, weekday, yearRange } from "./calendar.ts";

/** What a query says about time: ranges in UTC, milliseconds since the epoch, the end not included. */
export interface TimeExpressions {
  readonly ranges: readonly Range[];
  /** Words that only make sense relative to the day of asking; searching for them would mislead. */
  readonly relativeWords: ReadonlySet<string>;
}

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const month =
  "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const day = "(\\d{1,2})(?:st|nd|rd|th)?";
const year = "(\\d{4})";
const weekdayNames = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const weekdays = `(${weekdayNames.join("|")})`;
const seasons = "(spring|summer|autumn|fall|winter)";
const smallNumbers: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  couple: 2,
  three: 3,
  few: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
};
const count = `(\\d{1,3}|${Object.keys(smallNumbers).join("|")})`;
const unit = "(day|week|month|year)s?";

type Reader = (match: RegExpExecArray, today: Day) => Range | undefined;

interface Pattern {
  readonly pattern: RegExp;
  readonly isRelative: boolean;
  readonly read: Reader;
}

/** Longer forms first: what one pattern has read, the next does not see. */
const patterns: readonly Pattern[] = [
  absolute(`\\b${year}-(\\d{2})-(\\d{2})\\b`, ([, y, m, d]) => onDay(Number(y), Number(m) - 1, Number(d))),
  absolute(`\\b${year}-(\\d{2})\\b`, ([, y, m]) => inMonth(Number(y), Number(m) - 1)),
  absolute(`\\b(\\d{1,2})\\.(\\d{1,2})\\.${year}\\b`, ([, d, m, y]) => onDay(Number(y), Number(m) - 1, Number(d))),
  absolute(`\\b${day} (?:of )?${month},? ${year}\\b`, ([, d, m, y]) => onDay(Number(y), monthIndex(m), Number(d))),
  absolute(`\\b${month} ${day},? ${year}\\b`, ([, m, d, y]) => onDay(Number(y), monthIndex(m), Number(d))),
  absolute(`(?<!\\d(?:st|nd|rd|th)? (?:of )?)\\b${month},? (?:of )?${year}\\b`, ([, m, y]) =>
    inMonth(Number(y), monthIndex(m)),
  ),
  absolute(`\\b${day} (?:of )?${month}\\b`, ([, d, m], today) => lastSuchDay(monthIndex(m), Number(d), today)),
  absolute(`\\b${month} ${day}\\b(?!:)`, ([, m, d], today) => lastSuchDay(monthIndex(m), Number(d), today)),
  absolute(`\\b${seasons} (?:of )?${year}\\b`, ([, name = "", y]) => seasonRange(name, Number(y))),
  absolute(`\\bq([1-4]) ${year}\\b`, ([, quarter, y]) => quarterRange(Number(y), Number(quarter))),
  relative("\\bday before yesterday\\b", (_, today) => daysBack(today, 2)),
  relative("\\b(?:yesterday|last night)\\b", (_, today) => daysBack(today, 1)),
  relative("\\b(?:today|tonight|this morning|this afternoon|this evening)\\b", (_, today) => daysBack(today, 0)),
  relative("\\btomorrow\\b", (_, today) => daysBack(today, -1)),
  relative(`\\b${count} (?:of )?${unit} ago\\b`, ([, n, name], today) => unitsAgo(today, amount(n), name)),
  relative(`\\b(?:last|past|previous) ${count} (?:of )?${unit}\\b`, ([, n, name], today) =>
    sinceUnits(today, amount(n), name),
  ),
  relative("\\b(last|past|previous|this|next) (day|week|weekend|month|year)\\b", ([, which, name], today) =>
    shifted(today, which, name),
  ),
  relative(`\\b(last|past|previous|this|next) ${weekdays}\\b`, ([, which, name], today) =>
    namedWeekday(today, which, name),
  ),
  relative(`\\b(last|this|next) ${seasons}\\b`, ([, which, name = ""], today) => namedSeason(today, which, name)),
  relative(`\\blast ${month}\\b`, ([, m], today) => lastSuchMonth(monthIndex(m), today, 1)),
  absolute(
    `\\b(?:in|during|since|of|from|until|till|before|after|early|late|mid|by|this) ${month}\\b`,
    ([, m], today) => lastSuchMonth(monthIndex(m), today, 0),
  ),
  absolute(`\\b(?:in|during|since|from|until|before|after|of|year) ${year}\\b`, ([, y]) => yearRange(Number(y))),
  relative(`\\bon ${weekdays}\\b`, ([, name], today) => namedWeekday(today, "last", name)),
];

/** Words before an expression that open its range at one side. */
const opensForward = /\b(since|after|from)(?: the)?$/;
const opensBackward = /\b(?:before|until|till|by)(?: the)?$/;

/** Finds dates and spans of time in a query; `reference` is the moment that "last week" is relative to. */
export function readTimeExpressions(query: string, reference: number): TimeExpressions {
  const today = dayOf(reference);
  const ranges: Range[] = [];
  const relativeWords = new Set<string>();
  let rest = fold(query).replace(/\s+/g, " ");
  for (const { pattern, isRelative, read } of patterns) {
    rest = rest.replace(pattern, (...found: unknown[]) => {
      const text = String(found[0]);
      const match = pattern.exec(text);
      pattern.lastIndex = 0;
      const range = match === null ? undefined : read(match, today);
      if (range === undefined) return text;
      const offset = Number(found.findLast((part) => typeof part === "number"));
      ranges.push(opened(range, rest.slice(0, offset), text, reference));
      if (isRelative) for (const word of text.split(" ")) relativeWords.add(word);
      return " | ";
    });
  }
  return { ranges, relativeWords };
}

/** The word that opens a range stands before the expression, or is its first. */
function opened(range: Range, before: string, text: string, reference: number): Range {
  const leads = [before.trimEnd(), text.split(" ")[0] ?? ""];
  const forward = leads.map((lead) => opensForward.exec(lead)?.[1]).find((word) => word !== undefined);
  if (forward !== undefined) {
    const from = forward === "after" ? range.to : range.from;
    return { from, to: Math.max(reference, from + 1) };
  }
  if (leads.some((lead) => opensBackward.test(lead))) return { from: Number.MIN_SAFE_INTEGER, to: range.from };
  return range;
}

function absolute(source: string, read: Reader): Pattern {
  return { pattern: new RegExp(source, "g"), isRelative: false, read };
}

function relative(source: string, read: Reader): Pattern {
  return { pattern: new RegExp(source, "g"), isRelative: true, read };
}

function amount(text: string | undefined): number {
  return smallNumbers[text ?? ""] ?? Number(text);
}

function monthIndex(name: string | undefined): number {
  return monthNames.indexOf((name ?? "").slice(0, 3));
}

function onDay(year: number, month: number, day: number): Range | undefined {
  const from = Date.UTC(year, month, day);
  const date = new Date(from);
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined;
  return rangeOfDays(dayOf(from), 1);
}

function inMonth(year: number, month: number): Range | undefined {
  return month >= 0 && month < 12 ? monthRange(year, month) : undefined;
}

function quarterRange(year: number, quarter: number): Range {
  return { from: Date.UTC(year, 3 * quarter - 3, 1), to: Date.UTC(year, 3 * quarter, 1) };
}

/** A day without its year is the last one there was. */
function lastSuchDay(month: number, day: number, today: Day): Range | undefined {
  const thisYear = onDay(today.year, month, day);
  return thisYear !== undefined && thisYear.from <= today.start ? thisYear : onDay(today.year - 1, month, day);
}

function lastSuchMonth(month: number, today: Day, monthsBackMin: number): Range {
  const isPast = month <= today.month - monthsBackMin;
  return monthRange(isPast ? today.year : today.year - 1, month);
}

function daysBack(today: Day, days: number): Range {
  return rangeOfDays(dayOf(today.start - days * 86_400_000), 1);
}

function unitsAgo(today: Day, number: number, name: string | undefined): Range {
  if (name === "day") return daysBack(today, number);
  if (name === "week") return rangeOfDays(dayOf(today.start - (7 * number + 3) * 86_400_000), 7);
  if (name === "month") return monthRange(today.year, today.month - number);
  return yearRange(today.year - number);
}

function sinceUnits(today: Day, number: number, name: string | undefined): Range {
  const days = { day: 1, week: 7, month: 30.5, year: 365.25 }[name ?? "day"] ?? 1;
  return { from: today.start - Math.ceil(number * days) * 86_400_000, to: today.start + 86_400_000 };
}

function shifted(today: Day, which: string | undefined, name: string | undefined): Range {
  const by = which === "this" ? 0 : which === "next" ? 1 : -1;
  const monday = dayOf(today.start - ((today.weekday + 6) % 7) * 86_400_000 + by * 7 * 86_400_000);
  if (name === "week") return rangeOfDays(monday, 7);
  if (name === "weekend") return rangeOfDays(dayOf(monday.start + 5 * 86_400_000), 2);
  if (name === "month") return monthRange(today.year, today.month + by);
  if (name === "year") return yearRange(today.year + by);
  return daysBack(today, -by);
}

function namedWeekday(today: Day, which: string | undefined, name: string | undefined): Range {
  return weekday(today, weekdayNames.indexOf(name ?? ""), which === "next" ? 1 : which === "this" ? 0 : -1);
}

function namedSeason(today: Day, which: string | undefined, name: string): Range {
  if (which === "next") return seasonRange(name, today.year + 1);
  const thisYear = seasonRange(name, today.year);
  const isOver = thisYear.to <= today.start || (which === "this" && thisYear.from <= today.start);
  return isOver ? thisYear : seasonRange(name, today.year - 1);
}
