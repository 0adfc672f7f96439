import type { ModelCard } from "../../core/model-card.ts";
import { formFields } from "../form-fields.ts";
import { checkAllBytes, inputFile, inputSource } from "../input-media.ts";
import { contentTypeOf, fromBase64, fromBytes, missing, requestIdOf } from "../media-answer.ts";
import { type FormPart, multipart } from "../multipart.ts";
import { defined } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { imageFamily, shapeRules, sidesOf } from "./image-family.ts";
import { runFailure, runRequest, runResult, runWith } from "./run.ts";

const imagesAtOnceMax = 10;
const paid = { steps: "", num_steps: "", width: "params.size", height: "params.size" };

/** Models that draw: an image for each exchange, as bytes or in JSON, by the model. */
export const image: TaskFor<ImageRequest, ImageResult> = () => adapter;

const adapter: UnaryAdapter<ImageRequest, ImageResult> = {
  kind: "unary",
  check,
  split: ({ params: { n = 1, ...params }, ...request }) =>
    Array.from({ length: n }, (_, at) => ({
      ...request,
      // The same seed would draw the same image again.
      params: { ...params, ...(params.seed !== undefined && { seed: params.seed + at }) },
    })),
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    return imageRequest(request, model, credentials);
  },
  decode,
};

function check({ prompt, params }: ImageRequest, model: ModelCard): UnsupportedField[] {
  const family = imageFamily(model.nativeId);
  return [
    ...checkPrompt(prompt, family.promptCharactersMax),
    ...checkParams(params, {
      n: { from: 1, to: imagesAtOnceMax, whole: true },
      ...shapeRules(family, params),
      images: family.inputsMax > 0 ? { atMost: family.inputsMax } : { refused: "it draws from words alone" },
      negative_prompt: family.negativePrompt || { refused: "it only knows what to draw" },
      seed: true,
    }),
    ...(family.inputsMax > 0 ? checkAllBytes("params.images", params.images) : []),
  ];
}

function imageRequest(
  { prompt, params, provider_options }: ImageRequest,
  model: ModelCard,
  credentials: Credentials,
): WireRequest {
  const family = imageFamily(model.nativeId);
  const fields = defined({
    prompt,
    negative_prompt: params.negative_prompt,
    ...(family.sides && sidesOf(params)),
    seed: params.seed,
    ...family.fixed,
  });
  if (family.body === "json") {
    const [input] = params.images ?? [];
    const source = input && inputSource("image", input);
    const given = source?.kind === "data" ? { image_b64: source.base64 } : {};
    return runRequest({ ...fields, ...given }, model, credentials, provider_options, paid);
  }
  const files = (params.images ?? []).map(
    (input, at): FormPart => ({ name: `input_image_${at}`, ...inputFile("image", input) }),
  );
  const form = multipart([...formFields(withMediaOptions(fields, provider_options, "workers-ai", paid)), ...files]);
  return runWith(form.body, form.contentType, model, credentials);
}

function decode(answer: WireAnswer): Outcome<ImageResult> {
  const failed = runFailure(answer);
  if (failed) return { failure: failed };
  const type = contentTypeOf(answer);
  const drawn = type.startsWith("image/") ? fromBytes(answer.body, type) : fromBase64(runResult(answer)?.image);
  if (!drawn) return missing("image");
  return { result: { images: [drawn] }, usage: { images: 1 }, requestId: requestIdOf(answer) };
}
