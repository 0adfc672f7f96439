import type { MemoryRow } from "../row.ts";
import type { Analyzer } from "../text/analyzer.ts";
import { words } from "../text/words.ts";
import type { Candidate } from "./candidates.ts";
import type { Question } from "./question.ts";

export interface Ranked {
  readonly row: MemoryRow;
  readonly score: number;
  readonly why: readonly string[];
}

/** What each cue adds to a score whose word match is at most 1. */
const weights = { speaker: 0.25, when: 0.2, coverage: 0.2, session: 0.2, key: 0.5, order: 0.3, question: -0.05 };
const weightTotal = 1 + weights.speaker + weights.when + weights.coverage + weights.session + weights.key;

/** Candidates whose text is looked at; those below have no chance of the first places. */
const readInFullMax = 120;
const timeWord =
  /\b(?:yesterday|today|tomorrow|tonight|ago|last|next|week|weekend|month|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july|august|september|october|november|december|morning|evening|\d{4}|\d+(?:st|nd|rd|th))\b/i;

/** Orders candidates by word match and by the cues that words alone do not see. */
export function rank(candidates: readonly Candidate[], question: Question, analyzer: Analyzer): Ranked[] {
  const best = candidates.reduce((max, candidate) => Math.max(max, candidate.bm25), 0);
  if (candidates.length === 0) return [];
  const sessions = sessionShares(candidates);
  const times = candidates.map(({ row }) => row.occurred_at ?? row.remembered_at);
  const newest = Math.max(...times);
  const oldest = Math.min(...times);
  const rough = candidates
    .map((candidate, index) => {
      const time = times[index] ?? 0;
      const age = newest === oldest ? 0 : (newest - time) / (newest - oldest);
      return { candidate, age, score: roughScore(candidate, question, best, sessions) };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, readInFullMax);
  return rough
    .map(({ candidate, age, score }) => {
      const { row } = candidate;
      const matched = matchedWords(row, question, analyzer);
      const coverage = question.words.length === 0 ? 0 : matched.length / question.words.length;
      const isKey = row.topic !== null && isNamed(row.topic, question);
      let total = score + weights.coverage * coverage + (isKey ? weights.key : 0);
      if (question.asksWhen && timeWord.test(row.content)) total += weights.when;
      if (question.order !== undefined) total += weights.order * (question.order === "newest" ? 1 - age : age);
      if (isBareQuestion(row.content)) total += weights.question;
      return { row, score: Math.min(1, Math.max(0, total / weightTotal)), why: reasons(row, question, matched, isKey) };
    })
    .sort((a, b) => b.score - a.score || b.row.n - a.row.n);
}

function roughScore(
  candidate: Candidate,
  question: Question,
  best: number,
  sessions: ReadonlyMap<string, number>,
): number {
  const { row, bm25 } = candidate;
  let score = best > 0 ? bm25 / best : 0;
  if (row.speaker !== null && isSpeakerNamed(row.speaker, question)) score += weights.speaker;
  if (row.session !== null) score += weights.session * (sessions.get(row.session) ?? 0);
  return score;
}

/** How much of the best matches each session holds, the best session being 1. */
function sessionShares(candidates: readonly Candidate[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { row, bm25 } of candidates.slice(0, 50)) {
    if (row.session !== null) sums.set(row.session, (sums.get(row.session) ?? 0) + bm25);
  }
  const most = Math.max(...sums.values(), Number.MIN_VALUE);
  for (const [session, sum] of sums) sums.set(session, sum / most);
  return sums;
}

function matchedWords(row: MemoryRow, question: Question, analyzer: Analyzer): string[] {
  const matched = new Set<number>();
  for (const term of analyzer.text(row.key === null ? row.content : `${row.content}\n${row.key}`).terms) {
    const index = question.wordOfTerm.get(term);
    if (index !== undefined) matched.add(index);
  }
  // A speaker who is named is in what they say, though the words do not hold their name.
  const speaker = row.speaker === null ? [] : words(row.speaker);
  return question.words.map((word) => word.word).filter((word, index) => matched.has(index) || speaker.includes(word));
}

/** Whether a key is the query, or every word of it is among the query's. */
function isNamed(topic: string, question: Question): boolean {
  const parts = words(topic);
  return (
    topic === question.text.trim().toLowerCase() ||
    (parts.length > 0 && parts.every((part) => question.allWords.has(part)))
  );
}

function isSpeakerNamed(speaker: string, question: Question): boolean {
  return words(speaker).some((part) => part.length > 1 && question.allWords.has(part));
}

function isBareQuestion(content: string): boolean {
  return content.length < 120 && content.trimEnd().endsWith("?");
}

function reasons(row: MemoryRow, question: Question, matched: readonly string[], isKey: boolean): string[] {
  const why: string[] = [];
  if (isKey) why.push(`key: ${row.key}`);
  if (matched.length > 0) why.push(`words: ${matched.join(", ")}`);
  else why.push("words of a neighbouring turn");
  if (row.speaker !== null && isSpeakerNamed(row.speaker, question)) why.push(`speaker: ${row.speaker}`);
  return why;
}
