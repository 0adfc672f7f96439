import { chatError, type ErrorKind, streamedFailure } from "../dialects/openai-chat/error.ts";
import type { JsonObject } from "../narrow.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** xAI's errors are often text alone, and a bad key is a 400. */
export const errorKind: ErrorKind = ({ status, code, message }) => {
  if (/incorrect api key|invalid api key/i.test(message)) return "unauthenticated";
  if (/usage guidelines|content policy|safety check/i.test(message)) return "content_refused";
  if ((status === 429 || status === 403) && /spending limit|credits|billing/i.test(message)) return "quota_exhausted";
  if (/currently unavailable|at capacity|overloaded/i.test(message)) return "overloaded";
  return code === "invalid-argument" ? "bad_request" : undefined;
};

/** The error that an answer holds under a status of success. */
export function errorIn(body: JsonObject | undefined): ProviderFailure | undefined {
  const error = body?.error === undefined || body.error === null ? undefined : chatError(body);
  return error && streamedFailure(error, errorKind);
}
