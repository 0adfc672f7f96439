import type { ModelCard } from "../../core/model-card.ts";
import { audioType, fromBytes, missing } from "../media-answer.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { SpeechRequest, SpeechResult } from "../shapes/speech.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { wavFile } from "../wav.ts";
import { generateRequest, readMade } from "./generate.ts";
import { geminiFamily } from "./rules.ts";

const defaultVoice = "Kore";
const sampleRateDefault = 24_000;
const containers = { wav: "AUDIO_WAV", pcm: "AUDIO_L16", mulaw: "AUDIO_MULAW", alaw: "AUDIO_ALAW" } as const;
type Container = keyof typeof containers;

/** Gemini models that speak. */
export const speech: TaskFor<SpeechRequest, SpeechResult> = () => adapter;

const adapter: UnaryAdapter<SpeechRequest, SpeechResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    return generateRequest(body(request, model), model, credentials, request.provider_options);
  },
  decode,
};

/** From 3.8 on a model packs the sound itself and takes the manner of speaking apart from the text. */
const isNewer = (model: ModelCard) => geminiFamily(model).version >= 3.8;
const formatOf = ({ params }: SpeechRequest) => (params.format ?? "wav") as Container;

function check({ prompt, params }: SpeechRequest, model: ModelCard): UnsupportedField[] {
  return [
    ...checkPrompt(prompt),
    ...checkParams(params, {
      voice: true,
      format: { oneOf: isNewer(model) ? Object.keys(containers) : ["wav", "pcm"] },
      sample_rate: { oneOf: [sampleRateDefault] },
      language: true,
      instructions: true,
    }),
  ];
}

function body(request: SpeechRequest, model: ModelCard) {
  const { prompt, params } = request;
  const newer = isNewer(model);
  const style = params.instructions;
  const part = newer
    ? { text: prompt, ...(style && { speechMetadata: { style } }) }
    : { text: style ? `${style}: ${prompt}` : prompt };
  return {
    contents: [{ role: "user", parts: [part] }],
    generationConfig: {
      responseModalities: ["AUDIO"],
      speechConfig: {
        voiceConfig: { prebuiltVoiceConfig: { voiceName: params.voice ?? defaultVoice } },
        ...(params.language !== undefined && { languageCode: params.language }),
      },
      ...(newer && { responseFormat: { audio: { mimeType: containers[formatOf(request)] } } }),
    },
  };
}

function decode(answer: WireAnswer, request: SpeechRequest): Outcome<SpeechResult> {
  const made = readMade(answer, "sound");
  if ("failure" in made) return made;
  const bytes = Buffer.concat(made.media.map(({ data }) => Buffer.from(data, "base64")));
  const mimeType = made.media[0]?.mimeType ?? "";
  const rate = Number(/rate=(\d{4,6})/.exec(mimeType)?.[1] ?? sampleRateDefault);
  const isHeaderless = /^audio\/(?:l16|pcm)/i.test(mimeType);
  const format = formatOf(request);
  const sound = isHeaderless && format === "wav" && bytes.length > 0 ? wavFile(bytes, rate) : bytes;
  const audio = fromBytes(sound, audioType(format, rate));
  return audio ? { result: { audio }, usage: made.usage, requestId: made.requestId } : missing("sound");
}
