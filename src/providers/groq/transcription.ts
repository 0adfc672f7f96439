import { openaiTranscription } from "../dialects/openai-audio/transcription.ts";
import { languageOf } from "../language.ts";
import type { TranscriptionRequest, TranscriptionResult } from "../shapes/transcription.ts";
import type { TaskFor } from "../task-adapter.ts";
import { errorKind } from "./error.ts";

/** `POST /audio/transcriptions`: Whisper, from a file or a URL. */
export const transcription: TaskFor<TranscriptionRequest, TranscriptionResult> = () => adapter;

const adapter = openaiTranscription(
  {
    provider: "groq",
    rules: () => ({
      language: true,
      diarize: { oneOf: [false] },
      timestamps: { oneOf: ["none", "segment", "word"] },
      hints: true,
    }),
    fetchesUrls: true,
    endings: ["flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "opus", "wav", "webm"],
    bytesMax: 100_000_000,
    fields: ({ params: { language, timestamps = "none", hints } }) => ({
      ...(language !== undefined && { language: languageOf(language) }),
      // The plain form says nothing of the length, which it is billed by.
      response_format: "verbose_json",
      ...(timestamps !== "none" && { timestamp_granularities: [timestamps] }),
      ...(hints && { prompt: hints.join(", ") }),
    }),
    secondsMin: 10,
  },
  errorKind,
);
