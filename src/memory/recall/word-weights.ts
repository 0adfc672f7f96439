import type { ProfileDatabase } from "../profile-database.ts";
import type { QueryWord } from "../text/analyzer.ts";
import { isUnspaced } from "../text/words.ts";
import type { Question } from "./question.ts";

/** How much each of a question's words says in one profile. */
export interface WordWeights {
  /** By the word's place in the question; a word nobody used weighs most. */
  readonly weights: readonly number[];
  readonly total: number;
  /** Terms of this profile that look like other forms of words it does not have, with the word's place. */
  readonly inflections: ReadonlyMap<string, number>;
  /** In how many living memories a term is; terms of the question that are in none are absent. */
  readonly memoriesOf: ReadonlyMap<string, number>;
  /** Above this number of memories a term costs much to search for and finds little; small profiles have no such. */
  readonly frequentFrom: number;
}

/** With the turns around them, words of so large a share are in several times as many rows of the index. */
const frequentShare = 0.08;
const largeProfileMemories = 2_000;

export function weighWords(profile: ProfileDatabase, question: Question): WordWeights {
  const terms = [...question.words.flatMap((word) => [...word.terms, ...word.synonyms]), ...question.related];
  const memoriesOf = new Map(
    profile
      .statement("SELECT term, memories FROM term_counts WHERE term IN (SELECT value FROM json_each(?))")
      .all(JSON.stringify(terms))
      .map((row) => [String(row.term), Number(row.memories)]),
  );
  const inflections = new Map<string, number>();
  for (const [place, word] of question.words.entries()) {
    if (holding(word, memoriesOf) > 0) continue;
    for (const [term, memories] of inflectionsOf(profile, word.word)) {
      inflections.set(term, place);
      memoriesOf.set(term, memories);
    }
  }
  const count = livingCount(profile);
  const weights = question.words.map((word) => Math.log(1 + count / (holding(word, memoriesOf) + 1)));
  return {
    weights,
    total: weights.reduce((sum, weight) => sum + weight, 0),
    inflections,
    memoriesOf,
    frequentFrom: count >= largeProfileMemories ? count * frequentShare : Number.POSITIVE_INFINITY,
  };
}

/** Endings differ most, in languages that are not stemmed and in what is mistyped: the beginning is compared. */
const sharedBeginning = 0.7;
const wordLettersMin = 5;
const lengthDifferenceMax = 3;
const inflectionsMax = 6;

function inflectionsOf(profile: ProfileDatabase, word: string): [term: string, memories: number][] {
  if (word.length < wordLettersMin || /\d/.test(word) || isUnspaced(word)) return [];
  const beginning = word.slice(0, Math.max(4, Math.ceil(word.length * sharedBeginning)));
  return profile
    .statement(
      `SELECT term, memories FROM term_counts
       WHERE term >= ?1 AND term < ?1 || char(0x10ffff) AND abs(length(term) - ?2) <= ? ORDER BY memories LIMIT ?`,
    )
    .all(beginning, word.length, lengthDifferenceMax, inflectionsMax)
    .map((row) => [String(row.term), Number(row.memories)]);
}

/** How much each of these terms says, by how few memories hold it; function words are not counted and not in it. */
export function rarityOf(profile: ProfileDatabase, terms: Iterable<string>): Map<string, number> {
  const count = livingCount(profile);
  return new Map(
    profile
      .statement("SELECT term, memories FROM term_counts WHERE term IN (SELECT value FROM json_each(?))")
      .all(JSON.stringify([...terms]))
      .map((row) => [String(row.term), Math.log(1 + count / Number(row.memories))]),
  );
}

function livingCount(profile: ProfileDatabase): number {
  return Number(profile.statement("SELECT count(*) AS count FROM live_index_docsize").get()?.count ?? 0);
}

/** Whether so many memories hold a word that it is left out of a search that has rarer ones. */
export function isFrequent(word: QueryWord, { memoriesOf, frequentFrom }: WordWeights): boolean {
  return holding(word, memoriesOf) > frequentFrom;
}

function holding(word: QueryWord, memoriesOf: ReadonlyMap<string, number>): number {
  return word.terms.reduce((sum, term) => sum + (memoriesOf.get(term) ?? 0), 0);
}

/** Share of the question's weight that these words have, 0 to 1. */
export function coverageOf({ weights, total }: WordWeights, places: ReadonlySet<number>): number {
  let covered = 0;
  for (const place of places) covered += weights[place] ?? 0;
  return total === 0 ? 0 : covered / total;
}
