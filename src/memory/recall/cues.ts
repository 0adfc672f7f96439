import { words } from "../text/words.ts";
import type { Range } from "./calendar.ts";
import type { Candidate } from "./candidates.ts";
import type { Question } from "./question.ts";
import type { WordWeights } from "./word-weights.ts";

/** What is read of a memory to judge it. */
export interface MemoryText {
  readonly content: string;
  readonly key: string | null;
  readonly topic: string | null;
  /** Its index terms, with spaces between. */
  readonly terms: string;
}

const dayMs = 86_400_000;
const timeWord =
  /\b(?:yesterday|today|tomorrow|tonight|ago|last|next|week|weekend|month|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july|august|september|october|november|december|morning|evening|\d{4}|\d+(?:st|nd|rd|th))\b/i;

/** Whether a text speaks of a time, as the answer to "when" does. */
export function tellsTime({ content }: MemoryText): boolean {
  return timeWord.test(content);
}

/** A short question, which seldom answers one. */
export function isBareQuestion({ content }: MemoryText): boolean {
  return content.length < 120 && content.trimEnd().endsWith("?");
}

/** How much of the best matches each session holds, the best session being 1. */
export function sessionShares(candidates: readonly Candidate[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { session, bm25 } of candidates.slice(0, 50)) {
    if (session !== null) sums.set(session, (sums.get(session) ?? 0) + bm25);
  }
  const most = Math.max(...sums.values(), Number.MIN_VALUE);
  for (const [session, sum] of sums) sums.set(session, sum / most);
  return sums;
}

/**
 * 1 inside a span of time. Things are told after they happened, so it falls to 0 over the span's own length after its
 * end, a week at least; before its beginning a day counts half, for time zones.
 */
export function nearness(time: number, ranges: readonly Range[]): number {
  let best = 0;
  for (const { from, to } of ranges) {
    const fade = Math.min(Math.max(to - from, 7 * dayMs), 31 * dayMs);
    const near =
      time >= from && time < to ? 1 : time >= to ? 0.8 * (1 - (time - to) / fade) : from - time < dayMs ? 0.5 : 0;
    best = Math.max(best, near);
  }
  return best;
}

/** Places in the question of the words that a memory holds, in one form or another. */
export function matchedPlaces({ terms }: MemoryText, question: Question, { inflections }: WordWeights): Set<number> {
  const matched = new Set<number>();
  for (const term of terms.split(" ")) {
    const place = question.wordOfTerm.get(term) ?? inflections.get(term);
    if (place !== undefined) matched.add(place);
  }
  return matched;
}

/** Whether a memory holds a synonym of a word of the question. */
export function hasSimilarWord({ terms }: MemoryText, question: Question): boolean {
  return terms.split(" ").some((term) => question.similarTerms.has(term));
}

/** Whether a key is the query, or every word of it is among the query's. */
export function isNamed(topic: string, question: Question): boolean {
  const parts = words(topic);
  return (
    topic === question.text.trim().toLowerCase() ||
    (parts.length > 0 && parts.every((part) => question.allWords.has(part)))
  );
}

/** How much each memory says, the one that says most being 1: of a time, small talk answers least. */
export function specificity(
  texts: ReadonlyMap<number, MemoryText>,
  rarityOf: (terms: Iterable<string>) => ReadonlyMap<string, number>,
): Map<number, number> {
  const termsOf = new Map([...texts].map(([n, text]) => [n, new Set(text.terms.split(" "))]));
  const rarity = rarityOf(new Set([...termsOf.values()].flatMap((terms) => [...terms])));
  const says = new Map<number, number>();
  for (const [n, terms] of termsOf) {
    let sum = 0;
    for (const term of terms) sum += rarity.get(term) ?? 0;
    says.set(n, sum);
  }
  const most = Math.max(...says.values(), Number.MIN_VALUE);
  for (const [n, sum] of says) says.set(n, sum / most);
  return says;
}
