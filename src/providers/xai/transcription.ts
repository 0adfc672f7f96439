import { spans } from "../dialects/openai-audio/transcription.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { formFields } from "../form-fields.ts";
import { checkBytes, inputFile } from "../input-media.ts";
import { answerObject, missing, requestIdOf } from "../media-answer.ts";
import { type FormPart, multipart } from "../multipart.ts";
import { asCount, asText, asWord, defined } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import { checkParams } from "../param-rules.ts";
import type { TranscriptionRequest, TranscriptionResult } from "../shapes/transcription.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { errorIn } from "./error.ts";

/** `POST /stt`: there is one model, so none is named. */
export const transcription: TaskFor<TranscriptionRequest, TranscriptionResult> = () => adapter;

const adapter: UnaryAdapter<TranscriptionRequest, TranscriptionResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    return transcriptionRequest(request, credentials);
  },
  decode,
};

function check({ params }: TranscriptionRequest): UnsupportedField[] {
  return [
    ...checkBytes("params.audio", params.audio),
    ...checkParams(params, {
      audio: true,
      language: true,
      diarize: true,
      timestamps: { oneOf: ["none", "word"] },
      hints: true,
    }),
  ];
}

function transcriptionRequest(
  { params, provider_options }: TranscriptionRequest,
  credentials: Credentials,
): WireRequest {
  const fields = defined({
    language: params.language,
    // Numbers and punctuation as one writes them; it has to know the language for that.
    format: params.language === undefined ? undefined : true,
    diarize: params.diarize,
  });
  const { contentType, body } = multipart([
    ...formFields(withMediaOptions(fields, provider_options, "xai", { file: "params.audio", url: "params.audio" })),
    ...(params.hints ?? []).map((value): FormPart => ({ name: "keyterm", value })),
    // What comes after the file is not read.
    { name: "file", ...inputFile("audio", params.audio) },
  ]);
  return {
    method: "POST",
    url: `${credentials.baseUrl}/stt`,
    headers: { ...bearer(credentials.apiKey), "content-type": contentType, ...credentials.headers },
    body,
  };
}

function decode(answer: WireAnswer, { params }: TranscriptionRequest): Outcome<TranscriptionResult> {
  const body = answerObject(answer);
  const error = errorIn(body);
  if (error) return { failure: error };
  const text = asText(body?.text);
  if (text === undefined) return missing("text");
  const seconds = asCount(body?.duration);
  const words = spans(body?.words, "text");
  const wantsWords = params.timestamps === "word" || params.diarize === true;
  return {
    result: {
      text,
      ...defined({
        language: asWord(body?.language),
        duration_s: seconds,
        words: wantsWords && words.length > 0 ? words : undefined,
      }),
    },
    usage: defined({ seconds }),
    requestId: requestIdOf(answer),
  };
}
