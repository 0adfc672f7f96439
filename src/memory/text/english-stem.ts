/**
 * The Porter stemmer (M. F. Porter, "An algorithm for suffix stripping", 1980), over lower-case ASCII words.
 * Words of two letters and fewer are left alone.
 */
export function englishStem(word: string): string {
  if (word.length <= 2) return word;
  return finalE(fourth(third(second(first(word)))));
}

function first(word: string): string {
  let stem = word;
  if (stem.endsWith("s")) {
    if (stem.endsWith("sses") || stem.endsWith("ies")) stem = stem.slice(0, -2);
    else if (!stem.endsWith("ss")) stem = stem.slice(0, -1);
  }
  if (stem.endsWith("eed")) {
    if (measure(stem.slice(0, -3)) > 0) stem = stem.slice(0, -1);
  } else {
    const cut = stem.endsWith("ed") ? 2 : stem.endsWith("ing") ? 3 : 0;
    if (cut > 0 && hasVowel(stem.slice(0, -cut))) stem = afterCut(stem.slice(0, -cut));
  }
  if (stem.endsWith("y") && hasVowel(stem.slice(0, -1))) stem = `${stem.slice(0, -1)}i`;
  return stem;
}

/** Mends a stem that lost `-ed` or `-ing`: `conflat` → `conflate`, `hopp` → `hop`, `fil` → `file`. */
function afterCut(stem: string): string {
  if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) return `${stem}e`;
  if (endsInDouble(stem) && !/[lsz]$/.test(stem)) return stem.slice(0, -1);
  return measure(stem) === 1 && endsInShortSyllable(stem) ? `${stem}e` : stem;
}

type Endings = readonly (readonly [ending: string, replacement: string])[];

const secondEndings: Endings = [
  ["ational", "ate"],
  ["ization", "ize"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["tional", "tion"],
  ["biliti", "ble"],
  ["entli", "ent"],
  ["ousli", "ous"],
  ["ation", "ate"],
  ["alism", "al"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["alli", "al"],
  ["ator", "ate"],
  ["logi", "log"],
  ["bli", "ble"],
  ["eli", "e"],
];

const thirdEndings: Endings = [
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ness", ""],
  ["ful", ""],
];

const fourthEndings = [
  "ement",
  "ance",
  "ence",
  "able",
  "ible",
  "ment",
  "ant",
  "ent",
  "ism",
  "ate",
  "iti",
  "ous",
  "ive",
  "ize",
  "ion",
  "al",
  "er",
  "ic",
  "ou",
] as const;

const second = (word: string) => replaceEnding(word, secondEndings);
const third = (word: string) => replaceEnding(word, thirdEndings);

function replaceEnding(word: string, endings: Endings): string {
  for (const [ending, replacement] of endings) {
    if (!word.endsWith(ending)) continue;
    const stem = word.slice(0, -ending.length);
    return measure(stem) > 0 ? stem + replacement : word;
  }
  return word;
}

function fourth(word: string): string {
  for (const ending of fourthEndings) {
    if (!word.endsWith(ending)) continue;
    const stem = word.slice(0, -ending.length);
    if (measure(stem) <= 1 || (ending === "ion" && !/[st]$/.test(stem))) return word;
    return stem;
  }
  return word;
}

function finalE(word: string): string {
  let stem = word;
  if (stem.endsWith("e")) {
    const cut = stem.slice(0, -1);
    const m = measure(cut);
    if (m > 1 || (m === 1 && !endsInShortSyllable(cut))) stem = cut;
  }
  return stem.endsWith("ll") && measure(stem) > 1 ? stem.slice(0, -1) : stem;
}

function isConsonant(word: string, index: number): boolean {
  const letter = word.charCodeAt(index);
  // a e i o u
  if (letter === 97 || letter === 101 || letter === 105 || letter === 111 || letter === 117) return false;
  if (letter === 121) return index === 0 || !isConsonant(word, index - 1);
  return true;
}

/** How many times a run of vowels is followed by a run of consonants. */
function measure(stem: string): number {
  let count = 0;
  let afterVowel = false;
  for (let index = 0; index < stem.length; index += 1) {
    const consonant = isConsonant(stem, index);
    if (consonant && afterVowel) count += 1;
    afterVowel = !consonant;
  }
  return count;
}

function hasVowel(stem: string): boolean {
  for (let index = 0; index < stem.length; index += 1) if (!isConsonant(stem, index)) return true;
  return false;
}

function endsInDouble(stem: string): boolean {
  const last = stem.length - 1;
  return last > 0 && stem[last] === stem[last - 1] && isConsonant(stem, last);
}

/** Consonant, vowel, consonant other than w, x, y: as in `fil` and `hop`. */
function endsInShortSyllable(stem: string): boolean {
  const last = stem.length - 1;
  if (last < 2 || !isConsonant(stem, last) || isConsonant(stem, last - 1) || !isConsonant(stem, last - 2)) return false;
  return !/[wxy]$/.test(stem);
}
