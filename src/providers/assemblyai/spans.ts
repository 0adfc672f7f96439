import { asCount, asList, asObject, asText, asWord } from "../narrow.ts";
import type { TranscriptSpan } from "../shapes/transcription.ts";

const msPerSecond = 1_000;

/** Words and utterances, whose times are in milliseconds. */
export function spansOf(list: unknown): TranscriptSpan[] {
  return asList(list).flatMap((value): TranscriptSpan[] => {
    const item = asObject(value);
    const [start, end, text] = [asCount(item?.start), asCount(item?.end), asText(item?.text)];
    if (start === undefined || end === undefined || text === undefined) return [];
    const speaker = asWord(item?.speaker);
    const span = { start_s: start / msPerSecond, end_s: end / msPerSecond, text };
    return [speaker === undefined ? span : { ...span, speaker }];
  });
}

/** Words put together up to each mark that ends a sentence. */
export function sentencesOf(words: readonly TranscriptSpan[]): TranscriptSpan[] {
  const sentences: TranscriptSpan[] = [];
  let open: TranscriptSpan | undefined;
  for (const word of words) {
    open = open ? { ...open, end_s: word.end_s, text: `${open.text} ${word.text}` } : word;
    if (!/[.!?。！？]["'”’)\]]*$/.test(word.text)) continue;
    sentences.push(open);
    open = undefined;
  }
  return open ? [...sentences, open] : sentences;
}
