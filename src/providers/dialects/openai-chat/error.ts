import type { WireHeaders } from "../../adapter.ts";
import { errorBody, failure, foreignBody, header, kindOfStatus, retryAfterMs } from "../../failure.ts";
import { asObject, asText, asWord, type JsonObject, lookup } from "../../narrow.ts";
import type { ProviderFailure } from "../../shapes/event.ts";

/** What a provider of the dialect says in an error, whichever of the shapes it used. */
export interface ChatError {
  readonly message: string;
  readonly code: string | undefined;
  readonly type: string | undefined;
  readonly status: number | undefined;
}

export interface ErrorWords {
  readonly errorKind?: ErrorKind;
  readonly bodyError?: (body: JsonObject) => ChatError | undefined;
}

/** Decides what an error means where its status does not say it; undefined leaves it to the status. */
export type ErrorKind = (error: ChatError) => ProviderFailure["kind"] | undefined;

/**
 * Reads `{error: {message, type, code}}`, `{code, error: "…"}`, `{error: "…"}`, `{code, message}` and
 * `{errors: [{code, message}]}`; undefined when a body is none of these.
 */
export function chatError(body: JsonObject | undefined, status?: number): ChatError | undefined {
  if (!body) return undefined;
  const listed = Array.isArray(body.errors) ? asObject(body.errors[0]) : undefined;
  const error = asObject(body.error) ?? listed ?? body;
  const message = asText(error.message) ?? asText(body.error) ?? asText(body.message);
  if (message === undefined && !("error" in body) && !listed) return undefined;
  return {
    message: message ?? "",
    code: wordOrNumber(error.code) ?? wordOrNumber(body.code),
    type: asWord(error.type) ?? asWord(body.type),
    status: status ?? (typeof error.status === "number" ? error.status : undefined),
  };
}

function wordOrNumber(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : asWord(value);
}

/** What a non-2xx answer of a server of the dialect means, and where its own words say more, that. */
export function chatFailure(
  status: number,
  headers: WireHeaders,
  body: string,
  { errorKind: kindOf, bodyError }: ErrorWords = {},
): ProviderFailure {
  const parsed = errorBody(body);
  const own = parsed && bodyError?.(parsed);
  const error = own ? { ...own, status } : chatError(parsed, status);
  const requestId = header(headers, "x-request-id") ?? header(headers, "x-trace-id") ?? header(headers, "cf-ray");
  const facts = { status, requestId, retryAfterMs: retryAfterMs(headers) };
  if (!error) return failure(kindOfStatus(status), foreignBody(status, body), facts);
  const kind = kindOf?.(error) ?? openaiKind(error) ?? kindOfStatus(status);
  return failure(kind, error.message, { ...facts, code: error.code ?? error.type });
}

/** An error that came in place of an event, after status 200. */
export function streamedFailure(error: ChatError, kindOf?: ErrorKind): ProviderFailure {
  const status = error.status ?? (/^[45]\d\d$/.test(error.code ?? "") ? Number(error.code) : undefined);
  const kind = kindOf?.(error) ?? openaiKind(error) ?? (status === undefined ? "server_error" : kindOfStatus(status));
  return failure(kind, error.message, { status, code: error.code ?? error.type });
}

const quota = new Set([
  "insufficient_quota",
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded",
  "organization_usage_limit_exceeded",
  "billing_hard_limit_reached",
]);
const refused = new Set(["content_policy_violation", "content_filter", "moderation_blocked", "bio_policy"]);
const kinds: Readonly<Record<string, ProviderFailure["kind"]>> = {
  rate_limit_exceeded: "rate_limited",
  rate_limit_error: "rate_limited",
  slow_down: "rate_limited",
  server_is_overloaded: "overloaded",
  service_unavailable_error: "overloaded",
  server_error: "server_error",
  invalid_api_key: "unauthenticated",
  model_not_found: "not_found",
  invalid_request_error: "bad_request",
};

/** OpenAI's own words; most of the dialect uses them too. Both the code and the type count. */
export function openaiKind({ code, type, status }: ChatError): ProviderFailure["kind"] | undefined {
  for (const word of [code, type]) {
    if (word === undefined) continue;
    if (quota.has(word)) return "quota_exhausted";
    if (refused.has(word)) return "content_refused";
  }
  const known = lookup(kinds, code);
  if (known) return known;
  // Under a status that says more, `invalid_request_error` is only a heading.
  return status === undefined ? lookup(kinds, type) : undefined;
}
