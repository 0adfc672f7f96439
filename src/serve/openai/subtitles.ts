import type { TranscriptionResult } from "../../providers/shapes/transcription.ts";

/** A transcript as SubRip or WebVTT; a transcript without times is one subtitle. */
export function subtitles(transcript: TranscriptionResult, format: "srt" | "vtt"): string {
  const whole = { start_s: 0, end_s: transcript.duration_s ?? 0, text: transcript.text };
  const segments = transcript.segments?.length ? transcript.segments : [whole];
  const cues = segments.map(({ start_s, end_s, text }, index) => {
    const number = format === "srt" ? `${index + 1}\n` : "";
    return `${number}${time(start_s, format)} --> ${time(end_s, format)}\n${text.trim()}\n`;
  });
  return (format === "vtt" ? "WEBVTT\n\n" : "") + cues.join("\n");
}

/** `HH:MM:SS` and milliseconds, after a comma in SubRip and a dot in WebVTT. */
function time(seconds: number, format: "srt" | "vtt"): string {
  const ms = Math.round(seconds * 1000);
  const part = (value: number, digits: number) => String(value).padStart(digits, "0");
  const clock = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60];
  return `${clock.map((value) => part(value, 2)).join(":")}${format === "srt" ? "," : "."}${part(ms % 1000, 3)}`;
}
