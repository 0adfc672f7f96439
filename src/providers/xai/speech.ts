import type { ModelCard } from "../../core/model-card.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import {
  answerObject,
  audioType,
  contentTypeOf,
  fromBase64,
  fromBytes,
  missing,
  requestIdOf,
} from "../media-answer.ts";
import { defined } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { SpeechRequest, SpeechResult } from "../shapes/speech.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { errorIn } from "./error.ts";

const defaultVoice = "eve";
const sampleRateDefault = 24_000;

/** `POST /tts`: there is one model, so none is named. */
export const speech: TaskFor<SpeechRequest, SpeechResult> = () => adapter;

const adapter: UnaryAdapter<SpeechRequest, SpeechResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    return speechRequest(request, model, credentials);
  },
  decode,
};

function check({ prompt, params }: SpeechRequest): UnsupportedField[] {
  return [
    ...checkPrompt(prompt),
    ...checkParams(params, {
      voice: true,
      format: { oneOf: ["mp3", "wav", "pcm", "mulaw", "alaw"] },
      sample_rate: { from: 8_000, to: 48_000, whole: true },
      speed: { from: 0.7, to: 1.5 },
      language: true,
    }),
  ];
}

function speechRequest(
  { prompt, params, provider_options }: SpeechRequest,
  _model: ModelCard,
  credentials: Credentials,
): WireRequest {
  const body = defined({
    text: prompt,
    voice_id: params.voice ?? defaultVoice,
    language: params.language ?? "auto",
    output_format: { codec: params.format ?? "mp3", sample_rate: params.sample_rate ?? sampleRateDefault },
    speed: params.speed,
  });
  return {
    method: "POST",
    url: `${credentials.baseUrl}/tts`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(withMediaOptions(body, provider_options, "xai", { text: "prompt" })),
  };
}

/** The sound as it is; in JSON where `provider_options` asks for timestamps. */
function decode(answer: WireAnswer, { prompt, params }: SpeechRequest): Outcome<SpeechResult> {
  const mediaType = audioType(params.format ?? "mp3", params.sample_rate ?? sampleRateDefault);
  const body = contentTypeOf(answer) === "application/json" ? answerObject(answer) : undefined;
  const error = errorIn(body);
  if (error) return { failure: error };
  if (contentTypeOf(answer).startsWith("text/")) return missing("sound");
  const audio = body ? fromBase64(body.audio, mediaType) : fromBytes(answer.body, mediaType);
  if (!audio) return missing("sound");
  return { result: { audio }, usage: { characters: [...prompt].length }, requestId: requestIdOf(answer) };
}
