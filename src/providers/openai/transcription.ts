import type { ModelCard } from "../../core/model-card.ts";
import { openaiTranscription } from "../dialects/openai-audio/transcription.ts";
import { languageOf } from "../language.ts";
import { defined, type JsonObject } from "../narrow.ts";
import type { ParamRules } from "../param-rules.ts";
import type { TranscriptionParams, TranscriptionRequest, TranscriptionResult } from "../shapes/transcription.ts";
import type { TaskFor } from "../task-adapter.ts";

type Family = "whisper" | "diarize" | "keywords" | "plain";

/** `POST /audio/transcriptions`. The live models speak over a socket alone. */
export const transcription: TaskFor<TranscriptionRequest, TranscriptionResult> = ({ nativeId }) =>
  /live|realtime/.test(nativeId) ? undefined : adapter;

const adapter = openaiTranscription({
  provider: "openai",
  rules: (model) => rules(familyOf(model)),
  fetchesUrls: false,
  endings: ["flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm"],
  bytesMax: 25_000_000,
  fields: ({ params }, model) => fields(params, familyOf(model)),
  secondsMin: 0,
});

function familyOf({ nativeId }: ModelCard): Family {
  if (nativeId.startsWith("whisper")) return "whisper";
  if (nativeId.includes("diarize")) return "diarize";
  return nativeId.startsWith("gpt-4o") ? "plain" : "keywords";
}

const timestamps: Readonly<Record<Family, readonly string[]>> = {
  whisper: ["none", "segment", "word"],
  diarize: ["none", "segment"],
  keywords: ["none"],
  plain: ["none"],
};

function rules(family: Family): ParamRules<TranscriptionParams> {
  return {
    language: true,
    diarize: family === "diarize" || { oneOf: [false] },
    timestamps: { oneOf: timestamps[family] },
    hints: family !== "diarize" || { refused: "it takes no hints when it tells speakers apart" },
  };
}

function fields(
  { language, timestamps: finest = "none", hints, diarize }: TranscriptionRequest["params"],
  family: Family,
): JsonObject {
  const spoken = defined({ language: language === undefined ? undefined : languageOf(language) });
  switch (family) {
    case "whisper":
      return {
        ...spoken,
        // Only here is the length given, which it is billed by.
        response_format: "verbose_json",
        ...(finest !== "none" && { timestamp_granularities: [finest] }),
        ...(hints && { prompt: hints.join(", ") }),
      };
    case "diarize":
      return {
        ...spoken,
        response_format: diarize === false && finest === "none" ? "json" : "diarized_json",
        chunking_strategy: "auto",
      };
    case "keywords":
      return { ...spoken, response_format: "json", ...(hints && { keywords: hints }) };
    case "plain":
      return { ...spoken, response_format: "json", ...(hints && { prompt: hints.join(", ") }) };
  }
}
