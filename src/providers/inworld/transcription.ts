import { audioSeconds } from "../audio-length.ts";
import { checkBytes, checkFile, endingOf, inputFile, inputSource } from "../input-media.ts";
import { missing, requestIdOf } from "../media-answer.ts";
import { asCount, asList, asObject, asText, asWord, defined, lookup } from "../narrow.ts";
import { checkParams } from "../param-rules.ts";
import type { TranscriptionRequest, TranscriptionResult, TranscriptSpan } from "../shapes/transcription.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { inworldBody, inworldPost } from "./native.ts";

const encodings: Readonly<Record<string, string>> = {
  wav: "LINEAR16",
  flac: "FLAC",
  mp3: "MP3",
  mpeg: "MP3",
  ogg: "OGG_OPUS",
  opus: "OGG_OPUS",
};
/** The body, which is base64 in JSON, may have 16 MB. */
const bytesMax = 12_000_000;
const paid = { audioData: "params.audio", audio_data: "params.audio", "transcribeConfig.modelId": "model" };

/** `POST /stt/v1/transcribe` (docs.inworld.ai/stt/quickstart). */
export const transcription: TaskFor<TranscriptionRequest, TranscriptionResult> = () => adapter;

const adapter: UnaryAdapter<TranscriptionRequest, TranscriptionResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    const { params, provider_options } = request;
    refuseUnsupported(check(request), model);
    const source = inputSource("audio", params.audio);
    const body = {
      transcribeConfig: defined({
        // Models carry their maker's name here.
        modelId: `inworld/${model.nativeId}`,
        audioEncoding: lookup(encodings, endingOf(source.mediaType ?? "")) ?? "AUTO_DETECT",
        language: params.language,
        includeWordTimestamps: params.timestamps === "word" ? true : undefined,
        prompts: params.hints,
      }),
      audioData: { content: source.kind === "data" ? source.base64 : "" },
    };
    return inworldPost("/stt/v1/transcribe", body, credentials, provider_options, paid);
  },
  decode,
};

function check({ params }: TranscriptionRequest): UnsupportedField[] {
  return [
    ...checkBytes("params.audio", params.audio),
    ...checkFile("params.audio", "audio", params.audio, { endings: Object.keys(encodings), bytesMax }),
    ...checkParams(params, {
      audio: true,
      language: true,
      timestamps: { oneOf: ["none", "word"] },
      hints: true,
    }),
  ];
}

function decode(answer: WireAnswer, { params }: TranscriptionRequest): Outcome<TranscriptionResult> {
  const read = inworldBody(answer);
  if ("failure" in read) return read;
  const { body } = read;
  const transcribed = asObject(body.transcription);
  const text = asText(transcribed?.transcript);
  if (text === undefined) return missing("transcript");
  const words = asList(transcribed?.wordTimestamps).flatMap(wordOf);
  // Its usage may be null: then the file itself says how long it is.
  const milliseconds = asCount(asObject(body.usage)?.transcribedAudioMs);
  const seconds =
    milliseconds === undefined ? audioSeconds(inputFile("audio", params.audio).bytes) : milliseconds / 1_000;
  return {
    result: {
      text,
      ...defined({
        language: asWord(transcribed?.language),
        duration_s: seconds,
        words: params.timestamps === "word" && words.length > 0 ? words : undefined,
      }),
    },
    usage: defined({ seconds }),
    requestId: requestIdOf(answer),
  };
}

function wordOf(value: unknown): TranscriptSpan[] {
  const word = asObject(value);
  const [start, end, text] = [asCount(word?.startTimeMs), asCount(word?.endTimeMs), asText(word?.word)];
  if (start === undefined || end === undefined || text === undefined) return [];
  return [{ start_s: start / 1_000, end_s: end / 1_000, text }];
}
