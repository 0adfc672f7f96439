import type { ModelCard } from "../../core/model-card.ts";
import { chatError, streamedFailure } from "../dialects/openai-chat/error.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { answerObject } from "../media-answer.ts";
import { asObject, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { ProviderFailure } from "../shapes/event.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import { errorKind } from "./error.ts";

/** `POST /run/{model}`, Workers AI's native route: the model's slashes stay, what else is odd does not. */
export function runRequest(
  body: JsonObject,
  model: ModelCard,
  credentials: Credentials,
  options: JsonObject | undefined,
  paid: Readonly<Record<string, string>> = {},
): WireRequest {
  const json = JSON.stringify(withMediaOptions(body, options, "workers-ai", paid));
  return runWith(json, "application/json", model, credentials);
}

/** The same with a body of another type: a form, or a recording as it is. */
export function runWith(
  body: string | Uint8Array,
  contentType: string,
  model: ModelCard,
  credentials: Credentials,
  query = "",
): WireRequest {
  const path = model.nativeId.split("/").map((step) => encodeURIComponent(step).replace("%40", "@"));
  return {
    method: "POST",
    url: `${credentials.baseUrl}/run/${path.join("/")}${query === "" ? "" : `?${query}`}`,
    headers: { ...bearer(credentials.apiKey), "content-type": contentType, ...credentials.headers },
    body,
  };
}

/** The failure that an envelope holds under a status of success. */
export function runFailure(answer: WireAnswer): ProviderFailure | undefined {
  const body = answerObject(answer);
  const error = body?.success === false ? chatError(body) : undefined;
  return error && streamedFailure(error, errorKind);
}

/** The `result` in the envelope of a native answer. */
export function runResult(answer: WireAnswer): JsonObject | undefined {
  return asObject(answerObject(answer)?.result);
}
