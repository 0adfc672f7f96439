import type { ModelCard } from "../../core/model-card.ts";
import { inputUrl } from "../input-media.ts";
import { defined } from "../narrow.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { decodeImages, recraftPost } from "./answer.ts";
import { type Edit, editOf } from "./models.ts";

const promptCharactersMax = 1_000;
const nothing: Edit = { prompt: false, mask: false, isVector: false };

/** The routes that do one thing to one image: `POST /images/vectorize` and its like. */
export const editImage: UnaryAdapter<ImageRequest, ImageResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    const { prompt, params, provider_options } = request;
    const [source] = params.images ?? [];
    const body = defined({
      model: editOf(model)?.model,
      prompt: prompt || undefined,
      image: source && inputUrl("image", source),
      mask: params.mask && inputUrl("image", params.mask),
      n: params.n,
      image_format: params.format,
      random_seed: params.seed,
      negative_prompt: params.negative_prompt,
    });
    return recraftPost(model.nativeId, body, credentials, provider_options);
  },
  decode: (answer, _request, model) => decodeImages(answer, (editOf(model) ?? nothing).isVector),
};

function check({ prompt, params }: ImageRequest, model: ModelCard): UnsupportedField[] {
  const edit = editOf(model) ?? nothing;
  const draws = edit.model !== undefined;
  const found: UnsupportedField[] = [
    ...(edit.prompt ? checkPrompt(prompt, promptCharactersMax) : []),
    ...checkParams(params, {
      images: { atMost: 1 },
      mask: edit.mask || { refused: "it works on the whole image" },
      format: edit.isVector ? { oneOf: ["svg"] } : { oneOf: ["png", "webp"] },
      n: draws ? { from: 1, to: 6, whole: true } : { oneOf: [1] },
      seed: draws || undefined,
      negative_prompt: draws || undefined,
    }),
  ];
  if (!params.images) found.push(needs("params.images", "it works on an image"));
  if (edit.mask && !params.mask) found.push(needs("params.mask", "it has to know where"));
  if (!edit.prompt && prompt.trim() !== "") {
    found.push({ field: "prompt", reason: "it reads none", allowed: "no prompt", droppable: false });
  }
  return found;
}

function needs(field: string, reason: string): UnsupportedField {
  return { field, reason, allowed: "an image", droppable: false };
}
