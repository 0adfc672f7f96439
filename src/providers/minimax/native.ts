import { streamedFailure } from "../dialects/openai-chat/error.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { failure } from "../failure.ts";
import { answerObject, requestIdOf } from "../media-answer.ts";
import { asWord, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Failed } from "../task-adapter.ts";
import { baseRespError, errorKind } from "./error.ts";

/** A native route of MiniMax, with a JSON body. */
export function nativePost(
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
    body: JSON.stringify(withMediaOptions(body, options, "minimax", paid)),
  };
}

export function nativeGet(path: string, credentials: Credentials): WireRequest {
  return {
    method: "GET",
    url: `${credentials.baseUrl}${path}`,
    headers: { ...bearer(credentials.apiKey), ...credentials.headers },
  };
}

/** The body of a native answer; every failure comes under status 200, in its `base_resp`. */
export function nativeBody(answer: WireAnswer): { readonly body: JsonObject } | Failed {
  const body = answerObject(answer);
  if (!body) return { failure: failure("malformed", "the answer is not JSON") };
  const error = baseRespError(body);
  return error ? { failure: streamedFailure(error, errorKind) } : { body };
}

export function traceOf(answer: WireAnswer, body: JsonObject): string | undefined {
  return asWord(body.trace_id) ?? requestIdOf(answer);
}
