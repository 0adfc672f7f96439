import type { ModelCard } from "../../core/model-card.ts";
import type { Usage } from "../../core/usage.ts";
import { failure } from "../failure.ts";
import { fromUrl, heldBack, missing, requestIdOf } from "../media-answer.ts";
import { missedPoll } from "../missed-poll.ts";
import { asCount, defined, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import { checkParams, checkPrompt, type ParamRule } from "../param-rules.ts";
import type { MediaInput } from "../shapes/media.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Job, JobAdapter, JobState, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { clipsOf, lengthRule, resolutions } from "./models.ts";
import { envelopeOf, pixverseRequest } from "./native.ts";
import { uploadsOf } from "./uploads.ts";

const promptCharactersMax = 5_000;
const seedMax = 2_147_483_647;
const nanoUsdPerCredit = 10_000_000n;
const defaults = { duration_s: 5, resolution: "540p", aspect_ratio: "16:9" } as const;

/** What is paid for beside the film; some of it by the second, some by prices that are in no table. */
const paid = {
  model: "model",
  duration: "params.duration_s",
  quality: "params.resolution",
  generate_audio_switch: "params.with_audio",
  generate_multi_clip_switch: "",
  motion_mode: "",
  sound_effect_switch: "",
  sound_effect_content: "",
  lip_sync_tts_switch: "",
  lip_sync_tts_content: "",
  lip_sync_tts_speaker_id: "",
  template_id: "",
};

/** `POST /openapi/v2/video/{text,img,transition,fusion,extend}/generate`, by what is given beside the words. */
export const video: TaskFor<VideoRequest, VideoResult> = () => adapter;

const adapter: JobAdapter<VideoRequest, VideoResult> = {
  kind: "job",
  pollEveryMs: 5_000,
  check,
  defaults: () => ({ duration_s: defaults.duration_s, resolution: defaults.resolution }),
  uploads: uploadsOf,
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    const { route, fields } = routeOf(request);
    const { params, provider_options } = request;
    const body = defined({
      prompt: request.prompt,
      ...fields,
      model: model.nativeId,
      duration: params.duration_s ?? defaults.duration_s,
      quality: params.resolution ?? defaults.resolution,
      negative_prompt: params.negative_prompt,
      seed: params.seed,
      generate_audio_switch: clipsOf(model).sound ? params.with_audio : undefined,
    });
    return pixverseRequest(`/video/${route}/generate`, credentials, {
      body: JSON.stringify(withMediaOptions(body, provider_options, "pixverse", paid)),
    });
  },
  submitted: (answer, { params }) => {
    const read = envelopeOf(answer);
    if ("failure" in read) return { state: "failed", ...read };
    const id = asCount(read.resp.video_id);
    if (id === undefined) return { state: "failed", ...missing("video_id") };
    const data = defined({
      duration_s: params.duration_s ?? defaults.duration_s,
      credits: asCount(read.resp.credits),
    });
    return { state: "running", job: { id: String(id), data } };
  },
  poll: ({ id }, _model, credentials) => pixverseRequest(`/video/result/${encodeURIComponent(id)}`, credentials),
  polled,
};

function check({ prompt, params }: VideoRequest, model: ModelCard): UnsupportedField[] {
  const clips = clipsOf(model);
  const { first_frame, last_frame, reference_images, video } = params;
  const hasFrames = first_frame !== undefined || last_frame !== undefined;
  const shaped = hasFrames || video !== undefined;
  const unless = (isGiven: boolean, what: string): ParamRule =>
    !isGiven || { refused: `there is ${what} as well`, allowed: "one kind of media" };
  return [
    ...checkPrompt(prompt, promptCharactersMax),
    ...checkParams(params, {
      duration_s: lengthRule(clips, params.resolution ?? defaults.resolution),
      resolution: { oneOf: resolutions },
      aspect_ratio: shaped ? { refused: "what is given has a shape", allowed: "no frames" } : { oneOf: clips.ratios },
      first_frame: unless(video !== undefined, "a video"),
      last_frame: first_frame !== undefined || { refused: "there is no first frame", allowed: "both frames" },
      reference_images: unless(hasFrames, "a frame"),
      video: unless(reference_images !== undefined, "a reference image"),
      with_audio: clips.sound ? true : { oneOf: [false] },
      negative_prompt: clips.negativePrompt || undefined,
      seed: { from: 0, to: seedMax, whole: true },
    }),
  ];
}

/** The route, and the fields that it alone has. */
function routeOf({ prompt, params }: VideoRequest): { readonly route: string; readonly fields: JsonObject } {
  const { first_frame, last_frame, reference_images, video } = params;
  const aspect_ratio = params.aspect_ratio ?? defaults.aspect_ratio;
  if (video) return { route: "extend", fields: { video_media_id: numberOf(video) } };
  if (first_frame && last_frame) {
    const fields = { first_frame_img: numberOf(first_frame), last_frame_img: numberOf(last_frame) };
    return { route: "transition", fields };
  }
  if (first_frame) return { route: "img", fields: { img_id: numberOf(first_frame) } };
  if (!reference_images) return { route: "text", fields: { aspect_ratio } };
  const references = reference_images.map((image, at) => ({
    type: "subject",
    img_id: numberOf(image),
    ref_name: `image${at + 1}`,
  }));
  // An image that the words do not name is not looked at.
  const unnamed = references.filter(({ ref_name }) => !new RegExp(`@${ref_name}(?!\\d)`).test(prompt));
  const named = [prompt, ...unnamed.map(({ ref_name }) => `@${ref_name} `)].join(" ");
  return { route: "fusion", fields: { prompt: named, aspect_ratio, image_references: references } };
}

function numberOf({ reference }: MediaInput): number {
  return Number(reference);
}

function polled(answer: WireAnswer, job: Job): JobState<VideoResult> {
  const read = envelopeOf(answer);
  if ("failure" in read) return missedPoll(read.failure, job);
  const { resp } = read;
  switch (asCount(resp.status)) {
    case 1:
      return made(resp, job, requestIdOf(answer));
    case 2:
    case 3:
    case 5:
      return { state: "running", job };
    case 6:
      return { state: "failed", failure: failure("not_found", "the video was deleted", { code: "6" }) };
    // What is held back or fails is given back.
    case 7:
      return { state: "failed", ...heldBack("the video did not pass moderation", "7") };
    case 8:
      return { state: "failed", failure: failure("server_error", "the job failed", { code: "8" }) };
    default:
      return { state: "failed", ...missing("status") };
  }
}

function made(resp: JsonObject, { data }: Job, requestId: string | undefined): JobState<VideoResult> {
  const durationS = asCount(data?.duration_s);
  const credits = asCount(resp.credits) ?? asCount(data?.credits);
  const usage: Usage = defined({
    seconds: durationS,
    providerCostNanoUsd: credits === undefined ? undefined : BigInt(Math.ceil(credits)) * nanoUsdPerCredit,
  });
  const found = fromUrl(resp.url, "video/mp4");
  if (!found) return { state: "failed", ...missing("video"), usage };
  const facts = defined({
    durationS,
    width: asCount(resp.outputWidth) || undefined,
    height: asCount(resp.outputHeight) || undefined,
  });
  return { state: "succeeded", result: { videos: [{ ...found, ...facts }] }, usage, requestId };
}
