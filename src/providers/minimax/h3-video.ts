import type { Usage } from "../../core/usage.ts";
import { chatError, streamedFailure } from "../dialects/openai-chat/error.ts";
import { failure } from "../failure.ts";
import { inputUrl } from "../input-media.ts";
import { fromUrl, missing } from "../media-answer.ts";
import { missedPoll } from "../missed-poll.ts";
import { asCount, asObject, asWord, defined, type JsonObject } from "../narrow.ts";
import { checkParams, checkPrompt, type ParamRule } from "../param-rules.ts";
import type { ProviderFailure } from "../shapes/event.ts";
import type { MediaInput } from "../shapes/media.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Job, JobAdapter, JobState } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { errorKind } from "./error.ts";
import { nativeBody, nativeGet, nativePost, traceOf } from "./native.ts";

const promptCharactersMax = 7_000;
const referencesMax = 9;
const secondsDefault = 5;
const resolutionDefault = "768p";
const paid = { duration: "params.duration_s", resolution: "params.resolution", content: "params" };

/** `POST /v2/video_generation`. */
export const h3Video: JobAdapter<VideoRequest, VideoResult> = {
  kind: "job",
  pollEveryMs: 8_000,
  check,
  defaults: () => ({ duration_s: secondsDefault, resolution: resolutionDefault }),
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    const { params, provider_options } = request;
    const body = {
      model: model.nativeId,
      content: contentOf(request),
      resolution: (params.resolution ?? resolutionDefault).toUpperCase(),
      duration: params.duration_s ?? secondsDefault,
      ratio: ratioOf(params),
    };
    return nativePost("/v2/video_generation", body, credentials, provider_options, paid);
  },
  submitted: (answer) => {
    const read = nativeBody(answer);
    if ("failure" in read) return { state: "failed", ...read };
    const id = asWord(read.body.task_id) ?? asWord(asObject(read.body.task)?.id);
    return id === undefined ? { state: "failed", ...missing("task_id") } : { state: "running", job: { id } };
  },
  poll: ({ id }, _model, credentials) => nativeGet(`/v2/query/video_generation/${encodeURIComponent(id)}`, credentials),
  polled,
};

const guided = ["first_frame", "last_frame", "reference_images", "video"] as const;

function check({ prompt, params }: VideoRequest): UnsupportedField[] {
  const isGuided = guided.some((name) => params[name] !== undefined);
  const hasFrames = params.first_frame !== undefined || params.last_frame !== undefined;
  const unlessFrames = (rule: ParamRule): ParamRule =>
    hasFrames ? { refused: "there are frames as well", allowed: "frames or references" } : rule;
  return [
    ...checkPrompt(prompt, promptCharactersMax),
    ...checkParams(params, {
      duration_s: { from: 4, to: 15, whole: true },
      resolution: { oneOf: ["768p", "2k"] },
      aspect_ratio: { oneOf: [...(isGuided ? ["auto"] : []), "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"] },
      first_frame: true,
      last_frame: params.first_frame !== undefined || { refused: "there is no first frame", allowed: "both frames" },
      reference_images: unlessFrames({ atMost: referencesMax }),
      video: unlessFrames(true),
    }),
  ];
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
    { type: "text", text: prompt },
    ...still("first_frame", params.first_frame),
    ...still("last_frame", params.last_frame),
    ...(params.reference_images ?? []).flatMap((input) => still("reference_image", input)),
    ...(params.video
      ? [{ type: "video_url", video_url: { url: inputUrl("video", params.video) }, role: "reference_video" }]
      : []),
  ];
}

function polled(answer: WireAnswer, job: Job): JobState<VideoResult> {
  const read = nativeBody(answer);
  if ("failure" in read) return missedPoll(read.failure, job);
  const task = asObject(read.body.task) ?? read.body;
  const usage = usageOf(asObject(task.usage));
  switch (asWord(task.status)) {
    case "queued":
    case "running":
      return { state: "running", job };
    case "succeeded": {
      const found = fromUrl(asObject(task.content)?.url, "video/mp4");
      if (!found) return { state: "failed", ...missing("video"), usage };
      const durationS = asCount(task.duration);
      const videos = [{ ...found, ...(durationS !== undefined && { durationS }) }];
      const requestId = traceOf(answer, read.body);
      return { state: "succeeded", result: { videos }, usage: usage ?? defined({ seconds: durationS }), requestId };
    }
    case "cancelled":
      return { state: "cancelled" };
    case "expired":
      return { state: "failed", failure: failure("not_found", "the job expired", { code: "expired" }) };
    case "failed":
      return { state: "failed", failure: failureOf(task), usage };
    default:
      return { state: "failed", ...missing("status") };
  }
}

function failureOf(task: JsonObject): ProviderFailure {
  const error = task.error === undefined || task.error === null ? undefined : chatError({ error: task.error });
  return error ? streamedFailure(error, errorKind) : failure("server_error", "the job failed");
}

/** What is read of a reference video is billed as what is made. */
function usageOf(usage: JsonObject | undefined): Usage | undefined {
  if (!usage) return undefined;
  const parts = [asCount(usage.input_seconds), asCount(usage.output_seconds)].filter((part) => part !== undefined);
  const sum = parts.length > 0 ? parts.reduce((total, part) => total + part, 0) : undefined;
  return defined({ seconds: asCount(usage.total_seconds) ?? sum });
}
