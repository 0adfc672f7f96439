import type { ModelCard } from "../../core/model-card.ts";
import { failure } from "../failure.ts";
import { answerObject, missing, requestIdOf } from "../media-answer.ts";
import { asCount, asText, asWord, defined, type JsonObject } from "../narrow.ts";
import { checkParams } from "../param-rules.ts";
import type { TranscriptionRequest, TranscriptionResult } from "../shapes/transcription.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Job, JobAdapter, JobState, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { transcriptFailure } from "./error.ts";
import { isOldModel, keyHeader, transcriptRequest, uploadsOf } from "./request.ts";
import { sentencesOf, spansOf } from "./spans.ts";

/** Recordings are transcribed by a job; the streaming models speak over a socket alone. */
export const transcription: TaskFor<TranscriptionRequest, TranscriptionResult> = ({ nativeId }) =>
  /^universal-streaming|^universal-3-6/.test(nativeId) ? undefined : adapter;

/** `POST /v2/transcript`, asked for with `GET /v2/transcript/{id}`. There is no way to stop one. */
const adapter: JobAdapter<TranscriptionRequest, TranscriptionResult> = {
  kind: "job",
  pollEveryMs: 3_000,
  check,
  uploads: uploadsOf,
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    return transcriptRequest(request, model.nativeId, credentials);
  },
  submitted: (answer, { params }) => {
    const id = asWord(answerObject(answer)?.id);
    if (id === undefined) return { state: "failed", ...missing("id") };
    const { timestamps = "none", diarize = false } = params;
    return { state: "running", job: { id, data: { timestamps, diarize } } };
  },
  poll: ({ id }, _model, credentials) => ({
    method: "GET",
    url: `${credentials.baseUrl}/v2/transcript/${encodeURIComponent(id)}`,
    headers: keyHeader(credentials),
  }),
  polled,
};

function check({ prompt, params }: TranscriptionRequest, { nativeId }: ModelCard): UnsupportedField[] {
  const found = checkParams(params, {
    audio: true,
    language: isOldModel(nativeId) ? { oneOf: ["en", "en-US", "en-GB", "en-AU"] } : true,
    diarize: true,
    timestamps: true,
    hints: true,
  });
  if (prompt !== "" && !nativeId.startsWith("universal-3")) {
    found.push({ field: "prompt", reason: "it takes none", allowed: "params.hints", droppable: false });
  }
  if (prompt !== "" && params.hints !== undefined) {
    found.push({ field: "params.hints", reason: "there is a prompt as well", allowed: "one of both", droppable: true });
  }
  return found;
}

function polled(answer: WireAnswer, job: Job): JobState<TranscriptionResult> {
  const body = answerObject(answer);
  switch (asWord(body?.status)) {
    case "queued":
    case "processing":
      return { state: "running", job };
    case "completed":
      return completed(body ?? {}, job, requestIdOf(answer));
    case "error":
      return { state: "failed", failure: transcriptFailure(asWord(body?.error) ?? "the transcript failed") };
    default:
      return { state: "failed", failure: failure("malformed", "the answer has no status") };
  }
}

function completed(body: JsonObject, { data }: Job, requestId: string | undefined): JobState<TranscriptionResult> {
  const text = asText(body.text);
  if (text === undefined) return { state: "failed", ...missing("text") };
  const seconds = asCount(body.audio_duration);
  const words = spansOf(body.words);
  const wantsSegments = data?.timestamps === "segment" || (data?.diarize === true && data.timestamps !== "word");
  // Utterances there are only where speakers are told apart.
  const utterances = spansOf(body.utterances);
  const segments = utterances.length > 0 ? utterances : sentencesOf(words);
  return {
    state: "succeeded",
    result: {
      text,
      ...defined({
        language: languageTag(asWord(body.language_code)),
        duration_s: seconds,
        segments: wantsSegments && segments.length > 0 ? segments : undefined,
        words: data?.timestamps === "word" && words.length > 0 ? words : undefined,
      }),
    },
    usage: defined({ seconds }),
    requestId,
  };
}

/** `en_us` is `en-US`. */
function languageTag(code: string | undefined): string | undefined {
  const [language, region] = code?.split("_") ?? [];
  if (language === undefined || region === undefined) return language;
  return `${language}-${region === "uk" ? "GB" : region.toUpperCase()}`;
}
