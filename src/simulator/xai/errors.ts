import type { ChatError } from "../chat/dialect.ts";
import type { DialectErrors } from "../chat/wire.ts";

/**
 * xAI's errors come in three shapes. Here: `{code, error}` for what is wrong with a request, OpenAI's own for limits
 * and failures of the service, and `{error}` alone for a body that can not be read.
 */
function body({ message, type, code, param }: ChatError): object {
  if (code === "unreadable") return { error: message };
  if (type !== undefined) return { error: { message, type, param: param ?? null, code: code ?? null } };
  return { code: code ?? "invalid-argument", error: message };
}

export const xaiErrors: DialectErrors = {
  body,
  failures: {
    rate_limited: {
      status: 429,
      message: "Too many requests for the simulated team. Please try again later.",
      type: "rate_limit_error",
      code: "rate_limit_exceeded",
    },
    quota_exhausted: {
      status: 429,
      message: "Your team has either used all available credits or reached its monthly spending limit. (simulated)",
      code: "resource-exhausted",
    },
    invalid_key: { status: 400, message: "Incorrect API key provided: si***ed. (simulated)", code: "invalid-argument" },
    server_error: { status: 500, message: "Internal error (simulated)", code: "internal" },
    bad_gateway: { status: 502, message: "Bad gateway (simulated)", code: "unavailable" },
    unavailable: { status: 503, message: "The service is currently unavailable", code: "unavailable" },
    gateway_timeout: { status: 504, message: "The request timed out (simulated)", code: "deadline-exceeded" },
    overloaded: { status: 503, message: "The service is currently unavailable", code: "unavailable" },
  },
};
