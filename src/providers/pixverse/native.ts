import { streamedFailure } from "../dialects/openai-chat/error.ts";
import { failure } from "../failure.ts";
import { answerObject } from "../media-answer.ts";
import { asObject, type JsonObject } from "../narrow.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Failed } from "../task-adapter.ts";
import { envelopeError, errorKind } from "./error.ts";

const prefix = "/openapi/v2";

/** A route of PixVerse's. A trace id that was seen before is answered as it was then, so that each sending has its own. */
export function pixverseRequest(
  path: string,
  { apiKey, baseUrl, headers }: Credentials,
  content: Pick<WireRequest, "body"> & { readonly contentType?: string | undefined } = {},
): WireRequest {
  const { body, contentType = "application/json" } = content;
  return {
    method: body === undefined ? "GET" : "POST",
    url: `${baseUrl}${prefix}${path}`,
    headers: { "api-key": apiKey, ...(body !== undefined && { "content-type": contentType }), ...headers },
    freshIdHeaders: ["ai-trace-id"],
    ...(body !== undefined && { body }),
  };
}

/** What an envelope holds; every failure comes under status 200, as its `ErrCode`. */
export function envelopeOf(answer: WireAnswer): { readonly resp: JsonObject } | Failed {
  const body = answerObject(answer);
  if (!body) return { failure: failure("malformed", "the answer is not JSON") };
  const error = envelopeError(body);
  if (error) return { failure: streamedFailure(error, errorKind) };
  return { resp: asObject(body.Resp) ?? {} };
}
