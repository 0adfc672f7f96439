import { englishStem } from "./english-stem.ts";
import { hasNonAscii } from "./fold.ts";
import { englishFunctionWords, otherFunctionWords } from "./function-words.data.ts";
import { irregularForms } from "./irregular-forms.data.ts";
import { synonymGroups } from "./synonyms.data.ts";
import { isUnspaced, words } from "./words.ts";

/** Words of a text as the index keeps them. */
export interface AnalyzedText {
  /** Every word, stemmed when the text reads as English. */
  readonly terms: readonly string[];
  /** The same without function words. */
  readonly contentTerms: readonly string[];
}

/** One word of a query and the index terms that stand for it. */
export interface QueryWord {
  readonly word: string;
  /** The stem first; the word itself too, for texts that were not stemmed. */
  readonly terms: readonly string[];
  /** Index terms of words that mean much the same. */
  readonly synonyms: readonly string[];
  readonly isFunctionWord: boolean;
}

export interface Analyzer {
  text(content: string): AnalyzedText;
  query(query: string): QueryWord[];
  /** The index term of one folded English word. */
  stem(word: string): string;
  isFunctionWord(word: string): boolean;
}

/** Turns text into index terms. Stems are cached up to `cachedWordsMax`, then the cache starts anew. */
export function createAnalyzer(cachedWordsMax: number): Analyzer {
  const bases = new Map<string, string>();
  for (const [base, forms] of Object.entries(irregularForms)) {
    for (const form of forms.split(" ")) bases.set(form, base);
  }
  const english = new Set(englishFunctionWords);
  const others = new Set(
    Object.values(otherFunctionWords)
      .flat()
      .filter((word) => !english.has(word)),
  );
  const stems = new Map<string, string>();

  const synonyms = new Map<string, Set<string>>();

  function stem(word: string): string {
    const known = stems.get(word);
    if (known !== undefined) return known;
    const made = hasNonAscii(word) || /\d/.test(word) ? word : englishStem(bases.get(word) ?? word);
    if (stems.size >= cachedWordsMax) stems.clear();
    stems.set(word, made);
    return made;
  }

  for (const group of synonymGroups) {
    const terms = group.split(" ").map(stem);
    for (const term of terms) synonyms.set(term, new Set([...(synonyms.get(term) ?? []), ...terms]));
  }

  /** English unless the text's function words say otherwise: a wrong stem costs more than a missing one. */
  function readsAsEnglish(list: readonly string[]): boolean {
    let balance = 0;
    for (const word of list) {
      if (english.has(word)) balance += 1;
      else if (others.has(word)) balance -= 1;
    }
    return balance >= 0;
  }

  return {
    stem,
    isFunctionWord: (word) => english.has(word),
    text(content) {
      const list = words(content);
      const stemmed = readsAsEnglish(list);
      const terms: string[] = [];
      const contentTerms: string[] = [];
      for (const word of list) {
        const term = stemmed ? stem(word) : word;
        terms.push(term);
        if (!english.has(word)) contentTerms.push(term);
      }
      return { terms, contentTerms };
    },
    query(query) {
      const list = words(query);
      const stemmed = readsAsEnglish(list);
      const seen = new Set<string>();
      const found: QueryWord[] = [];
      for (const word of list) {
        const term = stem(word);
        // A pair of CJK characters says more than its single characters, which are kept only where there is no pair.
        if (seen.has(term) || isCoveredByPair(word, list)) continue;
        seen.add(term);
        const forms = term === word ? [word] : stemmed ? [term, word] : [word, term];
        const others = stemmed ? [...(synonyms.get(term) ?? [])].filter((other) => !forms.includes(other)) : [];
        found.push({ word, terms: forms, synonyms: others, isFunctionWord: stemmed && english.has(word) });
      }
      return found;
    },
  };
}

function isCoveredByPair(word: string, list: readonly string[]): boolean {
  if (word.length > 2 || !isUnspaced(word) || Array.from(word).length !== 1) return false;
  return list.some((other) => other !== word && other.includes(word) && Array.from(other).length === 2);
}
