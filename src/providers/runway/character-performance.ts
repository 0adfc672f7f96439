import { inputUrl } from "../input-media.ts";
import { defined } from "../narrow.ts";
import { checkParams } from "../param-rules.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { JobAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { checkInput } from "./input.ts";
import { byName, pixelList } from "./pixel-ratio.ts";
import { askTask, deleteTask, pollEveryMs, readTask, startedTask, startTask } from "./task.ts";
import { videosOf } from "./video-answer.ts";

const ratios = byName(pixelList("1280:720 720:1280 960:960 1104:832 832:1104 1584:672"));
const seedMax = 4_294_967_295;
/** The longest performance that is taken; it is charged by its length, which nobody says. */
const secondsMax = 30;
const paid = { character: "params.reference_images", reference: "params.video" };

/** `POST /v1/character_performance`: whoever is on the image acts what is acted in the video. */
export const characterPerformance: JobAdapter<VideoRequest, VideoResult> = {
  kind: "job",
  pollEveryMs,
  check,
  defaults: () => ({ duration_s: secondsMax, resolution: "720p" }),
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    const { params, provider_options } = request;
    const [character] = params.reference_images ?? [];
    const body = defined({
      model: model.nativeId,
      character: character && { type: "image", uri: inputUrl("image", character) },
      reference: params.video && { type: "video", uri: inputUrl("video", params.video) },
      ratio: params.aspect_ratio === undefined ? undefined : ratios[params.aspect_ratio],
      seed: params.seed,
    });
    return startTask("character_performance", body, credentials, provider_options, paid);
  },
  submitted: (answer) => startedTask(answer, {}),
  poll: (job, _model, credentials) => askTask(job, credentials),
  polled: (answer, job) => readTask(answer, job, (links) => videosOf(links, job)),
  cancel: (job, _model, credentials) => deleteTask(job, credentials),
};

function check({ prompt, params }: VideoRequest): UnsupportedField[] {
  const needed = (name: "video" | "reference_images", what: string): UnsupportedField[] =>
    params[name] === undefined
      ? [{ field: `params.${name}`, reason: "it is missing", allowed: what, droppable: false }]
      : [];
  return [
    ...(prompt.trim() === ""
      ? []
      : [{ field: "prompt", reason: "it acts what the video shows", allowed: "no prompt", droppable: false }]),
    ...needed("video", "the performance"),
    ...needed("reference_images", "an image of who performs it"),
    ...checkParams(params, {
      video: true,
      reference_images: { atMost: 1 },
      aspect_ratio: { oneOf: Object.keys(ratios) },
      resolution: { oneOf: ["720p"] },
      seed: { from: 0, to: seedMax, whole: true },
    }),
    ...checkInput("params.video", "video", params.video),
    ...(params.reference_images ?? []).flatMap((input, at) =>
      checkInput(`params.reference_images[${at}]`, "image", input),
    ),
  ];
}
