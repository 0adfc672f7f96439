import type { ModelCard } from "../../core/model-card.ts";
import type { Usage } from "../../core/usage.ts";
import { inputSource, inputUrl } from "../input-media.ts";
import { fromUrl, missing } from "../media-answer.ts";
import { asCount, defined, type JsonObject } from "../narrow.ts";
import { checkParams, type ParamRule } from "../param-rules.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { JobAdapter, JobState, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { cancelTask, type NativeAnswer, nativePost, polledTask, submittedTask, taskRequest } from "./native.ts";
import { pixelsOf, type VideoFamily, videoFamily } from "./video-families.ts";

const path = "/aigc/video-generation/video-synthesis";
const promptCharactersMax = 5_000;
const seedMax = 2_147_483_647;
const secondsDefault = 5;
/** What the price of a model is listed for where it has one alone. */
const resolutionDefault = "720p";
const paid = {
  "input.media": "params",
  "parameters.duration": "params.duration_s",
  "parameters.resolution": "params.resolution",
  "parameters.size": "params.resolution and params.aspect_ratio",
};

/** `POST …/video-generation/video-synthesis`, as a task. */
export const video: TaskFor<VideoRequest, VideoResult> = ({ nativeId }) => adapterOf(videoFamily(nativeId));

const adapterOf = (family: VideoFamily): JobAdapter<VideoRequest, VideoResult> => ({
  kind: "job",
  pollEveryMs: 15_000,
  check: (request) => check(request, family),
  defaults: () => ({ duration_s: secondsDefault, resolution: resolutionDefault }),
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, family), model);
    const body = {
      model: wireModel(model, request.params),
      input: inputOf(request, family),
      parameters: parametersOf(request, family),
    };
    return nativePost({ path, body, options: request.provider_options, paid, isTask: true }, credentials);
  },
  submitted: (answer) => submittedTask(answer),
  poll: (job, _model, credentials) => taskRequest(job, credentials),
  polled: (answer, job) => polledTask(answer, job, succeeded),
  cancel: (job, _model, credentials) => cancelTask(job, credentials),
});

function check({ prompt, params }: VideoRequest, family: VideoFamily): UnsupportedField[] {
  const hasFrames = params.first_frame !== undefined || params.last_frame !== undefined;
  const isGuided = hasFrames || params.reference_images !== undefined || params.video !== undefined;
  const never = (why: string): ParamRule => ({ refused: why });
  const reference = (rule: ParamRule): ParamRule =>
    hasFrames ? { refused: "there are frames as well", allowed: "frames or references" } : rule;
  const followsFrame = family.ratios.length === 0 || (hasFrames && family.form === "media");
  const found = checkParams(params, {
    duration_s: family.seconds,
    resolution: { oneOf: family.resolutions },
    aspect_ratio: followsFrame ? { oneOf: ["auto"] } : { oneOf: family.ratios },
    first_frame: family.firstFrame ?? never("it does not begin with an image"),
    last_frame: lastFrameRule(params, family),
    reference_images: family.references ? reference({ atMost: family.references }) : never("it takes no references"),
    video: videoRule(params, family),
    with_audio: family.silence ?? { oneOf: [true] },
    negative_prompt: family.negativePrompt,
    seed: { from: 0, to: seedMax, whole: true },
  });
  if (family.needs && !family.needs.some((name) => params[name] !== undefined)) {
    const [name = "first_frame"] = family.needs;
    const allowed = family.needs.map((one) => `params.${one}`).join(" or ");
    found.push({ field: `params.${name}`, reason: "it films from nothing else", allowed, droppable: false });
  }
  if (prompt.trim() === "" && !isGuided) {
    found.push({ field: "prompt", reason: "it is empty", allowed: "some text", droppable: false });
  }
  if (prompt.length > promptCharactersMax) {
    const reason = `its ${prompt.length} characters are too many`;
    found.push({ field: "prompt", reason, allowed: `at most ${promptCharactersMax} characters`, droppable: false });
  }
  return found;
}

