import { inputUrl } from "../input-media.ts";
import { defined, type JsonObject } from "../narrow.ts";
import { checkParams, type ParamRule } from "../param-rules.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { JobAdapter, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { characterPerformance } from "./character-performance.ts";
import { checkInput } from "./input.ts";
import { byName } from "./pixel-ratio.ts";
import { askTask, deleteTask, pollEveryMs, readTask, startedTask, startTask } from "./task.ts";
import { videosOf } from "./video-answer.ts";
import { type VideoModel, type VideoRoute, videoModels } from "./video-models.ts";

const seedMax = 4_294_967_295;
const alephRatios = ["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"];
const paid = {
  duration: "params.duration_s",
  ratio: "params.aspect_ratio and params.resolution",
  resolution: "params.resolution",
  audio: "params.with_audio",
  promptImage: "params.first_frame",
  promptVideo: "params.video",
  videoUri: "params.video",
  references: "params.reference_images",
  referenceVideos: "params.video",
  // Anything but MP4 costs more for each second.
  outputFormat: "",
};

type Source = "text" | "image" | "video";

/** `POST /v1/text_to_video`, `/v1/image_to_video` and `/v1/video_to_video`, by what it films from. */
export const video: TaskFor<VideoRequest, VideoResult> = ({ nativeId }) => {
  if (nativeId === "act_two") return characterPerformance;
  const filmed = Object.hasOwn(videoModels, nativeId) ? videoModels[nativeId] : undefined;
  return filmed && adapterOf(filmed);
};

const adapterOf = (filmed: VideoModel): JobAdapter<VideoRequest, VideoResult> => ({
  kind: "job",
  pollEveryMs,
  check: (request) => check(request, filmed),
  defaults: () => ({ duration_s: filmed.secondsDefault, resolution: filmed.resolutionDefault }),
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, filmed), model);
    const source = sourceOf(request.params);
    const body = { model: model.nativeId, ...bodyOf(request, filmed, source) };
    return startTask(`${source}_to_video`, body, credentials, request.provider_options, paid);
  },
  submitted: (answer, { params }) => {
    const route = filmed[sourceOf(params)];
    return startedTask(answer, route?.ownLength ? {} : { seconds: params.duration_s ?? filmed.secondsDefault });
  },
  poll: (job, _model, credentials) => askTask(job, credentials),
  polled: (answer, job) => readTask(answer, job, (links) => videosOf(links, job)),
  cancel: (job, _model, credentials) => deleteTask(job, credentials),
});

function sourceOf(params: VideoRequest["params"]): Source {
  if (params.video !== undefined) return "video";
  return params.first_frame === undefined ? "text" : "image";
}

function check({ prompt, params }: VideoRequest, filmed: VideoModel): UnsupportedField[] {
  const route = filmed[sourceOf(params)];
  if (!route) return [noRoute(params, filmed)];
  const resolutions = Object.keys(route.pixels ?? {});
  const never = (why: string): ParamRule => ({ refused: why });
  const found = checkParams(params, {
    duration_s: route.ownLength ? never("it is as long as the video it is made from") : filmed.seconds,
    resolution: route.pixels ? { oneOf: resolutions } : route.resolutions && { oneOf: route.resolutions },
    aspect_ratio: ratioRule(params, route, filmed),
    first_frame: params.video === undefined || {
      refused: "there is a video as well",
      allowed: "one of the two",
    },
    last_frame: lastFrameRule(params, filmed),
    reference_images: route.referencesMax ? { atMost: route.referencesMax } : never("it takes none beside the rest"),
    video: true,
    with_audio: filmed.audio,
    negative_prompt: filmed.negativePrompt,
    seed: filmed.seed && { from: 0, to: seedMax, whole: true },
  });
  if (prompt.trim() === "" && !route.wordless) {
    found.push({ field: "prompt", reason: "it is empty", allowed: "some text", droppable: false });
  }
  const charactersMax = filmed.promptCharactersMax ?? Number.POSITIVE_INFINITY;
  if (prompt.length > charactersMax) {
    const reason = `its ${prompt.length} characters are too many`;
    found.push({ field: "prompt", reason, allowed: `at most ${charactersMax} characters`, droppable: false });
  }
  return [
    ...found,
    ...checkInput("params.first_frame", "image", params.first_frame),
    ...checkInput("params.last_frame", "image", params.last_frame),
    ...checkInput("params.video", "video", params.video),
    ...(params.reference_images ?? []).flatMap((input, at) =>
      checkInput(`params.reference_images[${at}]`, "image", input),
    ),
  ];
}

