import { memoryLimits } from "../../core/limits.ts";
import type { RecallArgs } from "../arguments.ts";
import { topicOf } from "../new-memory.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import type { RecalledMemory } from "../results.ts";
import { type MemoryRow, toItem } from "../row.ts";
import { speakersNamed } from "../speakers.ts";
import type { Analyzer } from "../text/analyzer.ts";
import type { VectorIndex } from "../vectors/vector-index.ts";
import { keyCandidates, lexicalCandidates, mergeCandidates, nearCandidates, timedCandidates } from "./candidates.ts";
import { collapse, type Distinct } from "./collapse.ts";
import type { MemoryText } from "./cues.ts";
import { neighbourItems } from "./neighbours.ts";
import type { Question } from "./question.ts";
import { rank } from "./rank.ts";
import type { Scope } from "./scope.ts";
import { rarityOf, weighWords } from "./word-weights.ts";

/** How one profile is searched. */
export interface Search {
  readonly question: Question;
  readonly scope: Scope;
  readonly analyzer: Analyzer;
  /** The query's vector and where to look for its like, when there is an embedding model. */
  readonly meaning: { readonly vector: Float32Array; readonly index: VectorIndex } | undefined;
  readonly limit: number;
  readonly neighbours: number;
}

/** What one profile answers, best first, at most `limit`. */
export function recallFrom(profile: ProfileDatabase, name: string, search: Search): RecalledMemory[] {
  const { question, scope, analyzer, meaning, limit } = search;
  const speakers = speakersNamed(profile, question.allWords);
  const names = new Set([...speakers.values()].flatMap((words) => [...words]));
  const weights = weighWords(profile, question);
  const near = meaning?.index.search(profile, meaning.vector, memoryLimits.vectorCandidatesMax) ?? [];
  const candidates = mergeCandidates(
    lexicalCandidates(profile, question, scope, names, weights, limit),
    keyCandidates(profile, topicOf(question.text), scope),
    timedCandidates(profile, question.ranges, scope),
    near.length > 0 ? nearCandidates(profile, near, scope) : [],
  );
  const textsOf = (numbers: readonly number[]) => readTexts(profile, numbers);
  const rarity = (terms: Iterable<string>) => rarityOf(profile, terms);
  const nearest = near[0]?.similarity;
  const ranked = rank(candidates, { question, speakers, weights, textsOf, rarityOf: rarity, nearest }, limit);
  const answers = collapse(ranked, question, analyzer, limit);
  return answers.map((entry) => present(profile, name, entry, search.neighbours));
}

function readTexts(profile: ProfileDatabase, numbers: readonly number[]): Map<number, MemoryText> {
  const rows = profile
    .statement(
      `SELECT m.n, m.content, m.key, m.topic, coalesce(l.body, p.body, '') AS terms FROM memories m
       LEFT JOIN live_index l ON l.rowid = m.n LEFT JOIN past_index p ON p.rowid = m.n AND m.ended IS NOT NULL
       WHERE m.n IN (SELECT value FROM json_each(?))`,
    )
    .all(JSON.stringify(numbers)) as unknown as (MemoryText & { n: number })[];
  return new Map(rows.map((row) => [row.n, row]));
}

function present(profile: ProfileDatabase, name: string, entry: Distinct, neighbours: number): RecalledMemory {
  const row = profile.statement("SELECT * FROM memories WHERE n = ?").get(entry.candidate.n) as unknown as MemoryRow;
  const idOf = profile.statement("SELECT id FROM memories WHERE n = ?");
  const around = neighbours > 0 ? neighbourItems(profile, row, neighbours) : [];
  return {
    ...toItem(row, name),
    score: Math.round(entry.score * 10_000) / 10_000,
    why: [...entry.why],
    ...(entry.duplicates.length > 0 && { duplicates: entry.duplicates.map((n) => String(idOf.get(n)?.id)) }),
    ...(around.length > 0 && { neighbours: around }),
  };
}

/** Keeps what fits a budget of tokens, in order; a memory that does not fit makes room for a shorter one. */
export function withinTokens(
  memories: readonly RecalledMemory[],
  maxTokens: RecallArgs["max_tokens"],
): RecalledMemory[] {
  if (maxTokens === undefined) return [...memories];
  let left = maxTokens;
  return memories.filter((memory) => {
    const tokens = [memory, ...(memory.neighbours ?? [])].reduce((sum, item) => sum + tokensOf(item.content), 0);
    if (tokens > left) return false;
    left -= tokens;
    return true;
  });
}

/** An estimate on the safe side: four ASCII characters a token, one of any other script. */
function tokensOf(text: string): number {
  let quarters = 0;
  for (let index = 0; index < text.length; index += 1) quarters += text.charCodeAt(index) < 128 ? 1 : 4;
  return Math.ceil(quarters / 4);
}
