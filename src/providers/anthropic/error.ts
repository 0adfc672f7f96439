import type { WireHeaders } from "../adapter.ts";
import { errorBody, failure, foreignBody, header, kindOfStatus, retryAfterMs } from "../failure.ts";
import { asObject, asText, asWord, type JsonObject, lookup } from "../narrow.ts";
import type { ProviderFailure } from "../shapes/event.ts";

const kinds: Readonly<Record<string, ProviderFailure["kind"]>> = {
  invalid_request_error: "bad_request",
  authentication_error: "unauthenticated",
  billing_error: "quota_exhausted",
  permission_error: "forbidden",
  not_found_error: "not_found",
  request_too_large: "too_large",
  rate_limit_error: "rate_limited",
  api_error: "server_error",
  timeout_error: "timeout",
  overloaded_error: "overloaded",
};
/** A monthly or contract cap: waiting a minute does not help. */
const spent = new Set(["enforced_spend_limit_reached", "contract_spend_limit_reached"]);

/** A non-2xx answer of the Messages API. */
export function decodeError(status: number, headers: WireHeaders, body: string): ProviderFailure {
  const parsed = errorBody(body);
  const facts = {
    status,
    requestId: header(headers, "request-id") ?? asWord(parsed?.request_id),
    retryAfterMs: retryAfterMs(headers),
  };
  const error = asObject(parsed?.error);
  if (!error) return failure(kindOfStatus(status), foreignBody(status, body), facts);
  return failure(kindOf(error) ?? kindOfStatus(status), asText(error.message) ?? "", { ...facts, code: codeOf(error) });
}

/** An `error` event after status 200. */
export function streamedError(body: JsonObject): ProviderFailure {
  const error = asObject(body.error) ?? {};
  return failure(kindOf(error) ?? "server_error", asText(error.message) ?? "", {
    code: codeOf(error),
    requestId: asWord(body.request_id),
  });
}

function kindOf(error: JsonObject): ProviderFailure["kind"] | undefined {
  if (spent.has(codeOf(error) ?? "")) return "quota_exhausted";
  const message = asText(error.message) ?? "";
  if (/credit balance is too low|spend limit/i.test(message)) return "quota_exhausted";
  return lookup(kinds, asText(error.type));
}

function codeOf(error: JsonObject): string | undefined {
  return asWord(asObject(error.details)?.error_code) ?? asWord(error.type);
}
