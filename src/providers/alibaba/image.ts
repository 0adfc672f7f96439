import type { ModelCard } from "../../core/model-card.ts";
import { checkFile, inputUrl } from "../input-media.ts";
import { fromUrl, missing } from "../media-answer.ts";
import { asCount, asList, asObject, defined } from "../narrow.ts";
import { checkParams, checkPrompt, type ParamRule } from "../param-rules.ts";
import { namedPixels, ratioOf, sidesFor, sidesOf } from "../pixel-size.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { multimodalPath, nativeAnswer, nativePost } from "./native.ts";

const imagesMax = 4;
/** Images that a model edits, or is guided by. */
const inputsMax = ({ nativeId }: ModelCard) => (nativeId.startsWith("qwen-image-3") ? 3 : 9);
const inputBytesMax = 20_000_000;
const inputEndings = ["png", "jpg", "jpeg", "webp", "bmp", "tiff"];
const seedMax = 2_147_483_647;
const pixelsMin = 512 ** 2;
const ratioMax = 4;
const paid = { input: "prompt and params.images", "parameters.size": "params.size", "parameters.n": "params.n" };

/** `POST …/multimodal-generation/generation`. Models before Wan 2.6 have another route, as tasks alone. */
export const image: TaskFor<ImageRequest, ImageResult> = ({ nativeId }) =>
  /^(?:wanx|wan2\.[0-5])/.test(nativeId) ? undefined : adapter;

const adapter: UnaryAdapter<ImageRequest, ImageResult> = {
  kind: "unary",
  check,
  // What keeps the size of what it is made from may be large.
  defaults: ({ params }) => ({ size: sizeOf(params) === undefined ? "2K" : "1K" }),
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    const { prompt, params, provider_options } = request;
    const body = {
      model: model.nativeId,
      input: {
        messages: [
          {
            role: "user",
            content: [...(params.images ?? []).map((input) => ({ image: inputUrl("image", input) })), { text: prompt }],
          },
        ],
      },
      parameters: defined({
        size: sizeOf(params),
        n: params.n,
        negative_prompt: params.negative_prompt,
        seed: params.seed,
        watermark: false,
      }),
    };
    return nativePost({ path: multimodalPath, body, options: provider_options, paid }, credentials);
  },
  decode,
};

/** The pixels that a model's largest image has. */
function pixelsMaxOf({ nativeId }: ModelCard): number {
  return nativeId.startsWith("wan2.7-image-pro") ? 4_096 ** 2 : 2_048 ** 2;
}

function check({ prompt, params }: ImageRequest, model: ModelCard): UnsupportedField[] {
  const { size, aspect_ratio: ratio, images = [] } = params;
  const names = Object.entries(namedPixels).filter(([, pixels]) => pixels <= pixelsMaxOf(model));
  return [
    ...checkPrompt(prompt),
    ...checkParams(params, {
      n: { from: 1, to: imagesMax, whole: true },
      size: sizeRule(size, names, pixelsMaxOf(model)),
      aspect_ratio: sidesOf(size) ? { refused: "size says it already", allowed: "one of the two" } : ratioRule(ratio),
      format: { oneOf: ["png"] },
      images: { atMost: inputsMax(model) },
      negative_prompt: true,
      seed: { from: 0, to: seedMax, whole: true },
    }),
    ...images.flatMap((input, at) =>
      checkFile(`params.images[${at}]`, "image", input, { endings: inputEndings, bytesMax: inputBytesMax }),
    ),
  ];
}

function sizeRule(size: string | undefined, names: readonly [string, number][], pixelsMax: number): ParamRule {
  const sides = sidesOf(size);
  if (size === undefined || names.some(([name]) => name === size)) return true;
  const pixels = sides ? sides[0] * sides[1] : 0;
  if (pixels >= pixelsMin && pixels <= pixelsMax) return true;
  const words = names.map(([name]) => `"${name}"`).join(", ");
  const side = Math.sqrt(pixelsMax);
  return { refused: `it cannot draw ${size}`, allowed: `${words}, or from 512x512 to ${side}x${side} pixels in all` };
}

function ratioRule(ratio: string | undefined): ParamRule {
  const shape = ratio === undefined ? 1 : (ratioOf(ratio) ?? 1);
  const fits = shape <= ratioMax && shape >= 1 / ratioMax;
  return fits || { refused: `${ratio} is too narrow`, allowed: "from 1:4 to 4:1" };
}

/** Said even where nobody asked, since a larger image costs more; an image that is edited keeps its own. */
function sizeOf({ size, aspect_ratio: ratio, images }: ImageRequest["params"]): string | undefined {
  if (images && size === undefined && (ratio === undefined || ratio === "auto")) return undefined;
  const [width, height] = sidesOf(size) ?? sidesFor(ratio, namedPixels[size ?? "1K"] ?? 0);
  return `${width}*${height}`;
}

function decode(answer: WireAnswer): Outcome<ImageResult> {
  const read = nativeAnswer(answer);
  if ("failure" in read) return read;
  const images = asList(read.output.choices).flatMap((choice) =>
    asList(asObject(asObject(choice)?.message)?.content).flatMap(
      (part) => fromUrl(asObject(part)?.image, "image/png") ?? [],
    ),
  );
  const usage = { images: asCount(read.usage.image_count) ?? images.length };
  if (images.length === 0) return { ...missing("images"), ...(usage.images > 0 && { usage }) };
  return { result: { images }, usage, requestId: read.requestId };
}
