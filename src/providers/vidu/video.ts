import { checkFile, inputUrl } from "../input-media.ts";
import { fromUrl } from "../media-answer.ts";
import { asCount, defined, type JsonObject } from "../narrow.ts";
import { checkParams, type ParamRule } from "../param-rules.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { Job, JobAdapter, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { askTask, cancelTask, readTask, startedTask, startTask } from "./task.ts";
import { type RouteName, type VideoModel, type VideoRoute, videoModels } from "./video-models.ts";

const promptCharactersMax = 5_000;
const seedMax = 2_147_483_647;
const referencesMax = 7;
const referencesBesideVideoMax = 4;
const ratios = ["16:9", "9:16", "1:1", "3:4", "4:3"];
const imageLimits = { endings: ["png", "jpg", "jpeg", "webp"], bytesMax: 50_000_000 };
const paid = {
  duration: "params.duration_s",
  resolution: "params.resolution",
  images: "params",
  videos: "params.video",
  subjects: "params.reference_images",
  // A prompt of Vidu's own, for ten credits more.
  is_rec: "",
};

/** `POST /text2video`, `/img2video`, `/start-end2video` and `/reference2video`, by what it films from. */
export const video: TaskFor<VideoRequest, VideoResult> = ({ nativeId }) => {
  const filmed = Object.hasOwn(videoModels, nativeId) ? videoModels[nativeId] : undefined;
  return filmed && adapterOf(filmed);
};

const adapterOf = (filmed: VideoModel): JobAdapter<VideoRequest, VideoResult> => ({
  kind: "job",
  pollEveryMs: 5_000,
  check: (request) => check(request, filmed),
  defaults: ({ params }) => {
    const route = routeOf(params, filmed);
    return route ? { duration_s: route.secondsDefault, resolution: resolutionDefault(route) } : {};
  },
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, filmed), model);
    const { params, provider_options } = request;
    const body = { model: model.nativeId, ...bodyOf(request, filmed) };
    return startTask(routeName(params), body, credentials, provider_options, paid);
  },
  submitted: (answer, { params }) =>
    startedTask(answer, params.duration_s ?? routeOf(params, filmed)?.secondsDefault ?? 0),
  poll: (job, _model, credentials) => askTask(job, credentials),
  polled: (answer, job) => readTask(answer, job, (links) => videosOf(links, job)),
  cancel: (job, _model, credentials) => cancelTask(job, credentials),
});

function videosOf(links: readonly unknown[], { data }: Job): VideoResult | undefined {
  const durationS = asCount(data?.seconds);
  const videos = links
    .flatMap((link) => fromUrl(link, "video/mp4") ?? [])
    .map((found) => ({ ...found, ...(durationS !== undefined && { durationS }) }));
  return videos.length > 0 ? { videos } : undefined;
}

function routeName({ first_frame, last_frame, reference_images, video }: VideoRequest["params"]): RouteName {
  if (first_frame !== undefined) return last_frame === undefined ? "img2video" : "start-end2video";
  return reference_images === undefined && video === undefined ? "text2video" : "reference2video";
}

function routeOf(params: VideoRequest["params"], filmed: VideoModel): VideoRoute | undefined {
  const name = routeName(params);
  if (name === "text2video") return filmed.text;
  return name === "reference2video" ? filmed.reference : filmed.image;
}

const resolutionDefault = ({ resolutions }: VideoRoute) => Object.keys(resolutions)[0] ?? "720p";

function check({ prompt, params }: VideoRequest, filmed: VideoModel): UnsupportedField[] {
  const route = routeOf(params, filmed);
  if (!route) return [noRoute(params, filmed)];
  const fromImage = params.first_frame !== undefined;
  const lengths = route.resolutions[params.resolution ?? resolutionDefault(route)];
  const reference = (rule: ParamRule): ParamRule =>
    fromImage ? { refused: "there are frames as well", allowed: "frames or references" } : rule;
  const besideVideo = params.video === undefined ? referencesMax : referencesBesideVideoMax;
  const found = checkParams(params, {
    duration_s: { oneOf: lengths ?? [...new Set(Object.values(route.resolutions).flat())] },
    resolution: { oneOf: Object.keys(route.resolutions) },
    aspect_ratio: fromImage ? { oneOf: ["auto"] } : { oneOf: ratios },
    first_frame: true,
    last_frame: fromImage || { refused: "there is no first frame", allowed: "both frames" },
    reference_images: reference({ atMost: besideVideo }),
    video: reference(filmed.readsVideo ?? { refused: "it is not guided by videos" }),
    with_audio: filmed.audio ?? { oneOf: [false] },
    seed: { from: 0, to: seedMax, whole: true },
  });
  if (prompt.trim() === "" && !fromImage) {
    found.push({ field: "prompt", reason: "it is empty", allowed: "some text", droppable: false });
  }
  if (prompt.length > promptCharactersMax) {
    const reason = `its ${prompt.length} characters are too many`;
    found.push({ field: "prompt", reason, allowed: `at most ${promptCharactersMax} characters`, droppable: false });
  }
  for (const name of ["first_frame", "last_frame"] as const) {
    if (params[name]) found.push(...checkFile(`params.${name}`, "image", params[name], imageLimits));
  }
  for (const [at, input] of (params.reference_images ?? []).entries()) {
    found.push(...checkFile(`params.reference_images[${at}]`, "image", input, imageLimits));
  }
  return found;
}

function noRoute(params: VideoRequest["params"], filmed: VideoModel): UnsupportedField {
  const sources = [
    ...(filmed.text ? ["words"] : []),
    ...(filmed.image ? ["a first frame"] : []),
    ...(filmed.reference ? ["reference images"] : []),
  ];
  const name = routeName(params);
  const given = name === "reference2video" ? (params.video ? "video" : "reference_images") : "first_frame";
  const missing = filmed.image ? "first_frame" : "reference_images";
  return {
    field: `params.${name === "text2video" ? missing : given}`,
    reason: `it films from ${sources.join(", or from ")} alone`,
    allowed: sources.join(" or "),
    droppable: false,
  };
}

/** Length and size are said even where nobody asked, since they are what is paid for. */
function bodyOf({ prompt, params }: VideoRequest, filmed: VideoModel): JsonObject {
  const route = routeOf(params, filmed);
  const images = [params.first_frame ?? [], params.last_frame ?? [], params.reference_images ?? []].flat();
  return defined({
    prompt: prompt || undefined,
    images: images.length > 0 ? images.map((input) => inputUrl("image", input)) : undefined,
    videos: params.video && [inputUrl("video", params.video)],
    duration: params.duration_s ?? route?.secondsDefault,
    resolution: params.resolution ?? (route && resolutionDefault(route)),
    aspect_ratio: params.aspect_ratio === "auto" ? undefined : params.aspect_ratio,
    audio: filmed.audio ? (params.with_audio ?? true) : undefined,
    seed: params.seed,
  });
}
