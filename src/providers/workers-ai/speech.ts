import type { ModelCard } from "../../core/model-card.ts";
import { audioSeconds } from "../audio-length.ts";
import { languageOf } from "../language.ts";
import { audioType, contentTypeOf, fromBase64, fromBytes, missing, requestIdOf } from "../media-answer.ts";
import { defined, type JsonObject, lookup } from "../narrow.ts";
import { checkParams, checkPrompt, type ParamRules } from "../param-rules.ts";
import type { MediaOutput } from "../shapes/media.ts";
import type { SpeechParams, SpeechRequest, SpeechResult } from "../shapes/speech.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { runFailure, runRequest, runResult } from "./run.ts";

/** Aura's encodings, and the container that makes a file of them. */
const encodings: Readonly<Record<string, { readonly encoding: string; readonly container?: string }>> = {
  mp3: { encoding: "mp3" },
  opus: { encoding: "opus" },
  ogg: { encoding: "opus", container: "ogg" },
  aac: { encoding: "aac" },
  flac: { encoding: "flac" },
  wav: { encoding: "linear16", container: "wav" },
  pcm: { encoding: "linear16", container: "none" },
  mulaw: { encoding: "mulaw", container: "none" },
  alaw: { encoding: "alaw", container: "none" },
};
/** Said where the bytes alone do not tell it. */
const sampleRates: Readonly<Record<string, number>> = { wav: 24_000, pcm: 24_000, mulaw: 8_000, alaw: 8_000 };
const rateOf = ({ format, sample_rate }: SpeechParams) => sample_rate ?? lookup(sampleRates, format);

const isMelo = ({ nativeId }: ModelCard) => nativeId.includes("melotts");
/** Deepgram's models speak one language each. */
const tongueOf = ({ nativeId }: ModelCard) => (nativeId.endsWith("-es") ? "es" : "en");

/** Deepgram's Aura answers with bytes, MeloTTS with base64 in the envelope. */
export const speech: TaskFor<SpeechRequest, SpeechResult> = () => adapter;

const adapter: UnaryAdapter<SpeechRequest, SpeechResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    const body = isMelo(model) ? meloBody(request) : auraBody(request);
    return runRequest(body, model, credentials, request.provider_options, { text: "prompt", prompt: "prompt" });
  },
  decode,
};

function check({ prompt, params }: SpeechRequest, model: ModelCard): UnsupportedField[] {
  const spoken = languageOf(params.language ?? "");
  const rules: ParamRules<SpeechParams> = isMelo(model)
    ? { format: { oneOf: ["mp3"] }, language: true }
    : {
        voice: true,
        format: { oneOf: Object.keys(encodings) },
        sample_rate: { from: 8_000, to: 48_000, whole: true },
        language: spoken === tongueOf(model) || { oneOf: [tongueOf(model)] },
      };
  return [...checkPrompt(prompt), ...checkParams(params, rules)];
}

function meloBody({ prompt, params }: SpeechRequest): JsonObject {
  return { prompt, lang: languageOf(params.language ?? "en") };
}

function auraBody({ prompt, params }: SpeechRequest): JsonObject {
  return defined({
    text: prompt,
    speaker: params.voice,
    ...lookup(encodings, params.format),
    sample_rate: rateOf(params),
  });
}

function decode(answer: WireAnswer, { prompt, params }: SpeechRequest, model: ModelCard): Outcome<SpeechResult> {
  const failed = runFailure(answer);
  if (failed) return { failure: failed };
  const audio = audioOf(answer, params);
  if (!audio) return missing("sound");
  const { source } = audio;
  // MeloTTS is billed by time and does not say it; the others by what is said.
  const seconds = isMelo(model) && source.kind === "bytes" ? audioSeconds(source.bytes) : undefined;
  return {
    result: { audio: { ...audio, ...(seconds !== undefined && { durationS: seconds }) } },
    usage: isMelo(model) ? defined({ seconds }) : { characters: [...prompt].length },
    requestId: requestIdOf(answer),
  };
}

function audioOf(answer: WireAnswer, params: SpeechParams): MediaOutput | undefined {
  const type = contentTypeOf(answer);
  if (type === "application/json") return fromBase64(runResult(answer)?.audio);
  if (type.startsWith("text/")) return undefined;
  return fromBytes(answer.body, audioType(params.format ?? "mp3", rateOf(params) ?? 0));
}
