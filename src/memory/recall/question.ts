import { memoryLimits } from "../../core/limits.ts";
import type { Analyzer, QueryWord } from "../text/analyzer.ts";
import { fold } from "../text/fold.ts";
import type { Range } from "./calendar.ts";
import { readTimeExpressions } from "./time-expression.ts";

/** A query, taken apart once for all profiles that are searched. */
export interface Question {
  readonly text: string;
  /** Words to search for, function words left out unless there is nothing else. */
  readonly words: readonly QueryWord[];
  /** Every index term of those words, and the word's place in the list. */
  readonly wordOfTerm: ReadonlyMap<string, number>;
  /** Index terms of what a model said in other words, when one was asked. */
  readonly related: readonly string[];
  /** Synonyms of the words, and what is related. */
  readonly similarTerms: ReadonlySet<string>;
  /** All folded words, for names of speakers and keys. */
  readonly allWords: ReadonlySet<string>;
  /** Spans of time the query speaks of. */
  readonly ranges: readonly Range[];
  readonly asksWhen: boolean;
  /** Looks for what is newest, or oldest. */
  readonly order: "newest" | "oldest" | undefined;
}

const whenPattern = /\bwhen\b|\b(?:what|which) (?:date|day|month|year|time)\b|\bhow long ago\b/;
const newestPattern =
  /\b(?:latest|newest|most recent(?:ly)?|recent(?:ly)?|last time|currently|current|right now|now|these days|nowadays)\b/;
const oldestPattern = /\b(?:earliest|oldest|originally|the first time|at first)\b/;

/** Takes a query apart. Nothing in it is an operator: punctuation, quotes and odd characters only separate words. */
export function readQuestion(
  query: string,
  reference: number,
  analyzer: Analyzer,
  expansions: readonly string[] = [],
): Question {
  const text = query.toWellFormed().replaceAll("\0", " ");
  const { ranges, relativeWords } = readTimeExpressions(text, reference);
  const all = analyzer.query(text);
  const content = all.filter((word) => !word.isFunctionWord && !relativeWords.has(word.word));
  const words = (content.length > 0 ? content : all).slice(0, memoryLimits.queryWordsMax);
  const wordOfTerm = new Map<string, number>();
  for (const [index, word] of words.entries()) {
    for (const term of word.terms) if (!wordOfTerm.has(term)) wordOfTerm.set(term, index);
  }
  const folded = fold(text);
  const expanded = analyzer.query(expansions.join("\n").toWellFormed().replaceAll("\0", " "));
  const related = expanded.filter((word) => !word.isFunctionWord).flatMap((word) => word.terms);
  return {
    text,
    words,
    wordOfTerm,
    related: related.slice(0, memoryLimits.queryWordsMax),
    similarTerms: new Set([...words.flatMap((word) => word.synonyms), ...related]),
    allWords: new Set(all.map((word) => word.word)),
    ranges,
    asksWhen: whenPattern.test(folded),
    order: newestPattern.test(folded) ? "newest" : oldestPattern.test(folded) ? "oldest" : undefined,
  };
}
