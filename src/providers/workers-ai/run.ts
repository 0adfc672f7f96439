import type { ModelCard } from "../../core/model-card.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { asObject, type JsonObject, parseObject } from "../narrow.ts";
import { withProviderOptions } from "../provider-options.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";

/** `POST /run/{model}`, Workers AI's native route: the model's slashes stay, what else is odd does not. */
export function runRequest(
  body: JsonObject,
  model: ModelCard,
  credentials: Credentials,
  options: JsonObject | undefined,
): WireRequest {
  const path = model.nativeId.split("/").map((step) => encodeURIComponent(step).replace("%40", "@"));
  return {
    method: "POST",
    url: `${credentials.baseUrl}/run/${path.join("/")}`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(withProviderOptions(body, options, "workers-ai")),
  };
}

/** The `result` in the envelope of a native answer. */
export function runResult(answer: WireAnswer): JsonObject | undefined {
  const body = parseObject(Buffer.from(answer.body).toString("utf8"));
  return asObject(body?.result);
}
