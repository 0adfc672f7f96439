import type { ModelCard } from "../../core/model-card.ts";
import type { Usage } from "../../core/usage.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { failure } from "../failure.ts";
import { inputUrl } from "../input-media.ts";
import { fromUrl, missing, requestIdOf } from "../media-answer.ts";
import { missedPoll } from "../missed-poll.ts";
import { asCount, asObject, asWord, defined, type JsonObject, lookup } from "../narrow.ts";
import { checkParams, type ParamRule } from "../param-rules.ts";
import type { MediaInput } from "../shapes/media.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Job, JobAdapter, JobState, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { arkBody, arkFailure, arkPost } from "./native.ts";
import { tokensPerSecond, type VideoFamily, videoFamily } from "./video-family.ts";

const path = "/contents/generations/tasks";
const secondsDefault = 5;
const seedMax = 4_294_967_295;
const ratios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"];
const paid = {
  content: "prompt and params",
  duration: "params.duration_s",
  frames: "params.duration_s",
  resolution: "params.resolution",
  generate_audio: "params.with_audio",
};

/** `POST /contents/generations/tasks`. */
export const video: TaskFor<VideoRequest, VideoResult> = () => adapter;

const adapter: JobAdapter<VideoRequest, VideoResult> = {
  kind: "job",
  pollEveryMs: 8_000,
  check,
  defaults: (_request, model) => ({ duration_s: secondsDefault, resolution: resolutionDefault(model) }),
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    const { params, provider_options } = request;
    const body = defined({
      model: model.nativeId,
      content: contentOf(request),
      resolution: params.resolution ?? resolutionDefault(model),
      ratio: ratioOf(params),
      duration: params.duration_s ?? secondsDefault,
      generate_audio: videoFamily(model.nativeId).audio ? (params.with_audio ?? true) : undefined,
      seed: params.seed,
      watermark: false,
    });
    return arkPost(path, body, credentials, provider_options, paid);
  },
  submitted: (answer, { params }) => {
    const read = arkBody(answer);
    if ("failure" in read) return { state: "failed", ...read };
    const id = asWord(read.body.id);
    if (id === undefined) {
      const said = arkFailure(read.body.error);
      return { state: "failed", ...(said ? { failure: said } : missing("id")) };
    }
    return { state: "running", job: { id, data: { status: "queued", reads_video: params.video !== undefined } } };
  },
  poll: (job, _model, credentials) => taskRequest("GET", job, credentials),
  polled,
  // Once it runs it cannot be stopped, and once it is done the same word deletes what it made.
  cancel: (job, _model, credentials) =>
    job.data?.status === "queued" ? taskRequest("DELETE", job, credentials) : undefined,
};

function taskRequest(method: "GET" | "DELETE", { id }: Job, credentials: Credentials): WireRequest {
  return {
    method,
    url: `${credentials.baseUrl}${path}/${encodeURIComponent(id)}`,
    headers: { ...bearer(credentials.apiKey), ...credentials.headers },
  };
}

const resolutionDefault = ({ nativeId }: ModelCard) => videoFamily(nativeId).resolutions[0] ?? "720p";
const guided = ["first_frame", "reference_images", "video"] as const;

function check({ prompt, params }: VideoRequest, { nativeId }: ModelCard): UnsupportedField[] {
  const family = videoFamily(nativeId);
  const isGuided = guided.some((name) => params[name] !== undefined);
  const [from, to] = family.seconds;
  const found = checkParams(params, {
    duration_s: { from, to, whole: true },
    resolution: { oneOf: family.resolutions },
    aspect_ratio: { oneOf: [...(isGuided ? ["auto"] : []), ...ratios] },
    first_frame: true,
    last_frame: params.first_frame !== undefined || { refused: "there is no first frame", allowed: "both frames" },
    reference_images: referenceRule(params, family, { atMost: family.referencesMax }),
    video: referenceRule(params, family, true),
    with_audio: family.audio || { oneOf: [false] },
    seed: { from: 0, to: seedMax, whole: true },
  });
  if (prompt.trim() === "" && !isGuided) {
    found.push({ field: "prompt", reason: "it is empty", allowed: "some text", droppable: false });
  }
  return found;
}

function referenceRule(params: VideoRequest["params"], family: VideoFamily, rule: ParamRule): ParamRule {
  if (family.referencesMax === 0) return { refused: "it takes no references" };
  const hasFrames = params.first_frame !== undefined || params.last_frame !== undefined;
  return hasFrames ? { refused: "there are frames as well", allowed: "frames or references" } : rule;
}

/** Words alone need a shape; what is guided by images has theirs. */
function ratioOf(params: VideoRequest["params"]): string {
  const { aspect_ratio: ratio } = params;
  if (ratio !== undefined && ratio !== "auto") return ratio;
  return guided.some((name) => params[name] !== undefined) ? "adaptive" : "16:9";
}

function contentOf({ prompt, params }: VideoRequest): JsonObject[] {
  const still = (role: string, input: MediaInput | undefined): JsonObject[] =>
    input ? [{ type: "image_url", image_url: { url: inputUrl("image", input) }, role }] : [];
  return [
    ...(prompt.trim() === "" ? [] : [{ type: "text", text: prompt }]),
    ...still("first_frame", params.first_frame),
    ...still("last_frame", params.last_frame),
    ...(params.reference_images ?? []).flatMap((input) => still("reference_image", input)),
    ...(params.video
      ? [{ type: "video_url", video_url: { url: inputUrl("video", params.video) }, role: "reference_video" }]
      : []),
  ];
}

function polled(answer: WireAnswer, job: Job): JobState<VideoResult> {
  const read = arkBody(answer);
  if ("failure" in read) return missedPoll(read.failure, job);
  const { body } = read;
  const status = asWord(body.status);
  const error = arkFailure(body.error);
  switch (status) {
    case "queued":
    case "running":
      return { state: "running", job: { ...job, data: { ...job.data, status } } };
    case "succeeded": {
      const usage = usageOf(body, job);
      const found = fromUrl(asObject(body.content)?.video_url, "video/mp4");
      if (!found) return { state: "failed", ...missing("video_url"), usage };
      const durationS = asCount(body.duration);
      const videos = [{ ...found, ...(durationS !== undefined && { durationS }) }];
      return { state: "succeeded", result: { videos }, usage, requestId: requestIdOf(answer) };
    }
    case "cancelled":
      return { state: "cancelled" };
    case "expired":
      return { state: "failed", failure: failure("not_found", "the job expired", { code: status }) };
    case "failed":
      return { state: "failed", failure: error ?? failure("server_error", "the job failed") };
    default:
      return error ? missedPoll(error, job) : { state: "failed", ...missing("status") };
  }
}

/**
 * Tokens are what is billed, seconds are what is priced. Where a video was read its tokens count too, so that the
 * seconds are those that the tokens come to.
 */
function usageOf(body: JsonObject, { data }: Job): Usage {
  const tokens = asCount(asObject(body.usage)?.completion_tokens);
  const made = asCount(body.duration);
  const each = lookup(tokensPerSecond, asWord(body.resolution));
  const read = data?.reads_video === true && tokens !== undefined && each !== undefined ? tokens / each : undefined;
  const seconds = read === undefined ? made : Math.max(made ?? 0, read);
  return defined({ outputTokens: tokens, seconds });
}
