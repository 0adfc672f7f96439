import { languageOf } from "../language.ts";
import { audioType, fromHex, missing } from "../media-answer.ts";
import { asCount, asObject, defined, lookup } from "../narrow.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { SpeechRequest, SpeechResult } from "../shapes/speech.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { nativeBody, nativePost, traceOf } from "./native.ts";

const charactersMax = 9_999;
const defaultVoice = "English_expressive_narrator";
const sampleRateDefault = 32_000;
const sampleRates = [8_000, 16_000, 22_050, 24_000, 32_000, 44_100];
const formats: Readonly<Record<string, string>> = {
  mp3: "mp3",
  wav: "wav",
  flac: "flac",
  pcm: "pcm",
  opus: "opus",
  mulaw: "pcmu_raw",
};

/** What `language_boost` calls the languages. */
const languages: Readonly<Record<string, string>> = {
  ar: "Arabic",
  cs: "Czech",
  de: "German",
  el: "Greek",
  en: "English",
  es: "Spanish",
  fi: "Finnish",
  fr: "French",
  hi: "Hindi",
  id: "Indonesian",
  it: "Italian",
  ja: "Japanese",
  ko: "Korean",
  nl: "Dutch",
  pl: "Polish",
  pt: "Portuguese",
  ro: "Romanian",
  ru: "Russian",
  th: "Thai",
  tr: "Turkish",
  uk: "Ukrainian",
  vi: "Vietnamese",
  yue: "Chinese,Yue",
  zh: "Chinese",
};

/** `POST /v1/t2a_v2`. */
export const speech: TaskFor<SpeechRequest, SpeechResult> = () => adapter;

const adapter: UnaryAdapter<SpeechRequest, SpeechResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    const { prompt, params, provider_options } = request;
    refuseUnsupported(check(request), model);
    const body = {
      model: model.nativeId,
      text: prompt,
      voice_setting: defined({ voice_id: params.voice ?? defaultVoice, speed: params.speed }),
      audio_setting: {
        format: formats[params.format ?? "mp3"],
        sample_rate: params.sample_rate ?? sampleRateDefault,
      },
      ...(params.language !== undefined && { language_boost: lookup(languages, languageOf(params.language)) }),
      output_format: "hex",
    };
    return nativePost("/v1/t2a_v2", body, credentials, provider_options, { text: "prompt", output_format: "" });
  },
  decode,
};

function check({ prompt, params }: SpeechRequest): UnsupportedField[] {
  const spoken = languageOf(params.language ?? "en");
  return [
    ...checkPrompt(prompt, charactersMax),
    ...checkParams(params, {
      voice: true,
      format: { oneOf: Object.keys(formats) },
      sample_rate: { oneOf: sampleRates },
      speed: { from: 0.5, to: 2 },
      language: Object.hasOwn(languages, spoken) || { oneOf: Object.keys(languages) },
    }),
  ];
}

function decode(answer: WireAnswer, { params }: SpeechRequest): Outcome<SpeechResult> {
  const read = nativeBody(answer);
  if ("failure" in read) return read;
  const { body } = read;
  const facts = asObject(body.extra_info);
  const rate = asCount(facts?.audio_sample_rate) ?? params.sample_rate ?? sampleRateDefault;
  const audio = fromHex(asObject(body.data)?.audio, audioType(params.format ?? "mp3", rate));
  if (!audio) return missing("sound");
  const milliseconds = asCount(facts?.audio_length);
  return {
    result: { audio: { ...audio, ...(milliseconds !== undefined && { durationS: milliseconds / 1_000 }) } },
    // Some scripts count double: only MiniMax knows.
    usage: defined({ characters: asCount(facts?.usage_characters) }),
    requestId: traceOf(answer, body),
  };
}
