import type { ModelCard } from "../../core/model-card.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { fromTicks } from "../dialects/openai-chat/usage.ts";
import { inputUrl } from "../input-media.ts";
import { answerObject, fromBase64, fromUrl, heldBack, missing, requestIdOf } from "../media-answer.ts";
import { asList, asObject, asWord, defined, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { errorIn } from "./error.ts";

const ratios = ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "2:1", "1:2", "19.5:9", "9:19.5", "20:9", "9:20"];
const paid = { resolution: "params.size", quality: "params.quality", image: "params.images", images: "params.images" };

/** `POST /images/generations`, and `POST /images/edits`, which is JSON here too. */
export const image: TaskFor<ImageRequest, ImageResult> = () => adapter;

const adapter: UnaryAdapter<ImageRequest, ImageResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    return imageRequest(request, model, credentials);
  },
  decode,
};

function check({ prompt, params }: ImageRequest): UnsupportedField[] {
  return [
    ...checkPrompt(prompt),
    ...checkParams(params, {
      n: { from: 1, to: 10, whole: true },
      size: { oneOf: ["1K", "2K"] },
      aspect_ratio: { oneOf: ["auto", ...ratios] },
      quality: { oneOf: ["low", "medium", "high"] },
      format: { oneOf: ["jpeg"] },
      images: true,
    }),
  ];
}

function imageRequest(
  { prompt, params, provider_options }: ImageRequest,
  model: ModelCard,
  credentials: Credentials,
): WireRequest {
  const given = (params.images ?? []).map((input) => ({ url: inputUrl("image", input), type: "image_url" }));
  const body = defined({
    model: model.nativeId,
    prompt,
    image: given.length === 1 ? given[0] : undefined,
    images: given.length > 1 ? given : undefined,
    n: params.n,
    aspect_ratio: params.aspect_ratio,
    resolution: params.size?.toLowerCase(),
    quality: params.quality,
    response_format: "b64_json",
  });
  return {
    method: "POST",
    url: `${credentials.baseUrl}/images/${given.length > 0 ? "edits" : "generations"}`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(withMediaOptions(body, provider_options, "xai", paid)),
  };
}

function decode(answer: WireAnswer): Outcome<ImageResult> {
  const body = answerObject(answer);
  const error = errorIn(body);
  if (error) return { failure: error };
  const items = asList(body?.data).flatMap<JsonObject>((item) => asObject(item) ?? []);
  const kept = items.filter((item) => item.respect_moderation !== false);
  const images = kept.flatMap((item) => {
    const type = asWord(item.mime_type);
    return fromBase64(asWord(item.b64_json), type) ?? fromUrl(item.url, type ?? "image/jpeg") ?? [];
  });
  const usage = defined({
    images: images.length,
    providerCostNanoUsd: fromTicks(asObject(body?.usage)?.cost_in_usd_ticks),
  });
  const filtered = items.length - kept.length;
  if (images.length === 0)
    return filtered > 0 ? { ...heldBack("the images were held back"), usage } : missing("images");
  return { result: { images, ...(filtered > 0 && { filtered }) }, usage, requestId: requestIdOf(answer) };
}
