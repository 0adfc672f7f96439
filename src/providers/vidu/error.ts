import type { ChatError, ErrorKind } from "../dialects/openai-chat/error.ts";
import { failure } from "../failure.ts";
import { asText, asWord, type JsonObject, lookup } from "../narrow.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** `{code, reason, message, metadata}`: the reason tells, the code is the status over again. */
export function bodyError(body: JsonObject): ChatError | undefined {
  const reason = asWord(body.reason);
  if (reason === undefined) return undefined;
  return { message: asText(body.message) || reason, code: reason, type: undefined, status: undefined };
}

/** Reasons, of requests and of tasks that failed. Most of them come with status 400, money and filters included. */
const kinds: Readonly<Record<string, ProviderFailure["kind"]>> = {
  BadRequest: "bad_request",
  FieldLacking: "bad_request",
  FieldUnwanted: "bad_request",
  FieldInvalid: "bad_request",
  FieldItemCountOutOfRange: "bad_request",
  ImageFormatInvalid: "bad_request",
  ImageDownloadFailure: "bad_request",
  Conflict: "bad_request",
  ModelUnavailable: "not_found",
  TaskNotFound: "not_found",
  CreationNotFound: "not_found",
  NotFound: "not_found",
  OperationInProcess: "rate_limited",
  // How many may run at once, not how many there may be.
  QuotaExceeded: "rate_limited",
  TooManyRequests: "rate_limited",
  SystemThrottling: "overloaded",
  AuditSubmitIllegal: "content_refused",
  TaskPromptPolicyViolation: "content_refused",
  CreationPolicyViolation: "content_refused",
  CreditInsufficient: "quota_exhausted",
  Unauthorized: "unauthenticated",
  Forbidden: "forbidden",
};

export const errorKind: ErrorKind = ({ code }) => lookup(kinds, code);

/** Why a task failed, by its `err_code`. */
export function taskFailure(code: string | undefined): ProviderFailure {
  return failure(lookup(kinds, code) ?? "server_error", code ? `the task failed: ${code}` : "the task failed", {
    code,
  });
}
