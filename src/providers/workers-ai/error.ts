import { type ChatError, chatError, type ErrorKind } from "../dialects/openai-chat/error.ts";
import { type JsonObject, lookup } from "../narrow.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** Cloudflare's own codes say more than the status. */
const kinds: Readonly<Record<string, ProviderFailure["kind"]>> = {
  3003: "bad_request",
  3006: "too_large",
  3007: "timeout",
  3008: "timeout",
  3023: "forbidden",
  3036: "quota_exhausted",
  3039: "bad_request",
  3040: "overloaded",
  3041: "forbidden",
  3042: "not_found",
  3043: "server_error",
  5004: "bad_request",
  5005: "bad_request",
  5007: "not_found",
  5016: "forbidden",
  5018: "forbidden",
  5019: "bad_request",
  10000: "unauthenticated",
};

/** Cloudflare's envelope around an error, which also comes in place of an event. */
export function envelopeError(body: JsonObject): ChatError | undefined {
  return body.success === false && Array.isArray(body.errors) ? chatError(body) : undefined;
}

export const errorKind: ErrorKind = ({ code }) => lookup(kinds, code);
