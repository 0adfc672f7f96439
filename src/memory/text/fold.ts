const latinLetters: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ħ: "h",
  ı: "i",
  ς: "σ",
};

/** Marks that writers leave out: Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowels. Not Indic vowels. */
const optionalMarks = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u0640]/g;
const foldedLetters = /[ßæœøđðþłħıς]/g;
const nonAscii = /[^\0-\x7f]/;

/** Whether any character is outside ASCII. */
export function hasNonAscii(text: string): boolean {
  return nonAscii.test(text);
}

/** Lower case, compatibility forms made plain (full width, ligatures), accents off: how words are compared. */
export function fold(text: string): string {
  if (!nonAscii.test(text)) return text.toLowerCase();
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(optionalMarks, "")
    .normalize("NFC")
    .replace(foldedLetters, (letter) => latinLetters[letter] ?? letter);
}
