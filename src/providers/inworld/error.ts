import { chatError, type ErrorKind, streamedFailure } from "../dialects/openai-chat/error.ts";
import { asObject, type JsonObject, lookup } from "../narrow.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** gRPC's codes, which come as numbers. */
const kinds: Readonly<Record<string, ProviderFailure["kind"]>> = {
  3: "bad_request",
  4: "timeout",
  5: "not_found",
  7: "forbidden",
  8: "rate_limited",
  9: "bad_request",
  11: "bad_request",
  13: "server_error",
  14: "overloaded",
  16: "unauthenticated",
};

export const errorKind: ErrorKind = ({ code, message }) => {
  if ((code === "7" || code === "8") && /balance|billing|credit|quota|payment/i.test(message)) return "quota_exhausted";
  return lookup(kinds, code);
};

/** `{code, message, details}` under status 200, by itself or as the `error` of a line. */
export function errorIn(body: JsonObject): ProviderFailure | undefined {
  const held = asObject(body.error) ?? (typeof body.code === "number" && body.code !== 0 ? body : undefined);
  const error = held && chatError(held);
  return error && streamedFailure(error, errorKind);
}
