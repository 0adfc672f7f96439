import type { ChatError, ErrorKind } from "../dialects/openai-chat/error.ts";
import { asCount, asText, type JsonObject, lookup } from "../narrow.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** `ErrCode`, the same on every route. */
const kinds: Readonly<Record<string, ProviderFailure["kind"]>> = {
  400012: "unauthenticated",
  400013: "unauthenticated",
  10001: "unauthenticated",
  10002: "unauthenticated",
  10003: "unauthenticated",
  10004: "unauthenticated",
  10005: "unauthenticated",
  500008: "not_found",
  500020: "forbidden",
  500030: "too_large",
  500031: "bad_request",
  500032: "bad_request",
  500033: "bad_request",
  500041: "server_error",
  500042: "bad_request",
  500043: "quota_exhausted",
  500044: "rate_limited",
  500045: "overloaded",
  500054: "content_refused",
  500060: "quota_exhausted",
  500063: "content_refused",
  500064: "not_found",
  500069: "overloaded",
  500070: "bad_request",
  500071: "bad_request",
  500090: "quota_exhausted",
  500100: "server_error",
  500201: "server_error",
  99999: "server_error",
};

/** The error in an envelope, which comes under status 200 too. */
export function envelopeError(body: JsonObject): ChatError | undefined {
  const code = asCount(body.ErrCode);
  if (code === undefined || code === 0) return undefined;
  return { message: asText(body.ErrMsg) ?? "", code: String(code), type: undefined, status: undefined };
}

/** All that begin with 400 are about the request. */
export const errorKind: ErrorKind = ({ code, status }) =>
  lookup(kinds, code) ??
  (code === "429" ? "rate_limited" : undefined) ??
  (code?.startsWith("400") && (status ?? 200) < 500 ? "bad_request" : undefined);