function noRoute(params: VideoRequest["params"], filmed: VideoModel): UnsupportedField {
  const field = { text: "params.first_frame", image: "params.first_frame", video: "params.video" }[sourceOf(params)];
  const sources = { text: "words", image: "an image", video: "a video" };
  const takes = (Object.keys(sources) as Source[]).filter((source) => filmed[source]).map((source) => sources[source]);
  const isMissing = params.video === undefined && params.first_frame === undefined;
  return {
    field: isMissing && !filmed.image ? "params.video" : field,
    reason: `it films from ${takes.join(", or from ")} alone`,
    allowed: takes.join(" or "),
    droppable: false,
  };
}

function lastFrameRule({ first_frame, video }: VideoRequest["params"], { image }: VideoModel): ParamRule {
  if (!image?.lastFrame || video !== undefined) return { refused: "it does not end with an image" };
  return first_frame !== undefined || { refused: "there is no first frame", allowed: "both frames" };
}

function ratioRule(params: VideoRequest["params"], route: VideoRoute, filmed: VideoModel): ParamRule {
  const resolution = params.resolution ?? filmed.resolutionDefault;
  if (route.pixels) {
    const hasAuto = route.auto?.[resolution] !== undefined;
    return { oneOf: [...(hasAuto ? ["auto"] : []), ...Object.keys(byName(route.pixels[resolution] ?? []))] };
  }
  if (route.ratios) return { oneOf: [...(isGuided(params) ? ["auto"] : []), ...route.ratios] };
  // An editor's frame can be widened; what begins with an image has its shape.
  return { oneOf: filmed.text || filmed.image ? ["auto"] : ["auto", ...alephRatios] };
}

function isGuided(params: VideoRequest["params"]): boolean {
  return (params.first_frame ?? params.video ?? params.reference_images) !== undefined;
}

/** Length and size are said even where nobody asked, since they are what is paid for. */
function bodyOf({ prompt, params }: VideoRequest, filmed: VideoModel, source: Source): JsonObject {
  const route = filmed[source] ?? {};
  const { first_frame, last_frame } = params;
  const first = first_frame && inputUrl("image", first_frame);
  const last = last_frame && inputUrl("image", last_frame);
  const frames = [
    { uri: first, position: "first" },
    { uri: last, position: "last" },
  ];
  return defined({
    promptText: prompt || undefined,
    promptImage: last === undefined ? first : frames,
    ...(params.video && filmed.video && { [filmed.video.field]: inputUrl("video", params.video) }),
    references: params.reference_images?.map((input) => ({ uri: inputUrl("image", input) })),
    ...shapeOf(params, route, filmed),
    duration: route.ownLength ? undefined : (params.duration_s ?? filmed.secondsDefault),
    audio: params.with_audio,
    negativePrompt: params.negative_prompt,
    seed: params.seed,
  });
}

function shapeOf(params: VideoRequest["params"], route: VideoRoute, filmed: VideoModel): JsonObject {
  const { aspect_ratio: ratio, resolution = filmed.resolutionDefault } = params;
  if (route.pixels) {
    const list = route.pixels[resolution] ?? [];
    const auto = ratio === "auto" || (ratio === undefined && isGuided(params)) ? route.auto?.[resolution] : undefined;
    return { ratio: auto ?? byName(list)[ratio ?? "16:9"] ?? list[0] };
  }
  if (route.ratios) {
    const chosen = ratio === undefined || ratio === "auto" ? undefined : ratio;
    return { ratio: chosen ?? (isGuided(params) ? route.adaptive : "16:9"), resolution };
  }
  const widened = !filmed.text && !filmed.image && ratio !== undefined && ratio !== "auto";
  return { resolution: route.resolutions && resolution, targetAspectRatio: widened ? ratio : undefined };
}
