import type { ModelCard } from "../../core/model-card.ts";
import { audioSeconds } from "../audio-length.ts";
import { spans } from "../dialects/openai-audio/transcription.ts";
import { checkBytes, inputFile, inputSource } from "../input-media.ts";
import { languageOf } from "../language.ts";
import { missing, requestIdOf } from "../media-answer.ts";
import { asCount, asList, asObject, asText, asWord, defined, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import { checkParams, type ParamRules } from "../param-rules.ts";
import type { TranscriptionRequest, TranscriptionResult, TranscriptSpan } from "../shapes/transcription.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { runFailure, runRequest, runResult, runWith } from "./run.ts";

type Family = "turbo" | "nova" | "whisper";

function familyOf({ nativeId }: ModelCard): Family {
  if (nativeId.includes("nova")) return "nova";
  return nativeId.includes("turbo") ? "turbo" : "whisper";
}

/** Whisper as base64 in JSON (turbo) or as the recording itself, and Deepgram's Nova with its options in the URL. */
export const transcription: TaskFor<TranscriptionRequest, TranscriptionResult> = () => adapter;

const adapter: UnaryAdapter<TranscriptionRequest, TranscriptionResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    return transcriptionRequest(request, model, credentials);
  },
  decode,
};

const rules: Readonly<Record<Family, ParamRules<TranscriptionRequest["params"]>>> = {
  turbo: {
    audio: true,
    language: true,
    timestamps: true,
    hints: true,
    diarize: { oneOf: [false] },
  },
  whisper: { audio: true, timestamps: { oneOf: ["none", "word"] }, diarize: { oneOf: [false] } },
  nova: { audio: true, language: true, timestamps: { oneOf: ["none", "word"] }, hints: true, diarize: true },
};

function check({ params, provider_options }: TranscriptionRequest, model: ModelCard): UnsupportedField[] {
  const family = familyOf(model);
  const found = [...checkBytes("params.audio", params.audio), ...checkParams(params, rules[family])];
  if (family === "whisper" && provider_options && Object.keys(provider_options).length > 0) {
    const reason = "the recording is sent as it is, with no room for fields";
    found.push({ field: "provider_options.workers-ai", reason, droppable: false });
  }
  return found;
}

function transcriptionRequest(
  { params, provider_options }: TranscriptionRequest,
  model: ModelCard,
  credentials: Credentials,
): WireRequest {
  const { audio, language, hints, diarize } = params;
  const { bytes, mediaType } = inputFile("audio", audio);
  switch (familyOf(model)) {
    case "turbo": {
      const body = defined({
        audio: Buffer.from(bytes).toString("base64"),
        task: "transcribe",
        language: language === undefined ? undefined : languageOf(language),
        initial_prompt: hints?.join(", "),
      });
      return runRequest(body, model, credentials, provider_options, { audio: "params.audio" });
    }
    case "whisper":
      return runWith(bytes, mediaType, model, credentials);
    case "nova": {
      const wanted = defined({
        language,
        detect_language: language === undefined ? true : undefined,
        diarize: diarize || undefined,
        smart_format: true,
        keyterm: hints,
      });
      const options = Object.entries(withMediaOptions(wanted, provider_options, "workers-ai"));
      const pairs = options.flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).map((one) => [name, String(one)]),
      );
      return runWith(bytes, mediaType, model, credentials, new URLSearchParams(pairs).toString());
    }
  }
}

function decode(answer: WireAnswer, request: TranscriptionRequest, model: ModelCard): Outcome<TranscriptionResult> {
  const failed = runFailure(answer);
  if (failed) return { failure: failed };
  const result = runResult(answer) ?? {};
  const heard = familyOf(model) === "nova" ? novaTranscript(result) : whisperTranscript(result);
  if (heard === undefined) return missing("text");
  const { params } = request;
  const wanted = params.timestamps ?? (params.diarize ? "word" : "none");
  const seconds = heard.duration_s ?? measured(params.audio) ?? heard.words.at(-1)?.end_s;
  return {
    result: {
      text: heard.text,
      ...defined({
        language: heard.language,
        duration_s: seconds,
        segments: wanted !== "none" && heard.segments.length > 0 ? heard.segments : undefined,
        words: wanted === "word" && heard.words.length > 0 ? heard.words : undefined,
      }),
    },
    usage: defined({ seconds }),
    requestId: requestIdOf(answer),
  };
}

interface Heard {
  readonly text: string;
  readonly language: string | undefined;
  readonly duration_s: number | undefined;
  readonly segments: readonly TranscriptSpan[];
  readonly words: readonly TranscriptSpan[];
}

function whisperTranscript(result: JsonObject): Heard | undefined {
  const text = asText(result.text);
  if (text === undefined) return undefined;
  const facts = asObject(result.transcription_info);
  const inSegments = asList(result.segments).flatMap((segment) => asList(asObject(segment)?.words));
  return {
    text: text.trim(),
    language: asWord(facts?.language),
    duration_s: asCount(facts?.duration),
    segments: spans(result.segments, "text"),
    words: spans(asList(result.words).length > 0 ? result.words : inSegments, "word"),
  };
}

function novaTranscript(result: JsonObject): Heard | undefined {
  const channel = asObject(asList(asObject(result.results)?.channels)[0]);
  const best = asObject(asList(channel?.alternatives)[0]);
  const text = asText(best?.transcript);
  if (text === undefined) return undefined;
  return {
    text,
    language: asWord(channel?.detected_language),
    duration_s: asCount(asObject(result.metadata)?.duration),
    segments: [],
    words: spans(best?.words, "word"),
  };
}

function measured(audio: TranscriptionRequest["params"]["audio"]): number | undefined {
  const source = inputSource("audio", audio);
  return source.kind === "data" ? audioSeconds(Buffer.from(source.base64, "base64")) : undefined;
}
