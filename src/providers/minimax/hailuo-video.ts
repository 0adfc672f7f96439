import type { ModelCard } from "../../core/model-card.ts";
import { failure } from "../failure.ts";
import { inputUrl } from "../input-media.ts";
import { answerObject, fromUrl, missing } from "../media-answer.ts";
import { missedPoll } from "../missed-poll.ts";
import { asCount, asObject, asWord, defined } from "../narrow.ts";
import { checkParams, type ParamRule } from "../param-rules.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Job, JobAdapter, JobState, Outcome } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { nativeBody, nativeGet, nativePost, traceOf } from "./native.ts";

const promptCharactersMax = 2_000;
const secondsDefault = 6;
const paid = { duration: "params.duration_s", resolution: "params.resolution" };

/** What a model makes: lengths by resolution, and whether it begins with an image. */
interface Clips {
  readonly lengths: Readonly<Record<string, readonly number[]>>;
  readonly resolutionDefault: string;
  readonly firstFrame: "may" | "must" | "never";
  readonly lastFrame: boolean;
}

const hailuo: Clips = {
  lengths: { "768p": [6, 10], "1080p": [6] },
  resolutionDefault: "768p",
  firstFrame: "may",
  lastFrame: false,
};
const older: Clips = { ...hailuo, lengths: { "720p": [6] }, resolutionDefault: "720p" };

function clipsOf({ nativeId }: ModelCard, fromImage: boolean): Clips {
  if (nativeId.startsWith("T2V")) return { ...older, firstFrame: "never" };
  if (nativeId.startsWith("I2V")) return { ...older, firstFrame: "must" };
  if (nativeId.endsWith("-Fast")) return { ...hailuo, firstFrame: "must" };
  if (!nativeId.startsWith("MiniMax-Hailuo-02")) return hailuo;
  // Its smallest size is for images alone.
  return { ...hailuo, lengths: { ...(fromImage && { "512p": [6, 10] }), ...hailuo.lengths }, lastFrame: true };
}

/** `POST /v1/video_generation`, asked for by its task, its result fetched by its file. */
export const hailuoVideo: JobAdapter<VideoRequest, VideoResult> = {
  kind: "job",
  pollEveryMs: 8_000,
  check,
  defaults: ({ params }, model) => ({
    duration_s: secondsDefault,
    resolution: clipsOf(model, params.first_frame !== undefined).resolutionDefault,
  }),
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    const { prompt, params, provider_options } = request;
    const clips = clipsOf(model, params.first_frame !== undefined);
    const body = defined({
      model: model.nativeId,
      prompt: prompt || undefined,
      duration: params.duration_s ?? secondsDefault,
      resolution: (params.resolution ?? clips.resolutionDefault).toUpperCase(),
      first_frame_image: params.first_frame && inputUrl("image", params.first_frame),
      last_frame_image: params.last_frame && inputUrl("image", params.last_frame),
    });
    return nativePost("/v1/video_generation", body, credentials, provider_options, paid);
  },
  submitted: (answer, { params }) => {
    const read = nativeBody(answer);
    if ("failure" in read) return { state: "failed", ...read };
    const id = asWord(read.body.task_id);
    if (id === undefined) return { state: "failed", ...missing("task_id") };
    return { state: "running", job: { id, data: { duration_s: params.duration_s ?? secondsDefault } } };
  },
  poll: ({ id }, _model, credentials) =>
    nativeGet(`/v1/query/video_generation?task_id=${encodeURIComponent(id)}`, credentials),
  polled,
  fetch: ({ data }, _model, credentials) =>
    nativeGet(`/v1/files/retrieve?file_id=${encodeURIComponent(asWord(data?.file_id) ?? "")}`, credentials),
  fetched,
};

function check({ prompt, params }: VideoRequest, model: ModelCard): UnsupportedField[] {
  const clips = clipsOf(model, params.first_frame !== undefined);
  const resolution = params.resolution ?? clips.resolutionDefault;
  const lengths = clips.lengths[resolution] ?? Object.values(clips.lengths).flat();
  const image: ParamRule = clips.firstFrame !== "never" || { refused: "it films from words alone" };
  const found = checkParams(params, {
    duration_s: { oneOf: [...new Set(lengths)] },
    resolution: { oneOf: Object.keys(clips.lengths) },
    first_frame: image,
    last_frame: clips.lastFrame || { refused: "it only begins with an image" },
  });
  if (clips.firstFrame === "must" && params.first_frame === undefined) {
    found.push({
      field: "params.first_frame",
      reason: "it begins with an image",
      allowed: "an image",
      droppable: false,
    });
  }
  if (prompt.trim() === "" && params.first_frame === undefined) {
    found.push({ field: "prompt", reason: "it is empty", allowed: "some text", droppable: false });
  }
  if (prompt.length > promptCharactersMax) {
    const reason = `its ${prompt.length} characters are too many`;
    found.push({ field: "prompt", reason, allowed: `at most ${promptCharactersMax} characters`, droppable: false });
  }
  return found;
}

function polled(answer: WireAnswer, job: Job): JobState<VideoResult> {
  const read = nativeBody(answer);
  if ("failure" in read) {
    const hasEnded = asWord(answerObject(answer)?.status)?.startsWith("Fail");
    return hasEnded ? { state: "failed", ...read } : missedPoll(read.failure, job);
  }
  const { body } = read;
  switch (asWord(body.status)) {
    case "Preparing":
    case "Queueing":
    case "Processing":
      return { state: "running", job };
    case "Success": {
      const file_id = asWord(body.file_id);
      if (file_id === undefined) return { state: "failed", ...missing("file_id") };
      const sides = defined({ width: asCount(body.video_width), height: asCount(body.video_height) });
      return { state: "ready", job: { ...job, data: { ...job.data, file_id, ...sides } } };
    }
    case "Fail":
    case "Failed":
      return { state: "failed", failure: failure("server_error", "the job failed") };
    case "Unknown":
      return { state: "failed", failure: failure("not_found", "the job is not known") };
    default:
      return { state: "failed", ...missing("status") };
  }
}

function fetched(answer: WireAnswer, { data }: Job): Outcome<VideoResult> {
  const read = nativeBody(answer);
  if ("failure" in read) return read;
  const found = fromUrl(asObject(read.body.file)?.download_url, "video/mp4");
  if (!found) return missing("download_url");
  const seconds = asCount(data?.duration_s);
  const facts = defined({ durationS: seconds, width: asCount(data?.width), height: asCount(data?.height) });
  return {
    result: { videos: [{ ...found, ...facts }] },
    usage: defined({ seconds }),
    requestId: traceOf(answer, read.body),
  };
}
