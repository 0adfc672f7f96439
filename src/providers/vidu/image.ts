import { checkFile, inputUrl } from "../input-media.ts";
import { fromUrl } from "../media-answer.ts";
import { defined } from "../narrow.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { JobAdapter, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { askTask, cancelTask, readTask, startedTask, startTask } from "./task.ts";

const promptCharactersMax = 2_000;
const referencesMax = 7;
const seedMax = 2_147_483_647;
const ratios = ["auto", "16:9", "9:16", "1:1", "3:4", "4:3", "21:9", "2:3", "3:2"];
const imageLimits = { endings: ["png", "jpg", "jpeg", "webp"], bytesMax: 50_000_000 };
/** Its smallest, which is near one thousand by one thousand, is named by its lines. */
const resolutions: Readonly<Record<string, string>> = { "1K": "1080p", "2K": "2K", "4K": "4K" };
const paid = { resolution: "params.size", images: "params.images", subjects: "params.images" };

/** `POST /reference2image`. Models that film draw as well: the catalog's name for one that draws ends in `-image`. */
export const image: TaskFor<ImageRequest, ImageResult> = ({ nativeId }) => {
  const wireId = nativeId.replace(/-image$/, "");
  return wireId === "viduq2" ? adapterOf(wireId) : undefined;
};

const adapterOf = (wireId: string): JobAdapter<ImageRequest, ImageResult> => ({
  kind: "job",
  pollEveryMs: 3_000,
  check,
  defaults: () => ({ size: "1K" }),
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    const { prompt, params, provider_options } = request;
    const body = defined({
      model: wireId,
      prompt,
      images: params.images?.map((input) => inputUrl("image", input)),
      resolution: resolutions[params.size ?? "1K"],
      aspect_ratio: params.aspect_ratio,
      seed: params.seed,
    });
    return startTask("reference2image", body, credentials, provider_options, paid);
  },
  submitted: (answer) => startedTask(answer),
  poll: (job, _model, credentials) => askTask(job, credentials),
  polled: (answer, job) => readTask(answer, job, imagesOf),
  cancel: (job, _model, credentials) => cancelTask(job, credentials),
});

function imagesOf(links: readonly unknown[]): ImageResult | undefined {
  const images = links.flatMap((link) => fromUrl(link, "image/png") ?? []);
  return images.length > 0 ? { images } : undefined;
}

function check({ prompt, params }: ImageRequest): UnsupportedField[] {
  return [
    ...checkPrompt(prompt, promptCharactersMax),
    ...checkParams(params, {
      n: { oneOf: [1] },
      size: { oneOf: Object.keys(resolutions) },
      aspect_ratio: { oneOf: ratios },
      images: { atMost: referencesMax },
      seed: { from: 0, to: seedMax, whole: true },
    }),
    ...(params.images ?? []).flatMap((input, at) => checkFile(`params.images[${at}]`, "image", input, imageLimits)),
  ];
}
