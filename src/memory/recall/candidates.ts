import { memoryLimits } from "../../core/limits.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import type { MemoryRow } from "../row.ts";
import type { Range } from "./calendar.ts";
import type { Question } from "./question.ts";
import type { Scope } from "./scope.ts";
import type { WordWeights } from "./word-weights.ts";

/** A memory that may answer, with how well its own and its neighbours' words match. */
export interface Candidate {
  readonly row: MemoryRow;
  /** BM25, larger is better; 0 when it was not found by words. */
  readonly bm25: number;
}

/** A search keeps at least this many words before it leaves frequent ones out. */
const rareWordsMin = 3;

/** Memories that share words with the question, best first. `skipped` are words not to search for. */
export function lexicalCandidates(
  profile: ProfileDatabase,
  question: Question,
  scope: Scope,
  skipped: ReadonlySet<string>,
  weights: WordWeights,
): Candidate[] {
  const match = matchExpression(question, skipped, weights);
  if (match === "") return [];
  const tables = scope.asOf === undefined ? ["live_index"] : ["live_index", "past_index"];
  const found = tables.flatMap((table) => search(profile, table, match, scope));
  if (tables.length > 1) found.sort((a, b) => b.bm25 - a.bm25);
  return found.slice(0, memoryLimits.recallCandidatesMax);
}

/** Memories of the spans of time that the question speaks of, whatever their words, newest first. */
export function timedCandidates(profile: ProfileDatabase, ranges: readonly Range[], scope: Scope): Candidate[] {
  return ranges.flatMap((range) => {
    const rows = profile
      .statement(
        `SELECT m.* FROM memories m
         WHERE coalesce(m.occurred_at, m.remembered_at) >= ? AND coalesce(m.occurred_at, m.remembered_at) < ?
           AND ${scope.where} ORDER BY coalesce(m.occurred_at, m.remembered_at) DESC LIMIT ?`,
      )
      .all(range.from, range.to, ...scope.parameters, memoryLimits.recallTimedCandidatesMax);
    return (rows as unknown as MemoryRow[]).map((row) => ({ row, bm25: 0 }));
  });
}

/** The memory whose key is the query itself. */
export function keyCandidates(profile: ProfileDatabase, topic: string, scope: Scope): Candidate[] {
  const rows = profile
    .statement(`SELECT m.* FROM memories m WHERE m.topic = ? AND ${scope.where} LIMIT 2`)
    .all(topic, ...scope.parameters);
  return (rows as unknown as MemoryRow[]).map((row) => ({ row, bm25: 0 }));
}

function search(profile: ProfileDatabase, table: string, match: string, scope: Scope): Candidate[] {
  const rows = profile
    .statement(
      `SELECT m.*, f.rank AS rank FROM ${table} f JOIN memories m ON m.n = f.rowid
       WHERE ${table} MATCH ? AND ${scope.where} ORDER BY f.rank LIMIT ?`,
    )
    .all(match, ...scope.parameters, memoryLimits.recallCandidatesMax) as unknown as (MemoryRow & { rank: number })[];
  return rows.map((row) => ({ row, bm25: -row.rank }));
}

/** Any of the question's words. Each term is letters, digits and marks only, so quoting it is enough. */
function matchExpression(question: Question, skipped: ReadonlySet<string>, { frequent }: WordWeights): string {
  const kept = question.words.filter((word) => !skipped.has(word.word));
  const words = kept.length > 0 ? kept : question.words;
  const rare = words.filter((word) => !frequent.has(question.words.indexOf(word)));
  const searched = rare.length >= rareWordsMin ? rare : words;
  return searched.flatMap((word) => word.terms.map((term) => `"${term}"`)).join(" OR ");
}
