import type { Transcript } from "./audio.ts";

/** Words of one caption. */
const captionWords = 8;

interface Caption {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A transcript in captions of a few words. */
export function captions(transcript: Transcript): Caption[] {
  const out: Caption[] = [];
  for (let at = 0; at < transcript.words.length; at += captionWords) {
    const words = transcript.words.slice(at, at + captionWords);
    const text = words.map((word) => word.text).join(" ");
    out.push({ start: words[0]?.start ?? 0, end: words.at(-1)?.end ?? 0, text });
  }
  return out;
}

export function toSrt(transcript: Transcript): string {
  return captions(transcript)
    .map(({ start, end, text }, index) => `${index + 1}\n${clock(start, ",")} --> ${clock(end, ",")}\n${text}\n`)
    .join("\n");
}

export function toVtt(transcript: Transcript): string {
  const cues = captions(transcript).map(
    ({ start, end, text }) => `${clock(start, ".")} --> ${clock(end, ".")}\n${text}\n`,
  );
  return `WEBVTT\n\n${cues.join("\n")}`;
}

function clock(seconds: number, point: string): string {
  const ms = Math.round(seconds * 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const whole = Math.floor(ms / 1_000);
  return `${two(Math.floor(whole / 3_600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}${point}${String(ms % 1_000).padStart(3, "0")}`;
}
