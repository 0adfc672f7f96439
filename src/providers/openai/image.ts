import type { ModelCard } from "../../core/model-card.ts";
import type { Usage } from "../../core/usage.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { formFields } from "../form-fields.ts";
import { checkAllBytes, checkBytes, checkFile, inputFile } from "../input-media.ts";
import { answerObject, fromBase64, missing, requestIdOf } from "../media-answer.ts";
import { type FormPart, multipart } from "../multipart.ts";
import { asCount, asList, asObject, asWord, defined, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { imageGeneration, sizeRules, wireSize } from "./image-size.ts";

const promptCharactersMax = 32_000;
const inputsMax = 16;
const inputBytesMax = 50_000_000;
const paid = { size: "params.size", quality: "params.quality", partial_images: "", image: "params.images" };

/** `POST /images/generations`, and `POST /images/edits` where there are images to work from. DALL·E has ended. */
export const image: TaskFor<ImageRequest, ImageResult> = (model) =>
  model.nativeId.startsWith("dall-e") ? undefined : adapter;

const adapter: UnaryAdapter<ImageRequest, ImageResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    return request.params.images ? edit(request, model, credentials) : generate(request, model, credentials);
  },
  decode,
};

function check({ prompt, params }: ImageRequest, model: ModelCard): UnsupportedField[] {
  const generation = imageGeneration(model.nativeId);
  const { images = [], mask } = params;
  const reads = { endings: ["png", "jpg", "webp"], bytesMax: inputBytesMax };
  return [
    ...checkPrompt(prompt, promptCharactersMax),
    ...checkParams(params, {
      n: { from: 1, to: 10, whole: true },
      ...sizeRules(generation, params),
      quality: { oneOf: ["low", "medium", "high", ...(generation >= 2.5 ? ["max"] : [])] },
      format: { oneOf: ["png", "jpeg", "webp"] },
      background:
        params.background === "transparent" && params.format === "jpeg"
          ? { refused: "a JPEG has no transparency", allowed: 'the format "png" or "webp"' }
          : true,
      images: { atMost: inputsMax },
      mask: images.length > 0 ? true : { refused: "there is no image to change", allowed: "images as well" },
    }),
    ...checkAllBytes("params.images", images),
    ...checkBytes("params.mask", mask),
    ...images.flatMap((input, at) => checkFile(`params.images[${at}]`, "image", input, reads)),
    ...(mask ? checkFile("params.mask", "image", mask, { endings: ["png"], bytesMax: inputBytesMax }) : []),
  ];
}

function fields({ prompt, params, provider_options }: ImageRequest, model: ModelCard): JsonObject {
  const body = defined({
    model: model.nativeId,
    prompt,
    n: params.n,
    size: wireSize(imageGeneration(model.nativeId), params),
    quality: params.quality,
    output_format: params.format,
    background: params.background,
  });
  return withMediaOptions(body, provider_options, "openai", paid);
}

function generate(request: ImageRequest, model: ModelCard, credentials: Credentials): WireRequest {
  return {
    method: "POST",
    url: `${credentials.baseUrl}/images/generations`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(fields(request, model)),
  };
}

function edit(request: ImageRequest, model: ModelCard, credentials: Credentials): WireRequest {
  const { images = [], mask } = request.params;
  const files: FormPart[] = images.map((input) => ({ name: "image[]", ...inputFile("image", input) }));
  if (mask) files.push({ name: "mask", ...inputFile("image", mask) });
  const { contentType, body } = multipart([...formFields(fields(request, model)), ...files]);
  return {
    method: "POST",
    url: `${credentials.baseUrl}/images/edits`,
    headers: { ...bearer(credentials.apiKey), "content-type": contentType, ...credentials.headers },
    body,
  };
}

function decode(answer: WireAnswer): Outcome<ImageResult> {
  const body = answerObject(answer);
  const format = asWord(body?.output_format);
  const [width, height] = (asWord(body?.size) ?? "").split("x").map(asCount);
  const images = asList(body?.data).flatMap((item) => {
    const drawn = fromBase64(asObject(item)?.b64_json, format && `image/${format}`);
    return drawn ? [{ ...drawn, ...defined({ width, height }) }] : [];
  });
  if (images.length === 0) return missing("images");
  return {
    result: { images },
    usage: usage(asObject(body?.usage) ?? {}, images.length),
    requestId: requestIdOf(answer),
  };
}

function usage(counted: JsonObject, images: number): Usage {
  const input = asObject(counted.input_tokens_details);
  const outputTokens = asCount(counted.output_tokens);
  return defined({
    images,
    inputTokens: asCount(counted.input_tokens),
    cachedInputTokens: asCount(input?.cached_tokens),
    imageInputTokens: asCount(input?.image_tokens),
    outputTokens,
    // Details of the output are newer than the models; without them all of it was drawn.
    imageOutputTokens: asCount(asObject(counted.output_tokens_details)?.image_tokens) ?? outputTokens,
  });
}
