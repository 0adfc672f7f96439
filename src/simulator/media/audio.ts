import { simulatorLimits } from "../../core/limits.ts";
import { makeAac, makeMp3, makeOpus, readMp3 } from "./compressed-audio.ts";
import { makeFlac } from "./flac.ts";
import { makePcm, readWav, toAlaw, toMulaw, wrapWav } from "./wav.ts";

export type AudioFormat = "mp3" | "wav" | "pcm" | "opus" | "aac" | "flac" | "mulaw" | "alaw" | "mulaw_wav";

export const audioContentType: Readonly<Record<AudioFormat, string>> = {
  mp3: "audio/mpeg",
  wav: "audio/wav",
  pcm: "audio/pcm",
  opus: "audio/ogg",
  aac: "audio/aac",
  flac: "audio/flac",
  mulaw: "audio/basic",
  alaw: "audio/x-alaw-basic",
  mulaw_wav: "audio/wav",
};

const charactersPerSecond = 15;

/** How long the simulated voice takes to say a text: a fifteenth of a second for a character, in half seconds. */
export function secondsToSay(text: string, speed = 1): number {
  const seconds = text.length / charactersPerSecond / speed;
  return Math.min(simulatorLimits.madeSecondsMax, Math.max(0.5, Math.ceil(seconds * 2) / 2));
}

/** A real audio file of the length that `text` takes to say. A WAV or MP3 carries the text, for transcribers to find. */
export function makeSpeech(text: string, format: AudioFormat, sampleRate = 24_000, speed = 1): Buffer {
  return makeAudio(secondsToSay(text, speed), text, format, sampleRate);
}

/** A real audio file of a length. */
export function makeAudio(seconds: number, text: string, format: AudioFormat, sampleRate = 24_000): Buffer {
  const pcm = () => makePcm(seconds, sampleRate);
  switch (format) {
    case "mp3":
      return makeMp3(seconds, text);
    case "wav":
      return wrapWav(pcm(), sampleRate, text);
    case "pcm":
      return pcm();
    case "opus":
      return makeOpus(seconds);
    case "aac":
      return makeAac(seconds);
    case "flac":
      return makeFlac(seconds, sampleRate);
    case "mulaw":
      return toMulaw(pcm());
    case "alaw":
      return toAlaw(pcm());
    case "mulaw_wav":
      return wrapWav(toMulaw(pcm()), sampleRate, text, "mulaw");
  }
}

/** Bytes of compressed audio that are taken for a second. */
const guessedBytesPerSecond = 16_000;
const magics: readonly (readonly [at: number, text: string])[] = [
  [0, "OggS"],
  [0, "fLaC"],
  [4, "ftyp"],
  [0, "\x1aE\xdf\xa3"],
  [0, "\xff\xf1"],
  [0, "FORM"],
];

export interface HeardAudio {
  readonly seconds: number;
  /** What is said, when a simulator made the audio. */
  readonly spoken: string | null;
}

/** How long an audio file is and what is said in it, or null when the bytes are of no known kind. */
export function hearAudio(bytes: Buffer): HeardAudio | null {
  const known = readWav(bytes) ?? readMp3(bytes);
  if (known) return { seconds: known.seconds, spoken: known.spoken };
  const head = bytes.toString("latin1", 0, 12);
  if (!magics.some(([at, text]) => head.startsWith(text, at))) return null;
  return { seconds: Math.max(0.1, bytes.length / guessedBytesPerSecond), spoken: null };
}

export interface HeardWord {
  readonly text: string;
  /** Seconds from the beginning. */
  readonly start: number;
  readonly end: number;
}

export interface Transcript {
  readonly text: string;
  readonly seconds: number;
  /** One after another, the same time for each. */
  readonly words: readonly HeardWord[];
}

/** What a simulated transcriber hears: the text in audio that a simulator made, else a word about its length. */
export function transcribe({ seconds, spoken }: HeardAudio, label: string): Transcript {
  const rounded = Math.round(seconds * 1_000) / 1_000;
  const text = spoken ?? `Simulated transcript by ${label} of ${rounded} seconds.`;
  const words = text.split(/\s+/).filter((word) => word !== "");
  const each = seconds / Math.max(1, words.length);
  const at = (index: number) => Math.round(index * each * 1_000) / 1_000;
  return {
    text,
    seconds: rounded,
    words: words.map((word, index) => ({ text: word, start: at(index), end: at(index + 1) })),
  };
}
