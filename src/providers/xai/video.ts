import type { ModelCard } from "../../core/model-card.ts";
import type { Usage } from "../../core/usage.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { fromTicks } from "../dialects/openai-chat/usage.ts";
import { failure } from "../failure.ts";
import { inputUrl } from "../input-media.ts";
import { answerObject, fromUrl, heldBack, missing, requestIdOf } from "../media-answer.ts";
import { missedPoll } from "../missed-poll.ts";
import { asCount, asObject, asWord, defined, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import { checkParams, checkPrompt, type ParamRule } from "../param-rules.ts";
import type { MediaInput } from "../shapes/media.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Job, JobAdapter, JobState, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { errorIn } from "./error.ts";

const paid = {
  duration: "params.duration_s",
  resolution: "params.resolution",
  generate_audio: "params.with_audio",
  video: "params.video",
};

/** `POST /videos/generations`; with a video `/videos/edits`, or `/videos/extensions` where a length is given too. */
export const video: TaskFor<VideoRequest, VideoResult> = () => adapter;

const adapter: JobAdapter<VideoRequest, VideoResult> = {
  kind: "job",
  pollEveryMs: 6_000,
  check,
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    return submitRequest(request, model, credentials);
  },
  submitted: (answer) => {
    const body = answerObject(answer);
    const error = errorIn(body);
    if (error) return { state: "failed", failure: error };
    const id = asWord(body?.request_id);
    return id === undefined ? { state: "failed", ...missing("request_id") } : { state: "running", job: { id } };
  },
  poll: ({ id }, _model, credentials) => ({
    method: "GET",
    url: `${credentials.baseUrl}/videos/${encodeURIComponent(id)}`,
    headers: { ...bearer(credentials.apiKey), ...credentials.headers },
  }),
  polled,
};

function check({ prompt, params }: VideoRequest, { nativeId }: ModelCard): UnsupportedField[] {
  const isNewer = nativeId.includes("-1.5");
  const isFull = isNewer && !nativeId.endsWith("-lite");
  const fromVideo = params.video !== undefined;
  const unlessEdited = (rule: ParamRule): ParamRule =>
    fromVideo ? { refused: "a video that is edited keeps its own", allowed: "no video" } : rule;
  return [
    ...checkPrompt(prompt),
    ...checkParams(params, {
      duration_s: { from: 1, to: 15, whole: true },
      aspect_ratio: unlessEdited({ oneOf: ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"] }),
      resolution: unlessEdited({ oneOf: ["480p", "720p", ...(isFull ? ["1080p"] : [])] }),
      with_audio: unlessEdited(true),
      first_frame: unlessEdited(true),
      last_frame: unlessEdited(isNewer || { refused: "it only begins with an image" }),
      reference_images: unlessEdited(true),
      video: true,
    }),
  ];
}

function submitRequest(
  { prompt, params, provider_options }: VideoRequest,
  model: ModelCard,
  credentials: Credentials,
): WireRequest {
  const still = (input: MediaInput | undefined) => input && { url: inputUrl("image", input) };
  const body = defined({
    model: model.nativeId,
    prompt,
    duration: params.duration_s,
    aspect_ratio: params.aspect_ratio,
    resolution: params.resolution,
    generate_audio: params.with_audio,
    image: still(params.first_frame),
    last_frame: still(params.last_frame),
    reference_images: params.reference_images?.map((input) => ({ url: inputUrl("image", input) })),
    video: params.video && { url: inputUrl("video", params.video) },
  });
  const route = !params.video ? "generations" : params.duration_s === undefined ? "edits" : "extensions";
  return {
    method: "POST",
    url: `${credentials.baseUrl}/videos/${route}`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(withMediaOptions(body, provider_options, "xai", paid)),
  };
}

/** Status 202 is a job that still runs, its body may be empty; a link without a status is a job that is done. */
function polled(answer: WireAnswer, job: Job): JobState<VideoResult> {
  const body = answerObject(answer);
  const made = asObject(body?.video);
  const status = asWord(body?.status) ?? (made ? "done" : answer.status === 202 ? "pending" : undefined);
  const usage = videoUsage(body ?? {}, made);
  switch (status) {
    case "pending": {
      const percent = asCount(body?.progress);
      return { state: "running", job, ...(percent !== undefined && { progress: Math.min(1, percent / 100) }) };
    }
    case "done": {
      if (made?.respect_moderation === false) return { state: "failed", ...heldBack("the video was held back"), usage };
      const found = fromUrl(made?.url, "video/mp4");
      if (!found) return { state: "failed", ...missing("video"), usage };
      const durationS = asCount(made?.duration);
      const videos = [{ ...found, ...(durationS !== undefined && { durationS }) }];
      return { state: "succeeded", result: { videos }, usage: usage ?? {}, requestId: requestIdOf(answer) };
    }
    case "expired":
      return { state: "failed", failure: failure("not_found", "the job expired", { code: status }) };
    case "failed":
      return { state: "failed", failure: errorIn(body) ?? failure("server_error", "the job failed"), usage };
    default: {
      const error = errorIn(body);
      return error ? missedPoll(error, job) : { state: "failed", ...missing("status") };
    }
  }
}

function videoUsage(body: JsonObject, made: JsonObject | undefined): Usage | undefined {
  const cost = fromTicks(asObject(body.usage)?.cost_in_usd_ticks);
  const seconds = asCount(made?.duration);
  return cost === undefined && seconds === undefined ? undefined : defined({ seconds, providerCostNanoUsd: cost });
}
