import type { WireHeaders } from "../adapter.ts";
import { durationMs, errorBody, failure, foreignBody, kindOfStatus, retryAfterMs } from "../failure.ts";
import { asCount, asList, asObject, asText, asWord, type JsonObject, lookup } from "../narrow.ts";
import type { ProviderFailure } from "../shapes/event.ts";

const kinds: Readonly<Record<string, ProviderFailure["kind"]>> = {
  INVALID_ARGUMENT: "bad_request",
  FAILED_PRECONDITION: "bad_request",
  OUT_OF_RANGE: "bad_request",
  UNAUTHENTICATED: "unauthenticated",
  PERMISSION_DENIED: "forbidden",
  NOT_FOUND: "not_found",
  RESOURCE_EXHAUSTED: "rate_limited",
  INTERNAL: "server_error",
  UNKNOWN: "server_error",
  UNAVAILABLE: "overloaded",
  DEADLINE_EXCEEDED: "timeout",
  CANCELLED: "network",
};

/** A non-2xx answer of the Gemini API; the object may be alone in a JSON array. */
export function decodeError(status: number, headers: WireHeaders, body: string): ProviderFailure {
  const error = asObject(errorBody(body)?.error);
  if (!error)
    return failure(kindOfStatus(status), foreignBody(status, body), { status, retryAfterMs: retryAfterMs(headers) });
  const failed = googleError(error);
  const retry = failed.retryAfterMs ?? retryAfterMs(headers);
  return { ...failed, status, ...(retry !== undefined && { retryAfterMs: retry }) };
}

/** The `error` of a body or of an event. */
export function googleError(error: JsonObject): ProviderFailure {
  const details = asList(error.details).flatMap<JsonObject>((detail) => asObject(detail) ?? []);
  const find = (type: string) => details.find((detail) => asText(detail["@type"])?.endsWith(type));
  const message = asText(error.message) ?? "";
  const code = asWord(find("ErrorInfo")?.reason) ?? asWord(error.status);
  const delay = asWord(find("RetryInfo")?.retryDelay);
  return failure(kindOf(error, code, message, find("QuotaFailure")), message, {
    status: asCount(error.code),
    code,
    retryAfterMs: delay === undefined ? undefined : durationMs(delay),
  });
}

function kindOf(
  error: JsonObject,
  code: string | undefined,
  message: string,
  quota: JsonObject | undefined,
): ProviderFailure["kind"] {
  // A bad key is answered with 400.
  if (code === "API_KEY_INVALID" || code === "API_KEY_EXPIRED") return "unauthenticated";
  const status = asCount(error.code) ?? 0;
  const known = lookup(kinds, asText(error.status)) ?? kindOfStatus(status);
  if (known !== "rate_limited") return known;
  const perDay = asList(quota?.violations).some((violation) =>
    /PerDay/i.test(asText(asObject(violation)?.quotaId) ?? ""),
  );
  return perDay || /\blimit: 0\b/.test(message) ? "quota_exhausted" : "rate_limited";
}
