import { failure } from "../failure.ts";
import { answerObject } from "../media-answer.ts";
import type { JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Failed } from "../task-adapter.ts";
import { errorIn } from "./error.ts";

/** A route of Inworld's. The portal's key is in base64 already and goes out as it is. */
export function inworldPost(
  path: string,
  body: JsonObject,
  { apiKey, baseUrl, headers }: Credentials,
  options: JsonObject | undefined,
  paid: Readonly<Record<string, string>>,
): WireRequest {
  return {
    method: "POST",
    url: `${baseUrl}${path}`,
    headers: { authorization: `Basic ${apiKey}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(withMediaOptions(body, options, "inworld", paid)),
  };
}

export function inworldBody(answer: WireAnswer): { readonly body: JsonObject } | Failed {
  const body = answerObject(answer);
  if (!body) return { failure: failure("malformed", "the answer is not JSON") };
  const error = errorIn(body);
  return error ? { failure: error } : { body };
}
