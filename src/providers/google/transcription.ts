import type { ModelCard } from "../../core/model-card.ts";
import { failure } from "../failure.ts";
import { checkBytes, checkFile, inputSource } from "../input-media.ts";
import { answerObject, missing } from "../media-answer.ts";
import { asList, asObject, asText, asWord, type JsonObject } from "../narrow.ts";
import { checkParams } from "../param-rules.ts";
import type { TranscriptionRequest, TranscriptionResult, TranscriptSpan } from "../shapes/transcription.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { googleError } from "./error.ts";
import { interactionFailure, interactionRequest, interactionUsage, modelOutput, spokenText } from "./interactions.ts";

const endings = ["wav", "mp3", "mpeg", "aiff", "aac", "ogg", "flac", "m4a", "mp4", "webm", "opus"];

/** gemini-3.5-transcribe over Interactions; the live model speaks over a socket alone. */
export const transcription: TaskFor<TranscriptionRequest, TranscriptionResult> = ({ nativeId }) =>
  nativeId.endsWith("-live") ? undefined : adapter;

const adapter: UnaryAdapter<TranscriptionRequest, TranscriptionResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    return interactionRequest(body(request, model), credentials, request.provider_options);
  },
  decode,
};

function check({ params }: TranscriptionRequest): UnsupportedField[] {
  return [
    ...checkBytes("params.audio", params.audio),
    ...checkFile("params.audio", "audio", params.audio, { endings, bytesMax: 75_000_000 }),
    ...checkParams(params, {
      audio: true,
      language: true,
      diarize: true,
      timestamps: { oneOf: ["none", "word"] },
      hints: true,
    }),
  ];
}

function body({ params }: TranscriptionRequest, model: ModelCard): JsonObject {
  const source = inputSource("audio", params.audio);
  return {
    model: model.nativeId,
    input: [{ type: "audio", data: source.kind === "data" ? source.base64 : "", mime_type: source.mediaType }],
    generation_config: {
      transcription_config: {
        ...(params.language !== undefined && { language_codes: [params.language] }),
        ...(params.hints && { custom_vocabulary: params.hints }),
        mode: {
          type: "verbatim",
          ...(params.diarize && { diarization_mode: "speaker" }),
          // Speakers are told by the word.
          ...((params.timestamps === "word" || params.diarize) && { timestamp_granularities: ["word"] }),
        },
      },
    },
    store: false,
  };
}

function decode(answer: WireAnswer, { params }: TranscriptionRequest): Outcome<TranscriptionResult> {
  const interaction = answerObject(answer);
  const error = asObject(interaction?.error);
  if (error) return { failure: googleError(error) };
  if (!interaction) return missing("transcript");
  const usage = interactionUsage(interaction);
  const requestId = asWord(interaction.id);
  if (interaction.status === "incomplete") {
    return { failure: failure("too_large", "the recording is longer than one transcript can be"), usage };
  }
  if (interaction.status !== "completed") return { failure: interactionFailure(interaction), usage };
  const blocks = modelOutput(interaction);
  const words = blocks.flatMap(({ annotations }) => asList(annotations).flatMap(wordOf));
  const wantsWords = params.timestamps === "word" || params.diarize === true;
  const text = spokenText(blocks);
  return { result: { text, ...(wantsWords && words.length > 0 && { words }) }, usage, requestId };
}

function wordOf(value: unknown): TranscriptSpan[] {
  const info = asObject(value);
  const [start_s, end_s, text] = [seconds(info?.start_offset), seconds(info?.end_offset), asText(info?.text)];
  if (info?.type !== "word_info" || start_s === undefined || end_s === undefined || text === undefined) return [];
  const speaker = asWord(info.speaker);
  return [{ start_s, end_s, text, ...(speaker !== undefined && { speaker }) }];
}

/** `0.4s`; zero is left out, as Google's JSON does. */
function seconds(offset: unknown): number | undefined {
  if (offset === undefined) return 0;
  const [, amount] = /^(\d+(?:\.\d+)?)s$/.exec(asText(offset) ?? "") ?? [];
  return amount === undefined ? undefined : Number(amount);
}
