import type { ModelCard } from "../../../core/model-card.ts";
import type { Usage } from "../../../core/usage.ts";
import { audioSeconds } from "../../audio-length.ts";
import { formFields } from "../../form-fields.ts";
import { checkBytes, checkFile, inputFile, inputSource } from "../../input-media.ts";
import { answerObject, missing, requestIdOf } from "../../media-answer.ts";
import { multipart } from "../../multipart.ts";
import { asCount, asList, asObject, asText, asWord, defined, type JsonObject } from "../../narrow.ts";
import { withMediaOptions } from "../../paid-options.ts";
import { checkParams } from "../../param-rules.ts";
import type { TranscriptionRequest, TranscriptionResult, TranscriptSpan } from "../../shapes/transcription.ts";
import type { Credentials, WireRequest } from "../../shapes/wire.ts";
import type { Outcome, UnaryAdapter } from "../../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../../unsupported.ts";
import { chatError, type ErrorKind, streamedFailure } from "../openai-chat/error.ts";
import { bearer } from "../openai-chat/request.ts";
import type { TranscriptionDialect } from "./dialect.ts";

/** Transcription over the OpenAI dialect: a form with the recording, an object with its text. */
export function openaiTranscription(
  dialect: TranscriptionDialect,
  errorKind?: ErrorKind,
): UnaryAdapter<TranscriptionRequest, TranscriptionResult> {
  const check = ({ params }: TranscriptionRequest, model: ModelCard): UnsupportedField[] => [
    ...(dialect.fetchesUrls ? [] : checkBytes("params.audio", params.audio)),
    ...checkFile("params.audio", "audio", params.audio, dialect),
    ...checkParams(params, { ...dialect.rules(model), audio: true }),
  ];
  return {
    kind: "unary",
    check,
    request: (request, model, credentials) => {
      refuseUnsupported(check(request, model), model);
      return transcriptionRequest(dialect, request, model, credentials);
    },
    decode: (answer, request) => {
      const body = answerObject(answer);
      if (asText(body?.text) === undefined) {
        const error = chatError(body);
        return error ? { failure: streamedFailure(error, errorKind) } : missing("text");
      }
      return transcript(body ?? {}, request, dialect.secondsMin, requestIdOf(answer));
    },
  };
}

const paid = { response_format: "params.timestamps", file: "params.audio", url: "params.audio" };

function transcriptionRequest(
  dialect: TranscriptionDialect,
  request: TranscriptionRequest,
  model: ModelCard,
  credentials: Credentials,
): WireRequest {
  const { audio } = request.params;
  const source = inputSource("audio", audio);
  const fields = { model: model.nativeId, ...dialect.fields(request, model) };
  const { contentType, body } = multipart([
    ...formFields(withMediaOptions(fields, request.provider_options, dialect.provider, paid)),
    source.kind === "url" ? { name: "url", value: source.url } : { name: "file", ...inputFile("audio", audio) },
  ]);
  return {
    method: "POST",
    url: `${credentials.baseUrl}/audio/transcriptions`,
    headers: { ...bearer(credentials.apiKey), "content-type": contentType, ...credentials.headers },
    body,
  };
}

function transcript(
  body: JsonObject,
  { params }: TranscriptionRequest,
  secondsMin: number,
  requestId: string | undefined,
): Outcome<TranscriptionResult> {
  const wanted = params.timestamps ?? "none";
  const segments = spans(body.segments, "text");
  const words = spans(body.words, "word");
  const source = inputSource("audio", params.audio);
  const duration =
    asCount(body.duration) ?? (source.kind === "data" ? audioSeconds(Buffer.from(source.base64, "base64")) : undefined);
  return {
    result: {
      text: asText(body.text) ?? "",
      ...defined({
        language: asWord(body.language),
        duration_s: duration,
        segments: segments.length > 0 && (wanted !== "none" || params.diarize) ? segments : undefined,
        words: words.length > 0 && wanted === "word" ? words : undefined,
      }),
    },
    usage: transcriptionUsage(asObject(body.usage) ?? {}, duration, secondsMin),
    requestId: asWord(asObject(body.x_groq)?.id) ?? requestId,
  };
}

function transcriptionUsage(usage: JsonObject, duration: number | undefined, secondsMin: number): Usage {
  const seconds = asCount(usage.seconds) ?? duration;
  return defined({
    inputTokens: asCount(usage.input_tokens),
    audioInputTokens: asCount(asObject(usage.input_token_details)?.audio_tokens),
    outputTokens: asCount(usage.output_tokens),
    seconds: seconds === undefined ? undefined : Math.max(seconds, secondsMin),
  });
}

/** Pieces of a transcript with their times; a piece without them is left out. */
export function spans(list: unknown, textField: string): TranscriptSpan[] {
  return asList(list).flatMap((item) => {
    const piece = asObject(item);
    const [start_s, end_s, text] = [asCount(piece?.start), asCount(piece?.end), asText(piece?.[textField])];
    if (start_s === undefined || end_s === undefined || text === undefined) return [];
    const speaker = asWord(piece?.speaker) ?? asCount(piece?.speaker)?.toString();
    return [{ start_s, end_s, text: text.trim(), ...(speaker !== undefined && { speaker }) }];
  });
}
