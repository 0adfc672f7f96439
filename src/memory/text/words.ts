import { fold, hasNonAscii } from "./fold.ts";

/** A run of letters, digits and marks, with apostrophes inside; or a longer identifier made of such runs. */
const asciiRun = /[a-z0-9]+(?:'[a-z0-9]+)*(?:[._\-/:@#+][a-z0-9]+(?:'[a-z0-9]+)*)*/g;
const anyRun = /[\p{L}\p{N}\p{M}]+(?:'[\p{L}\p{N}\p{M}]+)*(?:[._\-/:@#+][\p{L}\p{N}\p{M}]+(?:'[\p{L}\p{N}\p{M}]+)*)*/gu;
const identifierMarks = /[._\-/:@#+]/;
/** Scripts written without spaces between words, and Hangul, whose endings cling to the word. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;
const contraction = /^(.*?)'(s|t|re|ve|ll|d|m)$/;
const camelCase = /\b[a-z]+[a-z0-9]*(?:[A-Z][a-z0-9]+)+\b|\b[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+\b/g;

/** Splits text into folded words, in order. An identifier gives its parts and then its whole: `gpt-5.4` → gpt 5 4 gpt54. */
export function words(text: string): string[] {
  const found: string[] = [];
  const ascii = !hasNonAscii(text);
  const folded = fold(ascii ? text : text.replaceAll("’", "'"));
  for (const match of folded.matchAll(ascii ? asciiRun : anyRun)) addRun(match[0], found);
  // Case is gone after folding, so camelCase is split from the text as given; its whole is already among the words.
  for (const match of text.matchAll(camelCase)) {
    for (const part of match[0].split(/(?=[A-Z])/)) found.push(part.toLowerCase());
  }
  return found;
}

/** Whether a word holds characters of a script written without spaces. */
export function isUnspaced(word: string): boolean {
  return word.search(unspaced) >= 0;
}

function addRun(run: string, found: string[]): void {
  if (!identifierMarks.test(run)) {
    addWord(run, found);
    return;
  }
  const parts = run.split(identifierMarks);
  for (const part of parts) addWord(part, found);
  if (parts.length > 1) addWord(parts.join("").replaceAll("'", ""), found);
}

/** A longer word is an encoding of something; its beginning is enough to find it by. */
const wordCharactersMax = 64;

function addWord(given: string, found: string[]): void {
  const word = given.length > wordCharactersMax ? given.slice(0, wordCharactersMax).toWellFormed() : given;
  if (word.includes("'")) {
    addApostrophised(word, found);
    return;
  }
  if (!hasNonAscii(word)) {
    found.push(word);
    return;
  }
  let from = 0;
  for (const match of word.matchAll(unspaced)) {
    if (match.index > from) found.push(word.slice(from, match.index));
    addPairs(match[0], found);
    from = match.index + match[0].length;
  }
  if (from < word.length) found.push(word.slice(from));
}

/** `ana's` → ana; `didn't` → didnt, as the lists of function words have it; `l'amour` → l amour. */
function addApostrophised(word: string, found: string[]): void {
  const [, before = "", ending = ""] = contraction.exec(word) ?? [];
  if (ending === "s" && before !== "" && !before.includes("'")) {
    addWord(before, found);
    return;
  }
  if (ending !== "") found.push(word.replaceAll("'", ""));
  else for (const part of word.split("'")) addWord(part, found);
}

/** Characters and overlapping pairs: without a dictionary, pairs are the words of an unspaced script. */
function addPairs(run: string, found: string[]): void {
  const characters = Array.from(run);
  for (const [index, character] of characters.entries()) {
    found.push(character);
    const following = characters[index + 1];
    if (following !== undefined) found.push(character + following);
  }
}
