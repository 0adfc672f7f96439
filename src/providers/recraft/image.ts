import type { ModelCard } from "../../core/model-card.ts";
import { inputUrl } from "../input-media.ts";
import { asCount, asWord, defined, lookup } from "../narrow.ts";
import { checkParams, checkPrompt, type ParamRule } from "../param-rules.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { decodeImages, recraftPost } from "./answer.ts";
import { editImage } from "./edit.ts";
import { editOf, lineOf } from "./models.ts";

/** How far an image that is redrawn may go from what it was: from 0, the same, to 1. `provider_options` has it. */
const strengthDefault = 0.5;
const imagesMax = 6;

/** Models draw; what the catalog lists beside them does one thing to one image. */
export const image: TaskFor<ImageRequest, ImageResult> = (model) => (editOf(model) ? editImage : drawImage);

/** `POST /images/generations`; with an image `/images/imageToImage`, and with a mask `/images/inpaint`. */
const drawImage: UnaryAdapter<ImageRequest, ImageResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    const { prompt, params, provider_options } = request;
    const [source] = params.images ?? [];
    const route = !source ? "generations" : params.mask ? "inpaint" : "imageToImage";
    const body = defined({
      model: model.nativeId,
      prompt,
      n: params.n,
      size: source ? undefined : (params.size ?? lookup(lineOf(model).shapes, params.aspect_ratio)),
      image: source && inputUrl("image", source),
      mask: params.mask && inputUrl("image", params.mask),
      strength: route === "imageToImage" ? (asCount(provider_options?.strength) ?? strengthDefault) : undefined,
      negative_prompt: params.negative_prompt,
      image_format: params.format === "svg" ? undefined : params.format,
      random_seed: params.seed,
    });
    return recraftPost(route, body, credentials, provider_options);
  },
  decode: (answer, _request, model) => decodeImages(answer, lineOf(model).isVector),
};

function check({ prompt, params, provider_options }: ImageRequest, model: ModelCard): UnsupportedField[] {
  const line = lineOf(model);
  const { images, mask, size } = params;
  const unlessEdited = (rule: ParamRule): ParamRule =>
    images ? { refused: "an image that is redrawn keeps its shape", allowed: "no images" } : rule;
  const found: UnsupportedField[] = [
    ...checkPrompt(prompt, line.promptCharactersMax),
    ...checkParams(params, {
      n: { from: 1, to: imagesMax, whole: true },
      size: unlessEdited({ oneOf: Object.values(line.shapes) }),
      aspect_ratio: unlessEdited(
        size === undefined
          ? { oneOf: Object.keys(line.shapes) }
          : { refused: "there is a size as well", allowed: "one of both" },
      ),
      format: { oneOf: line.isVector ? ["svg"] : ["webp", "png"] },
      images: line.fromImage ? { atMost: 1 } : { refused: "it draws from words alone" },
      mask: line.fromMask || { refused: "it redraws whole images alone" },
      negative_prompt: line.negativePrompt || undefined,
      seed: true,
    }),
  ];
  if (mask && !images) {
    found.push({ field: "params.mask", reason: "there is no image", allowed: "an image with it", droppable: false });
  }
  if (line.needsStyle && asWord(provider_options?.style_id) === undefined) {
    const field = "provider_options.recraft.style_id";
    found.push({ field, reason: "it draws in a style of one's own", allowed: "a style's id", droppable: false });
  }
  return found;
}
