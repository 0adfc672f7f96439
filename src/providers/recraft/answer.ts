import { bearer } from "../dialects/openai-chat/request.ts";
import { failure } from "../failure.ts";
import { answerObject, fromBase64, fromUrl, missing, requestIdOf } from "../media-answer.ts";
import { asCount, asList, asObject, defined, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { ImageResult } from "../shapes/image.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Outcome } from "../task-adapter.ts";

/** A thousand units are a dollar. */
const nanoUsdPerUnit = 1_000_000n;
const milliUnits = 1_000;
const paid = {
  n: "params.n",
  size: "params.size or params.aspect_ratio",
  model: "model",
  image: "params.images",
  mask: "params.mask",
  response_format: "",
};

/** One of Recraft's routes, images as `data:` URLs in JSON. */
export function recraftPost(
  route: string,
  body: JsonObject,
  { apiKey, baseUrl, headers }: Credentials,
  options: JsonObject | undefined,
): WireRequest {
  return {
    method: "POST",
    url: `${baseUrl}/images/${route}`,
    headers: { ...bearer(apiKey), "content-type": "application/json", ...headers },
    body: JSON.stringify(withMediaOptions({ ...body, response_format: "b64_json" }, options, "recraft", paid)),
  };
}

/** A list of images in `data`, or one in `image`; `credits` says what it cost. */
export function decodeImages(answer: WireAnswer, isVector: boolean): Outcome<ImageResult> {
  const body = answerObject(answer);
  if (!body) return { failure: failure("malformed", "the answer is not JSON") };
  const mediaType = isVector ? "image/svg+xml" : undefined;
  const images = [...asList(body.data), body.image].flatMap((value) => {
    const item = asObject(value);
    return fromBase64(item?.b64_json, mediaType) ?? fromUrl(item?.url, mediaType ?? "image/webp") ?? [];
  });
  const usage = defined({ images: images.length || undefined, providerCostNanoUsd: fromUnits(body.credits) });
  if (images.length === 0) return { ...missing("images"), usage };
  return { result: { images }, usage, requestId: requestIdOf(answer) };
}

function fromUnits(credits: unknown): bigint | undefined {
  const units = asCount(credits);
  return units === undefined
    ? undefined
    : (BigInt(Math.ceil(units * milliUnits)) * nanoUsdPerUnit) / BigInt(milliUnits);
}
