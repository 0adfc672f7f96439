import { chatError, streamedFailure } from "../dialects/openai-chat/error.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { failure } from "../failure.ts";
import { answerObject } from "../media-answer.ts";
import type { JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { ProviderFailure } from "../shapes/event.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Failed } from "../task-adapter.ts";
import { errorKind } from "./error.ts";

/** A route of Ark with a JSON body. */
export function arkPost(
  path: string,
  body: JsonObject,
  credentials: Credentials,
  options: JsonObject | undefined,
  paid: Readonly<Record<string, string>>,
): WireRequest {
  return {
    method: "POST",
    url: `${credentials.baseUrl}${path}`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(withMediaOptions(body, options, "bytedance", paid)),
  };
}

/** The body of an answer, or that it is none. */
export function arkBody(answer: WireAnswer): { readonly body: JsonObject } | Failed {
  const body = answerObject(answer);
  return body ? { body } : { failure: failure("malformed", "the answer is not JSON") };
}

/** The failure in an `error` member, whatever holds it; undefined when there is none. */
export function arkFailure(error: unknown): ProviderFailure | undefined {
  if (error === undefined || error === null) return undefined;
  const said = chatError({ error });
  return said && streamedFailure(said, errorKind);
}
