import type { Analyzer } from "../text/analyzer.ts";
import type { Question } from "./question.ts";
import type { Ranked } from "./rank.ts";

export interface Distinct extends Ranked {
  /** Numbers of lower-ranked memories that say nearly the same. */
  readonly duplicates: readonly number[];
}

/** Content words two texts must share to be nearly the same; below ten words that means all of them. */
const sharedMin = 0.9;
/** The same over all words as they are indexed, which is known without looking at the text again. */
const roughlySharedMin = 0.5;
const dayMs = 86_400_000;
const negation = /^(?:not|no|never|none|cannot|without|\w+nt)$/;

interface Gist {
  readonly terms: ReadonlySet<string>;
  /** Numbers and negations: these must not differ at all. */
  readonly exact: string;
  /** Words with a capital inside a sentence: the other text must have them too. */
  readonly names: readonly string[];
}

/** The first `limit` memories that differ, each with those that repeat it. Order is kept. */
export function collapse(ranked: readonly Ranked[], question: Question, analyzer: Analyzer, limit: number): Distinct[] {
  const kept: { readonly ranked: Ranked; readonly terms: ReadonlySet<string>; readonly duplicates: number[] }[] = [];
  for (const one of ranked) {
    const terms = new Set(one.text.terms.split(" "));
    const same = kept.find(
      (other) =>
        mayRepeat(one, other.ranked, question) &&
        share(terms, other.terms) >= roughlySharedMin &&
        saysTheSame(gistOf(one.text.content, analyzer), gistOf(other.ranked.text.content, analyzer)),
    );
    if (same !== undefined) same.duplicates.push(one.candidate.n);
    else if (kept.length === limit) break;
    else kept.push({ ranked: one, terms, duplicates: [] });
  }
  return kept.map((one) => ({ ...one.ranked, duplicates: one.duplicates }));
}

function gistOf(content: string, analyzer: Analyzer): Gist {
  // A hyphen more or less is no difference.
  const { terms, contentTerms } = analyzer.text(content.replace(/[-_/:@#+.]/g, " "));
  const exact = new Set(terms.filter((term) => /\d/.test(term) || negation.test(term)));
  const names = content.match(/(?<=[^.!?\s]\s+)\p{Lu}\p{L}+/gu) ?? [];
  return {
    terms: new Set(contentTerms),
    exact: [...exact].sort().join(" "),
    names: names.flatMap((name) => analyzer.text(name).contentTerms),
  };
}

/** Different speakers, keys, or days where time is asked for, make different memories of the same words. */
function mayRepeat(a: Ranked, b: Ranked, question: Question): boolean {
  const sameSpeaker = a.candidate.speaker === b.candidate.speaker;
  const sameTopic = a.text.topic === b.text.topic || a.text.topic === null || b.text.topic === null;
  const timeMatters = question.asksWhen || question.ranges.length > 0;
  return sameSpeaker && sameTopic && !(timeMatters && dayOf(a) !== dayOf(b));
}

function dayOf({ candidate }: Ranked): number {
  return Math.floor(candidate.time / dayMs);
}

function saysTheSame(a: Gist, b: Gist): boolean {
  if (a.exact !== b.exact || a.terms.size === 0) return false;
  if (!a.names.every((name) => b.terms.has(name)) || !b.names.every((name) => a.terms.has(name))) return false;
  return share(a.terms, b.terms) >= sharedMin;
}

/** Size of what both have over the size of what either has. */
function share(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const term of small) if (large.has(term)) shared += 1;
  return shared / (small.size + large.size - shared);
}
