import type { ChatError, ErrorKind } from "../dialects/openai-chat/error.ts";
import { asCount, asObject, asText, type JsonObject, lookup } from "../narrow.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** `base_resp.status_code`, the same on every route. */
const kinds: Readonly<Record<string, ProviderFailure["kind"]>> = {
  1000: "server_error",
  1001: "timeout",
  1002: "rate_limited",
  1004: "unauthenticated",
  1008: "quota_exhausted",
  1013: "server_error",
  1024: "server_error",
  1026: "content_refused",
  1027: "content_refused",
  1028: "quota_exhausted",
  1030: "quota_exhausted",
  1033: "server_error",
  1039: "rate_limited",
  1041: "rate_limited",
  1042: "bad_request",
  2013: "bad_request",
  2038: "forbidden",
  2045: "rate_limited",
  2049: "unauthenticated",
  2056: "quota_exhausted",
  2061: "forbidden",
};

/** The error in a `base_resp`, which comes under status 200. */
export function baseRespError(body: JsonObject): ChatError | undefined {
  const base = asObject(body.base_resp);
  const code = asCount(base?.status_code);
  if (!base || code === undefined || code === 0) return undefined;
  return { message: asText(base.status_msg) ?? "", code: String(code), type: undefined, status: undefined };
}

/** The compatible routes put the code at the message's end: "… (2056)". */
export const errorKind: ErrorKind = ({ code, message }) =>
  lookup(kinds, code) ?? lookup(kinds, /\((\d{4})\)\s*$/.exec(message)?.[1]);
