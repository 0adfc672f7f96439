import { inputUrl } from "../input-media.ts";
import { fromUrl } from "../media-answer.ts";
import { defined } from "../narrow.ts";
import { checkParams, checkPrompt, type ParamRule } from "../param-rules.ts";
import { sidesOf } from "../pixel-size.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { JobAdapter, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { type ImageModel, imageModels } from "./image-models.ts";
import { checkInput } from "./input.ts";
import { byName } from "./pixel-ratio.ts";
import { askTask, deleteTask, pollEveryMs, readTask, startedTask, startTask } from "./task.ts";

const seedMax = 4_294_967_295;
const sizeNames = ["512", "1K", "2K", "4K"];
const paid = {
  ratio: "params.size and params.aspect_ratio",
  outputCount: "params.n",
  quality: "params.quality",
  referenceImages: "params.images",
};

/** `POST /v1/text_to_image`. */
export const image: TaskFor<ImageRequest, ImageResult> = ({ nativeId }) => {
  const drawn = Object.hasOwn(imageModels, nativeId) ? imageModels[nativeId] : undefined;
  return drawn && adapterOf(drawn);
};

const adapterOf = (drawn: ImageModel): JobAdapter<ImageRequest, ImageResult> => ({
  kind: "job",
  pollEveryMs,
  check: (request) => check(request, drawn),
  defaults: () => defined({ size: sizeDefault(drawn), quality: drawn.qualities?.[0] }),
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, drawn), model);
    const { prompt, params, provider_options } = request;
    const body = defined({
      model: model.nativeId,
      promptText: prompt,
      ratio: ratioFor(params, drawn),
      referenceImages: params.images?.map((input) => ({ uri: inputUrl("image", input) })),
      outputCount: params.n === 1 ? undefined : params.n,
      quality: params.quality ?? drawn.qualities?.[0],
      outputFormat: params.format,
      background: params.background,
      seed: params.seed,
    });
    return startTask("text_to_image", body, credentials, provider_options, paid);
  },
  submitted: (answer, { params }) => startedTask(answer, { images: params.n ?? 1 }),
  poll: (job, _model, credentials) => askTask(job, credentials),
  polled: (answer, job) => readTask(answer, job, imagesOf),
  cancel: (job, _model, credentials) => deleteTask(job, credentials),
});

function imagesOf(links: readonly unknown[]): ImageResult | undefined {
  const images = links.flatMap((link) => fromUrl(link, "image/png") ?? []);
  return images.length > 0 ? { images } : undefined;
}

const sizeDefault = ({ sizes }: ImageModel) => Object.keys(sizes).find((name) => !/^\d+$/.test(name)) ?? "1K";

function check({ prompt, params }: ImageRequest, drawn: ImageModel): UnsupportedField[] {
  const { size, images = [] } = params;
  const names = sizeNames.filter((name) => Object.hasOwn(drawn.sizes, name));
  const listed = Object.values(drawn.sizes).flat();
  const exact = sidesOf(size)?.join(":");
  const ratios = Object.keys(byName(drawn.sizes[size ?? sizeDefault(drawn)] ?? []));
  const hasAuto = drawn.auto?.[size ?? sizeDefault(drawn)] !== undefined;
  const ratioRule: ParamRule = exact
    ? { refused: "size says it already", allowed: "one of the two" }
    : { oneOf: [...(hasAuto ? ["auto"] : []), ...ratios] };
  const found = [
    ...checkPrompt(prompt, drawn.promptCharactersMax),
    ...checkParams(params, {
      n: { oneOf: drawn.counts ?? [1] },
      size: (exact !== undefined && listed.includes(exact)) || {
        oneOf: [...names, ...(exact ? listed.map((pixels) => pixels.replace(":", "x")) : [])],
      },
      aspect_ratio: ratioRule,
      quality: drawn.qualities && { oneOf: drawn.qualities },
      format: drawn.formats && { oneOf: drawn.formats },
      background: drawn.backgrounds && { oneOf: drawn.backgrounds },
      images: { atMost: drawn.referencesMax },
      seed: drawn.seed && { from: 0, to: seedMax, whole: true },
    }),
    ...images.flatMap((input, at) => checkInput(`params.images[${at}]`, "image", input)),
  ];
  if (drawn.needsReference && images.length === 0) {
    found.push({ field: "params.images", reason: "it draws from images alone", allowed: "an image", droppable: false });
  }
  return found;
}

/** A ratio in pixels, or the word for the shape that the model chooses. */
function ratioFor({ size, aspect_ratio: ratio, images }: ImageRequest["params"], drawn: ImageModel): string {
  const exact = sidesOf(size)?.join(":");
  if (exact) return exact;
  const named = size ?? sizeDefault(drawn);
  const auto = drawn.auto?.[named];
  // What is made from images has their shape, where the model can tell.
  if (auto !== undefined && (ratio === "auto" || (ratio === undefined && images))) return auto;
  const list = drawn.sizes[named] ?? [];
  return byName(list)[ratio ?? "1:1"] ?? list[0] ?? "";
}
