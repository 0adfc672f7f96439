import { languageOf } from "../language.ts";
import { fromBase64, fromUrl, missing } from "../media-answer.ts";
import { asCount, asObject, defined, lookup } from "../narrow.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { SpeechRequest, SpeechResult } from "../shapes/speech.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { multimodalPath, nativeAnswer, nativePost } from "./native.ts";

const charactersMax = 600;
const defaultVoice = "Cherry";
const sampleRate = 24_000;
const paid = { "input.text": "prompt" };

/** What `language_type` calls the languages. */
const languages: Readonly<Record<string, string>> = {
  de: "German",
  en: "English",
  es: "Spanish",
  fr: "French",
  it: "Italian",
  ja: "Japanese",
  ko: "Korean",
  pt: "Portuguese",
  ru: "Russian",
  zh: "Chinese",
};

/** `POST …/multimodal-generation/generation`: Qwen TTS. CosyVoice and the live models have other routes. */
export const speech: TaskFor<SpeechRequest, SpeechResult> = ({ nativeId }) =>
  nativeId.includes("-tts") && !nativeId.includes("realtime") ? adapter : undefined;

const adapter: UnaryAdapter<SpeechRequest, SpeechResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    const { prompt, params, provider_options } = request;
    const input = defined({
      text: prompt,
      voice: params.voice ?? defaultVoice,
      language_type: params.language === undefined ? undefined : lookup(languages, languageOf(params.language)),
      instructions: params.instructions,
    });
    const body = { model: model.nativeId, input };
    return nativePost({ path: multimodalPath, body, options: provider_options, paid }, credentials);
  },
  decode,
};

function check({ prompt, params }: SpeechRequest, { nativeId }: { readonly nativeId: string }): UnsupportedField[] {
  return [
    ...checkPrompt(prompt, charactersMax),
    ...checkParams(params, {
      voice: true,
      format: { oneOf: ["wav"] },
      sample_rate: { oneOf: [sampleRate] },
      language: Object.hasOwn(languages, languageOf(params.language ?? "en")) || { oneOf: Object.keys(languages) },
      instructions: nativeId.includes("instruct") || { refused: "it speaks as it does" },
    }),
  ];
}

function decode(answer: WireAnswer): Outcome<SpeechResult> {
  const read = nativeAnswer(answer);
  if ("failure" in read) return read;
  const made = asObject(read.output.audio);
  const audio = fromUrl(made?.url, "audio/wav") ?? fromBase64(made?.data, "audio/wav");
  const usage = defined({
    characters: asCount(read.usage.characters),
    // The first Qwen TTS counted tokens.
    inputTokens: asCount(read.usage.input_tokens),
    outputTokens: asCount(read.usage.output_tokens),
  });
  return audio ? { result: { audio }, usage, requestId: read.requestId } : missing("sound");
}
