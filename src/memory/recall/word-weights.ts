import type { ProfileDatabase } from "../profile-database.ts";
import type { Question } from "./question.ts";

/** How much each of a question's words says in one profile. */
export interface WordWeights {
  /** By the word's place in the question; a word nobody used weighs most. */
  readonly weights: readonly number[];
  readonly total: number;
  /** Places of words that so many memories hold that searching for them costs much and finds little. */
  readonly frequent: ReadonlySet<number>;
}

/** Words in more than this share of a large profile's memories are frequent. With the turns around them it is more. */
const frequentShare = 0.08;
const largeProfileMemories = 2_000;

export function weighWords(profile: ProfileDatabase, question: Question): WordWeights {
  const count = Number(profile.statement("SELECT count(*) AS count FROM live_index_docsize").get()?.count ?? 0);
  const documents = profile.statement("SELECT memories FROM term_counts WHERE term = ?");
  const frequent = new Set<number>();
  const weights = question.words.map((word, place) => {
    const holding = word.terms.reduce((sum, term) => sum + Number(documents.get(term)?.memories ?? 0), 0);
    if (count >= largeProfileMemories && holding > count * frequentShare) frequent.add(place);
    return Math.log(1 + count / (holding + 1));
  });
  return { weights, total: weights.reduce((sum, weight) => sum + weight, 0), frequent };
}

/** Share of the question's weight that these words have, 0 to 1. */
export function coverageOf({ weights, total }: WordWeights, places: ReadonlySet<number>): number {
  let covered = 0;
  for (const place of places) covered += weights[place] ?? 0;
  return total === 0 ? 0 : covered / total;
}
