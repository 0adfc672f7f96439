import type { StatementSync } from "node:sqlite";
import { memoryLimits } from "../../core/limits.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import type { QueryWord } from "../text/analyzer.ts";
import type { Near } from "../vectors/vector-index.ts";
import type { Range } from "./calendar.ts";
import type { Question } from "./question.ts";
import type { Scope } from "./scope.ts";
import { isFrequent, type WordWeights } from "./word-weights.ts";

/** A memory that may answer: what can be told of it without reading its text. */
export interface Candidate {
  /** Its number in the profile. */
  readonly n: number;
  /** How well its own and its neighbours' words match, larger is better; 0 when it was not found by words. */
  readonly bm25: number;
  /** How near its meaning is, 1 for the nearest of all and 0 for the last that was found so, or for none. */
  readonly meaning: number;
  readonly speaker: string | null;
  readonly session: string | null;
  /** When it happened, or else when it was remembered. */
  readonly time: number;
}

/** A search keeps at least this many words before it leaves frequent ones out. */
const rareWordsMin = 3;
/** A synonym's share of what the word itself would count. */
const synonymWeight = 0.35;

/** Memories that share words with the question, best first. `skipped` are words not to search for. */
export function lexicalCandidates(
  profile: ProfileDatabase,
  question: Question,
  scope: Scope,
  skipped: ReadonlySet<string>,
  weights: WordWeights,
  limit: number,
): Candidate[] {
  const most = Math.min(memoryLimits.recallCandidatesMax, Math.max(100, 20 * limit));
  const words = searchedWords(question, skipped, weights);
  const exact = words.flatMap((word) => word.terms);
  const related = [...weights.inflections.keys(), ...words.flatMap((word) => word.synonyms), ...question.related];
  const { memoriesOf, frequentFrom } = weights;
  // Only the living are counted, and no function words: where these matter, words are searched for unseen.
  const isCounted = scope.asOf === undefined && words.some((word) => !word.isFunctionWord);
  const isSomewhere = (term: string) => !isCounted || memoriesOf.has(term);
  const terms = exact.filter(isSomewhere);
  const synonyms = [...new Set(related)].filter(
    (term) => isSomewhere(term) && (memoriesOf.get(term) ?? 0) <= frequentFrom && !exact.includes(term),
  );
  const found = search(profile, terms, scope, most);
  const similar = search(profile, synonyms, scope, most / 2);
  if (similar.length === 0) return found;
  const merged = new Map(found.map((candidate) => [candidate.n, candidate]));
  for (const candidate of similar) {
    const bm25 = (merged.get(candidate.n)?.bm25 ?? 0) + synonymWeight * candidate.bm25;
    merged.set(candidate.n, { ...candidate, bm25 });
  }
  return [...merged.values()].sort((a, b) => b.bm25 - a.bm25).slice(0, most);
}

const time = "coalesce(m.occurred_at, m.remembered_at)";
const columns = `m.n, m.speaker, m.session, ${time}`;

/** Memories of the spans of time that the question speaks of, whatever their words, newest first. */
export function timedCandidates(profile: ProfileDatabase, ranges: readonly Range[], scope: Scope): Candidate[] {
  return ranges.flatMap(({ from, to }) => {
    const statement = profile.statement(
      `SELECT ${columns}, 0 FROM memories m WHERE ${time} >= ? AND ${time} < ? AND ${scope.where}
       ORDER BY ${time} DESC LIMIT ?`,
    );
    return read(statement, from, to, ...scope.parameters, memoryLimits.recallTimedCandidatesMax);
  });
}

/** The memory whose key is the query itself. */
export function keyCandidates(profile: ProfileDatabase, topic: string, scope: Scope): Candidate[] {
  const statement = profile.statement(
    `SELECT ${columns}, 0 FROM memories m WHERE m.topic = ? AND ${scope.where} ORDER BY m.n DESC LIMIT 2`,
  );
  return read(statement, topic, ...scope.parameters);
}

/** Memories whose meaning is near the query's. */
export function nearCandidates(profile: ProfileDatabase, near: readonly Near[], scope: Scope): Candidate[] {
  const statement = profile.statement(
    `SELECT ${columns}, 0 FROM memories m WHERE m.n IN (SELECT value FROM json_each(?)) AND ${scope.where}`,
  );
  const similarity = new Map(near.map((one) => [one.n, one.similarity]));
  const found = read(statement, JSON.stringify([...similarity.keys()]), ...scope.parameters);
  const of = (candidate: Candidate) => similarity.get(candidate.n) ?? 0;
  const least = Math.min(...found.map(of));
  const span = Math.max(...found.map(of)) - least;
  return found.map((candidate) => ({ ...candidate, meaning: span > 0 ? (of(candidate) - least) / span : 1 }));
}

/** Each memory once, with the best of every channel that found it. */
export function mergeCandidates(...channels: readonly (readonly Candidate[])[]): Candidate[] {
  const merged = new Map<number, Candidate>();
  for (const candidate of channels.flat()) {
    const known = merged.get(candidate.n);
    const bm25 = Math.max(candidate.bm25, known?.bm25 ?? 0);
    const meaning = Math.max(candidate.meaning, known?.meaning ?? 0);
    merged.set(candidate.n, { ...candidate, bm25, meaning });
  }
  return [...merged.values()];
}

/** Memories with any of the terms. Each is letters, digits and marks only, so quoting it is enough. */
function search(profile: ProfileDatabase, terms: readonly string[], scope: Scope, limit: number): Candidate[] {
  if (terms.length === 0) return [];
  const match = terms.map((term) => `"${term}"`).join(" OR ");
  const tables = scope.asOf === undefined ? ["live_index"] : ["live_index", "past_index"];
  return tables.flatMap((table) => {
    const statement = profile.statement(
      `SELECT ${columns}, f.rank FROM ${table} f JOIN memories m ON m.n = f.rowid
       WHERE ${table} MATCH ? AND ${scope.where} ORDER BY f.rank LIMIT ?`,
    );
    return read(statement, match, ...scope.parameters, limit);
  });
}

type CandidateRow = [n: number, speaker: string | null, session: string | null, time: number, rank: number];

function read(statement: StatementSync, ...parameters: (string | number)[]): Candidate[] {
  statement.setReturnArrays(true);
  const rows = statement.all(...parameters) as unknown as CandidateRow[];
  return rows.map(([n, speaker, session, at, rank]) => ({ n, bm25: -rank, meaning: 0, speaker, session, time: at }));
}

function searchedWords(question: Question, skipped: ReadonlySet<string>, weights: WordWeights): readonly QueryWord[] {
  const kept = question.words.filter((word) => !skipped.has(word.word));
  const words = kept.length > 0 ? kept : question.words;
  const rare = words.filter((word) => !isFrequent(word, weights));
  return rare.length >= rareWordsMin ? rare : words;
}
