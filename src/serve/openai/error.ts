import type { ErrorCode, ErrorFacts } from "../../core/errors.ts";
import type { ErrorDialect } from "../api/exchange.ts";

/** OpenAI's error object; `code` is ours, and every fact is beside it under `switchyard`. */
export const openAiErrors: ErrorDialect = { body: (facts) => ({ error: openAiError(facts) }) };

export function openAiError(facts: ErrorFacts): object {
  const field = facts.details.field;
  return {
    message: `${facts.message}. ${facts.next}.`,
    type: typeByCode[facts.code] ?? "api_error",
    param: typeof field === "string" ? field : null,
    code: facts.code,
    switchyard: facts,
  };
}

const typeByCode: Partial<Readonly<Record<ErrorCode, string>>> = {
  invalid_request: "invalid_request_error",
  unsupported: "invalid_request_error",
  content_refused: "invalid_request_error",
  too_large: "invalid_request_error",
  conflict: "invalid_request_error",
  not_found: "invalid_request_error",
  unauthenticated: "authentication_error",
  forbidden: "permission_error",
  insufficient_credits: "insufficient_quota",
  budget_exceeded: "insufficient_quota",
  rate_limited: "rate_limit_error",
};
