import { memoryLimits } from "../../core/limits.ts";
import type { Analyzer, QueryWord } from "../text/analyzer.ts";
import { fold } from "../text/fold.ts";

/** A query, taken apart once for all profiles that are searched. */
export interface Question {
  readonly text: string;
  /** Words to search for, function words left out unless there is nothing else. */
  readonly words: readonly QueryWord[];
  /** Every index term of those words, for whether a memory has them. */
  readonly wordOfTerm: ReadonlyMap<string, number>;
  /** All folded words, for names of speakers. */
  readonly allWords: ReadonlySet<string>;
  readonly asksWhen: boolean;
  /** Looks for what is newest, or oldest. */
  readonly order: "newest" | "oldest" | undefined;
}

const whenPattern = /\bwhen\b|\b(?:what|which) (?:date|day|month|year|time)\b|\bhow long ago\b/;
const newestPattern =
  /\b(?:latest|newest|most recent(?:ly)?|last time|currently|current|right now|these days|nowadays)\b/;
const oldestPattern = /\b(?:earliest|oldest|originally|the first time|at first)\b/;

/** Takes a query apart. Nothing in it is an operator: punctuation, quotes and odd characters only separate words. */
export function readQuestion(query: string, analyzer: Analyzer): Question {
  const text = query.toWellFormed().replaceAll("\0", " ");
  const all = analyzer.query(text);
  const content = all.filter((word) => !word.isFunctionWord);
  const words = (content.length > 0 ? content : all).slice(0, memoryLimits.queryWordsMax);
  const wordOfTerm = new Map<string, number>();
  for (const [index, word] of words.entries()) {
    for (const term of word.terms) if (!wordOfTerm.has(term)) wordOfTerm.set(term, index);
  }
  const folded = fold(text);
  return {
    text,
    words,
    wordOfTerm,
    allWords: new Set(all.map((word) => word.word)),
    asksWhen: whenPattern.test(folded),
    order: newestPattern.test(folded) ? "newest" : oldestPattern.test(folded) ? "oldest" : undefined,
  };
}
