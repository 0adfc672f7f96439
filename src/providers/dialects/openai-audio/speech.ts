import type { ModelCard } from "../../../core/model-card.ts";
import type { Usage } from "../../../core/usage.ts";
import { audioType, contentTypeOf, fromBytes, missing, requestIdOf } from "../../media-answer.ts";
import { asCount, asObject, asText, defined, parseObject } from "../../narrow.ts";
import { withMediaOptions } from "../../paid-options.ts";
import { checkParams, checkPrompt } from "../../param-rules.ts";
import type { SpeechRequest, SpeechResult } from "../../shapes/speech.ts";
import type { Credentials, WireAnswer, WireRequest } from "../../shapes/wire.ts";
import type { Outcome, UnaryAdapter } from "../../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../../unsupported.ts";
import { chatError, type ErrorKind, streamedFailure } from "../openai-chat/error.ts";
import { bearer } from "../openai-chat/request.ts";
import type { SpeechDialect } from "./dialect.ts";

/** Speech over the OpenAI dialect: the sound as it is, or in events when they tell what it is billed by. */
export function openaiSpeech(dialect: SpeechDialect, errorKind?: ErrorKind): UnaryAdapter<SpeechRequest, SpeechResult> {
  const check = ({ prompt, params }: SpeechRequest, model: ModelCard): UnsupportedField[] => [
    ...checkPrompt(prompt, dialect.charactersMax(model)),
    ...checkParams(params, dialect.rules(model, params)),
  ];
  return {
    kind: "unary",
    check,
    request: (request, model, credentials) => {
      refuseUnsupported(check(request, model), model);
      return speechRequest(dialect, request, model, credentials);
    },
    decode: (answer, request) => decodeSpeech(dialect, answer, request, errorKind),
  };
}

const paid = { stream_format: "", response_format: "params.format" };

function speechRequest(
  dialect: SpeechDialect,
  { prompt, params, provider_options }: SpeechRequest,
  model: ModelCard,
  credentials: Credentials,
): WireRequest {
  const body = defined({
    model: model.nativeId,
    input: prompt,
    response_format: params.format ?? dialect.defaultFormat,
    ...dialect.fields(params, model),
    stream_format: dialect.asEvents(model) ? "sse" : undefined,
  });
  return {
    method: "POST",
    url: `${credentials.baseUrl}/audio/speech`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(withMediaOptions(body, provider_options, dialect.provider, paid)),
  };
}

function decodeSpeech(
  dialect: SpeechDialect,
  answer: WireAnswer,
  { prompt, params }: SpeechRequest,
  errorKind: ErrorKind | undefined,
): Outcome<SpeechResult> {
  const type = contentTypeOf(answer);
  const characters = { characters: [...prompt].length };
  const format = params.format ?? dialect.defaultFormat;
  const mediaType = audioType(format, params.sample_rate ?? dialect.defaultSampleRate);
  if (type === "text/event-stream") return decodeEvents(answer, mediaType, characters, errorKind);
  if (type === "application/json" || type === "text/html") {
    const error = chatError(parseObject(Buffer.from(answer.body).toString("utf8")));
    return error ? { failure: streamedFailure(error, errorKind) } : missing("sound");
  }
  const audio = fromBytes(answer.body, mediaType);
  return audio ? { result: { audio }, usage: characters, requestId: requestIdOf(answer) } : missing("sound");
}

function decodeEvents(
  answer: WireAnswer,
  mediaType: string,
  characters: Usage,
  errorKind: ErrorKind | undefined,
): Outcome<SpeechResult> {
  const pieces: Uint8Array[] = [];
  let usage: Usage | undefined;
  for (const line of Buffer.from(answer.body).toString("utf8").split(/\r?\n/)) {
    const event = line.startsWith("data:") ? parseObject(line.slice(5)) : undefined;
    if (!event) continue;
    const error = event.type === "error" || event.error !== undefined ? chatError(event) : undefined;
    if (error) return { failure: streamedFailure(error, errorKind), usage };
    if (event.type === "speech.audio.delta") pieces.push(Buffer.from(asText(event.audio) ?? "", "base64"));
    if (event.type === "speech.audio.done") {
      const counted = asObject(event.usage);
      const outputTokens = asCount(counted?.output_tokens);
      usage = {
        ...characters,
        ...defined({ inputTokens: asCount(counted?.input_tokens), outputTokens, audioOutputTokens: outputTokens }),
      };
    }
  }
  const audio = fromBytes(Buffer.concat(pieces), mediaType);
  // Without its last event the sound may be cut anywhere.
  if (!audio || !usage) return missing(audio ? "end" : "sound");
  return { result: { audio }, usage, requestId: requestIdOf(answer) };
}
