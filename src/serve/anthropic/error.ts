import type { ErrorCode, ErrorFacts } from "../../core/errors.ts";
import type { ErrorDialect } from "../api/exchange.ts";

/** Anthropic's error object, with every fact under `switchyard`. https://docs.anthropic.com/en/api/errors */
export const anthropicErrors: ErrorDialect = { body: anthropicError };

export function anthropicError(facts: ErrorFacts): object {
  const error = {
    type: typeByCode[facts.code] ?? "api_error",
    message: `${facts.message}. ${facts.next}.`,
    switchyard: facts,
  };
  return { type: "error", error };
}

const typeByCode: Partial<Readonly<Record<ErrorCode, string>>> = {
  invalid_request: "invalid_request_error",
  unsupported: "invalid_request_error",
  content_refused: "invalid_request_error",
  conflict: "invalid_request_error",
  too_large: "request_too_large",
  not_found: "not_found_error",
  unauthenticated: "authentication_error",
  forbidden: "permission_error",
  insufficient_credits: "billing_error",
  budget_exceeded: "billing_error",
  rate_limited: "rate_limit_error",
  provider_unavailable: "overloaded_error",
  timeout: "timeout_error",
};