function lastFrameRule(params: VideoRequest["params"], { lastFrame }: VideoFamily): ParamRule {
  if (!lastFrame) return { refused: "it does not end with an image" };
  return params.first_frame !== undefined || { refused: "there is no first frame", allowed: "both frames" };
}

function videoRule(params: VideoRequest["params"], { video: role }: VideoFamily): ParamRule {
  if (!role) return { refused: "it takes no video" };
  if (role !== "video" && params.first_frame !== undefined) {
    return { refused: "there is a first frame as well", allowed: "one of the two" };
  }
  const isUrl = params.video === undefined || inputSource("video", params.video).kind === "url";
  return isUrl || { refused: "it fetches videos", allowed: "a URL" };
}

/** HappyHorse has an id for each thing it films from, Wan 3.0 one that says what it makes. */
function wireModel({ nativeId }: ModelCard, params: VideoRequest["params"]): string {
  if (nativeId === "wan3.0") return "wan3.0-video";
  if (!/^happyhorse-\d\.\d$/.test(nativeId)) return nativeId;
  return `${nativeId}-${params.first_frame ? "i2v" : params.reference_images ? "r2v" : "t2v"}`;
}

function inputOf({ prompt, params }: VideoRequest, { form, video: role }: VideoFamily): JsonObject {
  const { first_frame, last_frame, reference_images: references = [] } = params;
  const clip = params.video && inputUrl("video", params.video);
  const words = defined({ prompt: prompt || undefined, negative_prompt: params.negative_prompt });
  switch (form) {
    case "words":
      return words;
    case "img_url":
      return { ...words, ...(first_frame && { img_url: inputUrl("image", first_frame) }) };
    case "reference_urls":
      return {
        ...words,
        reference_urls: [...(clip === undefined ? [] : [clip]), ...references.map((one) => inputUrl("image", one))],
      };
    case "media": {
      const media = [
        ...(first_frame ? [{ type: "first_frame", url: inputUrl("image", first_frame) }] : []),
        ...(last_frame ? [{ type: "last_frame", url: inputUrl("image", last_frame) }] : []),
        ...(clip === undefined ? [] : [{ type: role, url: clip }]),
        ...references.map((one) => ({ type: "reference_image", url: inputUrl("image", one) })),
      ];
      return { ...words, ...(media.length > 0 && { media }) };
    }
  }
}

/** Length and size are said even where nobody asked, since they are what is paid for. */
function parametersOf({ params }: VideoRequest, family: VideoFamily): JsonObject {
  const { resolution = resolutionDefault, aspect_ratio: ratio } = params;
  const adaptive = family.ratios.includes("auto") ? "adaptive" : undefined;
  const shape = family.bySize
    ? { size: pixelsOf(resolution, ratio ?? "16:9") }
    : { resolution: resolution.toUpperCase(), ratio: ratio === "auto" ? adaptive : ratio };
  return defined({
    ...shape,
    duration: params.duration_s ?? secondsDefault,
    audio: family.silence ? params.with_audio : undefined,
    seed: params.seed,
    watermark: false,
  });
}

function succeeded({ output, usage, requestId }: NativeAnswer): JobState<VideoResult> {
  const used = secondsUsed(usage);
  const found = fromUrl(output.video_url, "video/mp4");
  if (!found) return { state: "failed", ...missing("video_url"), usage: used };
  const durationS = asCount(usage.output_video_duration) ?? asCount(usage.duration);
  const videos = [{ ...found, ...(durationS !== undefined && { durationS }) }];
  return { state: "succeeded", result: { videos }, usage: used, requestId };
}

/** What is read of a video is billed as what is made. */
function secondsUsed(usage: JsonObject): Usage {
  const made = asCount(usage.output_video_duration);
  const both = made === undefined ? undefined : made + (asCount(usage.input_video_duration) ?? 0);
  return defined({ seconds: both ?? asCount(usage.duration) });
}
