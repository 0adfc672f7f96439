import type { ModelCard } from "../../core/model-card.ts";
import { inputUrl } from "../input-media.ts";
import { fromBase64, fromUrl, missing, requestIdOf } from "../media-answer.ts";
import { asCount, asList, asObject, defined, type JsonObject } from "../narrow.ts";
import { checkParams, checkPrompt, type ParamRule } from "../param-rules.ts";
import { namedPixels, ratioOf, sidesFor, sidesOf } from "../pixel-size.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { type ImageFamily, imageFamily } from "./image-family.ts";
import { arkBody, arkFailure, arkPost } from "./native.ts";

const imagesAtOnceMax = 15;
const seedMax = 2_147_483_647;
const ratioMax = 16;
const paid = {
  size: "params.size",
  image: "params.images",
  response_format: "",
  stream: "",
  // A set has as many images as the model likes, and each is paid for.
  sequential_image_generation: "params.n",
  sequential_image_generation_options: "params.n",
};

/** `POST /images/generations`, which edits as well: an image for each exchange. */
export const image: TaskFor<ImageRequest, ImageResult> = () => adapter;

const adapter: UnaryAdapter<ImageRequest, ImageResult> = {
  kind: "unary",
  check,
  defaults: (_request, model): Readonly<Record<string, string>> => {
    const [size] = imageFamily(model.nativeId).sizes;
    return size === undefined ? {} : { size };
  },
  split,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    const { prompt, params, provider_options } = request;
    const given = params.images?.map((input) => inputUrl("image", input));
    const body = defined({
      model: model.nativeId,
      prompt,
      image: given?.length === 1 ? given[0] : given,
      size: sizeOf(params, imageFamily(model.nativeId)),
      output_format: params.format !== undefined && hasFormats(model) ? params.format : undefined,
      seed: params.seed,
      response_format: "b64_json",
      watermark: false,
    });
    return arkPost("/images/generations", body, credentials, provider_options, paid);
  },
  decode,
};

const hasFormats = ({ nativeId }: ModelCard) => imageFamily(nativeId).formats.length > 1;

/** A part of several says `n: 1`, so that one of them held back is no failure of all. */
function split(request: ImageRequest): readonly ImageRequest[] {
  const { n = 1, ...params } = request.params;
  if (n === 1) return [{ ...request, params }];
  return Array.from({ length: n }, (_, at) => ({
    ...request,
    // The same seed would draw the same image again.
    params: { ...params, n: 1, ...(params.seed !== undefined && { seed: params.seed + at }) },
  }));
}

function check({ prompt, params }: ImageRequest, { nativeId }: ModelCard): UnsupportedField[] {
  const family = imageFamily(nativeId);
  const found = [
    ...checkPrompt(prompt),
    ...checkParams(params, {
      n: { from: 1, to: imagesAtOnceMax, whole: true },
      size: sizeRule(params.size, family),
      aspect_ratio: ratioRule(params, family),
      format: { oneOf: family.formats },
      images: { atMost: family.inputsMax },
      seed: family.seed && { from: 0, to: seedMax - imagesAtOnceMax, whole: true },
    }),
  ];
  if (family.needsInput && !params.images?.length) {
    found.push({ field: "params.images", reason: "it only edits", allowed: "an image", droppable: false });
  }
  return found;
}

function sizeRule(size: string | undefined, { sizes, pixels: [min, max] }: ImageFamily): ParamRule | undefined {
  if (sizes.length === 0) return undefined;
  const sides = sidesOf(size);
  const pixels = sides ? sides[0] * sides[1] : 0;
  if (size === undefined || sizes.includes(size) || (pixels >= min && pixels <= max)) return true;
  const names = sizes.map((name) => `"${name}"`).join(", ");
  return { refused: `it cannot draw ${size}`, allowed: `${names}, or from ${min} to ${max} pixels` };
}

function ratioRule({ size, aspect_ratio: ratio }: ImageRequest["params"], family: ImageFamily): ParamRule {
  if (family.sizes.length === 0) return { oneOf: ["auto"] };
  if (sidesOf(size)) return { refused: "size says it already", allowed: "one of the two" };
  const shape = ratio === undefined ? 1 : (ratioOf(ratio) ?? 1);
  const fits = shape <= ratioMax && shape >= 1 / ratioMax;
  return fits || { refused: `${ratio} is too narrow`, allowed: "from 1:16 to 16:1" };
}

/** Said even where nobody asked, since it may be what is paid for. A name alone leaves the shape to the model. */
function sizeOf({ size, aspect_ratio: ratio }: ImageRequest["params"], { sizes, pixels }: ImageFamily): string {
  const name = size ?? sizes[0] ?? "adaptive";
  if (ratio === undefined || ratio === "auto" || !Object.hasOwn(namedPixels, name)) return name;
  const wanted = Math.min(namedPixels[name] ?? 0, pixels[1]);
  return sidesFor(ratio, wanted).join("x");
}

/** Of a set, each item is an image or why there is none. */
function decode(answer: WireAnswer, { params }: ImageRequest): Outcome<ImageResult> {
  const read = arkBody(answer);
  if ("failure" in read) return read;
  const { body } = read;
  const items = asList(body.data).flatMap<JsonObject>((item) => asObject(item) ?? []);
  const images = items.flatMap((item) => {
    const made = fromBase64(item.b64_json) ?? fromUrl(item.url, "image/jpeg");
    const [width, height] = sidesOf(typeof item.size === "string" ? item.size : undefined) ?? [];
    return made ? [{ ...made, ...defined({ width, height }) }] : [];
  });
  const failures = items.flatMap((item) => arkFailure(item.error) ?? []);
  const used = asObject(body.usage);
  const usage = defined({
    images: asCount(used?.generated_images) ?? images.length,
    outputTokens: asCount(used?.output_tokens),
  });
  const filtered = failures.filter(({ kind }) => kind === "content_refused").length;
  const warnings = failures.map(({ message }) => message);
  const isOneOfSeveral = params.n === 1 && filtered > 0;
  if (images.length > 0 || isOneOfSeveral) {
    return {
      result: { images, ...(filtered > 0 && { filtered }) },
      usage,
      requestId: requestIdOf(answer),
      ...(warnings.length > 0 && { warnings }),
    };
  }
  const [first = arkFailure(body.error)] = failures;
  return { ...(first ? { failure: first } : missing("images")), ...(usage.images > 0 && { usage }) };
}
