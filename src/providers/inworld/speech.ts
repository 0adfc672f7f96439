import { audioType, fromBase64, missing, requestIdOf } from "../media-answer.ts";
import { asCount, asObject, defined, lookup } from "../narrow.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { SpeechParams, SpeechRequest, SpeechResult } from "../shapes/speech.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { inworldBody, inworldPost } from "./native.ts";

const charactersMax = 2_000;
const voiceDefault = "Dennis";
const sampleRateDefault = 48_000;
const telephoneRate = 8_000;
const encodings: Readonly<Record<string, string>> = {
  mp3: "MP3",
  wav: "WAV",
  opus: "OGG_OPUS",
  ogg: "OGG_OPUS",
  flac: "FLAC",
  pcm: "PCM",
  mulaw: "MULAW",
  alaw: "ALAW",
};
const paid = { text: "prompt", voiceId: "params.voice", voice_id: "params.voice", modelId: "model", model_id: "model" };

/** `POST /tts/v1/voice`. */
export const speech: TaskFor<SpeechRequest, SpeechResult> = () => adapter;

const adapter: UnaryAdapter<SpeechRequest, SpeechResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    const { prompt, params, provider_options } = request;
    refuseUnsupported(check(request), model);
    const body = defined({
      text: prompt,
      voiceId: params.voice ?? voiceDefault,
      modelId: model.nativeId,
      audioConfig: defined({
        audioEncoding: lookup(encodings, formatOf(params)),
        sampleRateHertz: sampleRateOf(params),
        speakingRate: params.speed,
      }),
      language: params.language,
    });
    return inworldPost("/tts/v1/voice", body, credentials, provider_options, paid);
  },
  decode,
};

function formatOf({ format }: SpeechParams): string {
  return format ?? "mp3";
}

const isTelephone = (params: SpeechParams) => formatOf(params) === "mulaw" || formatOf(params) === "alaw";

function sampleRateOf(params: SpeechParams): number {
  return params.sample_rate ?? (isTelephone(params) ? telephoneRate : sampleRateDefault);
}

function check({ prompt, params }: SpeechRequest): UnsupportedField[] {
  return [
    ...checkPrompt(prompt, charactersMax),
    ...checkParams(params, {
      voice: true,
      format: { oneOf: Object.keys(encodings) },
      sample_rate: isTelephone(params) ? { oneOf: [telephoneRate] } : { from: 8_000, to: 48_000, whole: true },
      speed: { from: 0.5, to: 1.5 },
      language: true,
    }),
  ];
}

function decode(answer: WireAnswer, { prompt, params }: SpeechRequest): Outcome<SpeechResult> {
  const read = inworldBody(answer);
  if ("failure" in read) return read;
  const { body } = read;
  const characters = asCount(asObject(body.usage)?.processedCharactersCount) ?? [...prompt].length;
  const audio = fromBase64(body.audioContent, audioType(formatOf(params), sampleRateOf(params)));
  return audio ? { result: { audio }, usage: { characters }, requestId: requestIdOf(answer) } : missing("sound");
}
