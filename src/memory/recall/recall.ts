import type { RecallArgs } from "../arguments.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import type { RecalledMemory } from "../results.ts";
import { toItem } from "../row.ts";
import type { Analyzer } from "../text/analyzer.ts";
import { lexicalCandidates } from "./candidates.ts";
import { neighbourItems } from "./neighbours.ts";
import type { Question } from "./question.ts";
import { type Ranked, rank } from "./rank.ts";
import type { Scope } from "./scope.ts";

/** What one profile answers, best first, at most `limit`. */
export function recallFrom(
  profile: ProfileDatabase,
  name: string,
  question: Question,
  scope: Scope,
  analyzer: Analyzer,
  shape: { readonly limit: number; readonly neighbours: number },
): RecalledMemory[] {
  const ranked = rank(lexicalCandidates(profile, question, scope), question, analyzer);
  return ranked.slice(0, shape.limit).map((entry) => present(profile, name, entry, shape.neighbours));
}

function present(profile: ProfileDatabase, name: string, entry: Ranked, neighbours: number): RecalledMemory {
  const around = neighbours > 0 ? neighbourItems(profile, entry.row, neighbours) : [];
  return {
    ...toItem(entry.row, name),
    score: Math.round(entry.score * 10_000) / 10_000,
    why: [...entry.why],
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
