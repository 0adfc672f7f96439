import { memoryLimits } from "../../core/limits.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import type { MemoryRow } from "../row.ts";
import type { Question } from "./question.ts";
import type { Scope } from "./scope.ts";

/** A memory that may answer, with how well its own and its neighbours' words match. */
export interface Candidate {
  readonly row: MemoryRow;
  /** BM25, larger is better; 0 when it was not found by words. */
  readonly bm25: number;
}

/** Words in more than this share of a large profile's memories say little and cost most. */
const frequentShare = 0.2;
const largeProfileMemories = 2_000;
const rareWordsMin = 3;

/** Memories that share words with the question, best first. */
export function lexicalCandidates(profile: ProfileDatabase, question: Question, scope: Scope): Candidate[] {
  const match = matchExpression(profile, question);
  if (match === "") return [];
  const tables = scope.asOf === undefined ? ["live_index"] : ["live_index", "past_index"];
  const found = tables.flatMap((table) => search(profile, table, match, scope));
  if (tables.length > 1) found.sort((a, b) => b.bm25 - a.bm25);
  return found.slice(0, memoryLimits.recallCandidatesMax);
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
function matchExpression(profile: ProfileDatabase, question: Question): string {
  const words = withoutFrequent(profile, question);
  return words.flatMap((word) => word.terms.map((term) => `"${term}"`)).join(" OR ");
}

function withoutFrequent(profile: ProfileDatabase, question: Question): Question["words"] {
  if (question.words.length <= rareWordsMin) return question.words;
  const count = Number(profile.statement("SELECT max(n) AS n FROM memories").get()?.n ?? 0);
  if (count < largeProfileMemories) return question.words;
  const documents = profile.statement("SELECT doc FROM live_terms WHERE term = ?");
  const rare = question.words.filter((word) => {
    const holding = word.terms.reduce((sum, term) => sum + Number(documents.get(term)?.doc ?? 0), 0);
    return holding <= count * frequentShare;
  });
  return rare.length >= rareWordsMin ? rare : question.words;
}
