import { checkFile, inputUrl } from "../input-media.ts";
import { languageOf } from "../language.ts";
import { missing } from "../media-answer.ts";
import { asCount, asList, asObject, asText, asWord, defined } from "../narrow.ts";
import { checkParams } from "../param-rules.ts";
import type { TranscriptionRequest, TranscriptionResult } from "../shapes/transcription.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { multimodalPath, nativeAnswer, nativePost } from "./native.ts";

const endings = ["aac", "amr", "avi", "aiff", "flac", "mkv", "mp3", "m4a", "mp4", "mpeg", "ogg", "opus", "wav", "webm"];
const paid = { input: "params.audio" };

/**
 * `POST …/multimodal-generation/generation`: up to five minutes, at once. The models for long files answer with a
 * link to what they heard, and the live ones speak over a socket.
 */
export const transcription: TaskFor<TranscriptionRequest, TranscriptionResult> = ({ nativeId }) =>
  /filetrans|realtime/.test(nativeId) ? undefined : adapter;

const adapter: UnaryAdapter<TranscriptionRequest, TranscriptionResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    const { params, provider_options } = request;
    const body = {
      model: model.nativeId,
      input: {
        messages: [
          // Words that may occur are context, given as a system message.
          ...(params.hints?.length ? [{ role: "system", content: [{ text: params.hints.join(", ") }] }] : []),
          { role: "user", content: [{ audio: inputUrl("audio", params.audio) }] },
        ],
      },
      ...(params.language !== undefined && { parameters: { asr_options: { language: languageOf(params.language) } } }),
    };
    return nativePost({ path: multimodalPath, body, options: provider_options, paid }, credentials);
  },
  decode,
};

function check({ params }: TranscriptionRequest): UnsupportedField[] {
  return [
    // As base64, which is what is counted, ten megabytes are 7.5 of sound.
    ...checkFile("params.audio", "audio", params.audio, { endings, bytesMax: 7_500_000 }),
    ...checkParams(params, {
      audio: true,
      language: true,
      diarize: { oneOf: [false] },
      timestamps: { oneOf: ["none"] },
      hints: true,
    }),
  ];
}

function decode(answer: WireAnswer): Outcome<TranscriptionResult> {
  const read = nativeAnswer(answer);
  if ("failure" in read) return read;
  const message = asObject(asObject(asList(read.output.choices)[0])?.message);
  if (!Array.isArray(message?.content)) return missing("text");
  // Silence is an empty list.
  const text = message.content.map((part) => asText(asObject(part)?.text) ?? "").join("");
  const language = asWord(asObject(asList(message.annotations)[0])?.language);
  const seconds = asCount(read.usage.seconds);
  return {
    result: { text, ...defined({ language, duration_s: seconds }) },
    usage: defined({ seconds }),
    requestId: read.requestId,
  };
}
