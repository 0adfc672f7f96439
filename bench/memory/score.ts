import type { Conversation } from "./conversation.ts";
import type { Method } from "./searcher.ts";

export const depths = [5, 10, 25] as const;
const deepest = 25;

/** Evidence recall of one category: the mean share of a question's evidence among the first k turns found. */
export interface Score {
  questions: number;
  /** Summed shares, one for each of `depths`. */
  readonly sums: number[];
}

export interface Scores {
  readonly byCategory: ReadonlyMap<string, Score>;
  readonly overall: Score;
  /** Confidence of the first hit, for questions that have an answer and for those that have none. */
  readonly confidence: { readonly answerable: number[]; readonly unanswerable: number[] };
}

/** Asks a method every question of these conversations. */
export async function evaluate(
  method: Method,
  conversations: readonly Conversation[],
  /** Asks only every nth question, for methods that are slow. */
  every = 1,
): Promise<Scores> {
  const byCategory = new Map<string, Score>();
  const overall: Score = { questions: 0, sums: depths.map(() => 0) };
  const confidence = { answerable: [] as number[], unanswerable: [] as number[] };
  for (const conversation of conversations) {
    const searcher = await method.open(conversation);
    try {
      for (const [index, question] of conversation.questions.entries()) {
        if (index % every !== 0) continue;
        const found = await searcher.search(question, deepest);
        const list = question.evidence.length === 0 ? confidence.unanswerable : confidence.answerable;
        if (found.confidence !== undefined) list.push(found.confidence);
        if (question.evidence.length === 0) continue;
        const score = byCategory.get(question.category) ?? { questions: 0, sums: depths.map(() => 0) };
        byCategory.set(question.category, score);
        for (const one of [score, overall]) add(one, found.turns, question.evidence);
      }
    } finally {
      await searcher.close();
    }
  }
  return { byCategory, overall, confidence };
}

function add(score: Score, turns: readonly string[], evidence: readonly string[]): void {
  score.questions += 1;
  const wanted = new Set(evidence);
  for (const [index, depth] of depths.entries()) {
    const hits = new Set(turns.slice(0, depth).filter((turn) => wanted.has(turn))).size;
    score.sums[index] = (score.sums[index] ?? 0) + hits / wanted.size;
  }
}

/** Percent at one of `depths`. */
export function percent(score: Score | undefined, depth: number): number {
  if (score === undefined || score.questions === 0) return Number.NaN;
  return (100 * (score.sums[depths.indexOf(depth as (typeof depths)[number])] ?? 0)) / score.questions;
}

/** How often a question with an answer is found with more confidence than one without: 1 always, 0.5 by chance. */
export function separation({ answerable, unanswerable }: Scores["confidence"]): number {
  if (answerable.length === 0 || unanswerable.length === 0) return Number.NaN;
  let wins = 0;
  for (const yes of answerable) for (const no of unanswerable) wins += yes > no ? 1 : yes === no ? 0.5 : 0;
  return wins / (answerable.length * unanswerable.length);
}
