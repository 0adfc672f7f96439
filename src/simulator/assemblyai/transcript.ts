import { type HeardAudio, type Transcript, transcribe } from "../media/audio.ts";
import { captions } from "../media/subtitles.ts";
import type { TranscriptRequest } from "./request.ts";

const ms = (seconds: number) => Math.round(seconds * 1_000);

/** What was heard in the range that was asked for. */
export function hearRange(heard: HeardAudio, asked: TranscriptRequest): Transcript {
  const model = asked.speech_models?.[0] ?? asked.speech_model ?? "universal-3-5-pro";
  const whole = transcribe(heard, `assemblyai/${model}`);
  const from = (asked.audio_start_from ?? 0) / 1_000;
  const to = Math.min(whole.seconds, (asked.audio_end_at ?? Number.POSITIVE_INFINITY) / 1_000);
  const words = whole.words.filter(({ start, end }) => start >= from && end <= to + 0.001);
  return { text: words.map(({ text }) => text).join(" "), seconds: Math.max(0, to - from), words };
}

/** The transcript object, as it stands at a status. Times are in milliseconds, the duration in seconds. */
export function transcriptBody(id: string, status: string, asked: TranscriptRequest, made: Transcript | null): object {
  const hasSpeakers = asked.speaker_labels === true;
  const speaker = (index: number) => (hasSpeakers ? (index % 2 === 0 ? "A" : "B") : null);
  const groups = made ? captions(made) : [];
  const speakerAt = (start: number) =>
    speaker(
      Math.max(
        0,
        groups.findLastIndex((group) => group.start <= start),
      ),
    );
  const words = made?.words.map(({ text, start, end }) => ({
    text,
    start: ms(start),
    end: ms(end),
    confidence: 0.98,
    speaker: speakerAt(start),
    channel: null,
  }));
  const utterances = groups.map(({ start, end, text }, index) => ({
    speaker: speaker(index),
    start: ms(start),
    end: ms(end),
    text,
    confidence: 0.98,
    words: words?.filter((word) => word.start >= ms(start) && word.end <= ms(end)),
  }));
  return {
    id,
    status,
    audio_url: asked.audio_url,
    language_code: asked.language_code ?? "en_us",
    language_detection: asked.language_detection ?? null,
    language_confidence: asked.language_detection ? 0.99 : null,
    speech_model: asked.speech_model ?? null,
    speech_models: asked.speech_models ?? null,
    speech_model_used: made ? (asked.speech_models?.[0] ?? asked.speech_model ?? "universal-3-5-pro") : null,
    text: made?.text ?? null,
    words: words ?? null,
    utterances: made && hasSpeakers ? utterances : null,
    confidence: made ? 0.98 : null,
    audio_duration: made ? Math.round(made.seconds) : null,
    punctuate: asked.punctuate ?? true,
    format_text: asked.format_text ?? true,
    speaker_labels: asked.speaker_labels ?? false,
    webhook_url: asked.webhook_url ?? null,
    webhook_auth: false,
    throttled: false,
    error: null,
  };
}
