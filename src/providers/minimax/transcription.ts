import { spans } from "../dialects/openai-audio/transcription.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { formFields } from "../form-fields.ts";
import { checkBytes, checkFile, inputFile } from "../input-media.ts";
import { missing } from "../media-answer.ts";
import { multipart } from "../multipart.ts";
import { asCount, asText, asWord, defined } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import { checkParams } from "../param-rules.ts";
import type { TranscriptionRequest, TranscriptionResult } from "../shapes/transcription.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { nativeBody, traceOf } from "./native.ts";

const endings = ["wav", "aiff", "flac", "m4a", "mp4", "mp3", "mpeg", "aac", "opus", "ogg"];
const paid = { file: "params.audio", response_format: "params.timestamps", timestamp_level: "params.timestamps" };

/** `POST /v1/speech_to_text`. */
export const transcription: TaskFor<TranscriptionRequest, TranscriptionResult> = () => adapter;

const adapter: UnaryAdapter<TranscriptionRequest, TranscriptionResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    const { params, provider_options } = request;
    refuseUnsupported(check(request), model);
    const fields = defined({
      model: model.nativeId,
      language: params.language,
      response_format: "verbose_json",
      timestamp_level: params.timestamps === "word" ? "word" : "sentence",
    });
    const { contentType, body } = multipart([
      ...formFields(withMediaOptions(fields, provider_options, "minimax", paid)),
      { name: "file", ...inputFile("audio", params.audio) },
    ]);
    return {
      method: "POST",
      url: `${credentials.baseUrl}/v1/speech_to_text`,
      headers: { ...bearer(credentials.apiKey), "content-type": contentType, ...credentials.headers },
      body,
    };
  },
  decode,
};

function check({ params }: TranscriptionRequest): UnsupportedField[] {
  return [
    ...checkBytes("params.audio", params.audio),
    ...checkFile("params.audio", "audio", params.audio, { endings, bytesMax: 50_000_000 }),
    // Speakers are always told apart where there are several.
    ...checkParams(params, { audio: true, language: true, diarize: true, timestamps: true }),
  ];
}

function decode(answer: WireAnswer, { params }: TranscriptionRequest): Outcome<TranscriptionResult> {
  const read = nativeBody(answer);
  if ("failure" in read) return read;
  const { body } = read;
  const text = asText(body.text);
  if (text === undefined) return missing("text");
  const seconds = asCount(body.duration);
  const pieces = spans(body.segments, "text");
  const timestamps = params.timestamps ?? (params.diarize ? "segment" : "none");
  const times =
    pieces.length === 0 || timestamps === "none" ? {} : { [timestamps === "word" ? "words" : "segments"]: pieces };
  return {
    result: { text, ...defined({ language: asWord(body.language), duration_s: seconds }), ...times },
    usage: defined({ seconds }),
    requestId: traceOf(answer, body),
  };
}
