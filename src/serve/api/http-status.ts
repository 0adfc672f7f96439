import type { ErrorCode, ErrorFacts } from "../../core/errors.ts";

const statusByCode: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  unsupported: 400,
  content_refused: 400,
  unauthenticated: 401,
  // Not 429, which client libraries repeat: an empty pool stays empty until somebody fills it.
  insufficient_credits: 402,
  budget_exceeded: 402,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  cancelled: 499,
  internal: 500,
  provider_error: 502,
  evicted: 503,
  provider_unavailable: 503,
  unavailable: 503,
  timeout: 504,
};

export function httpStatusOf(facts: ErrorFacts): number {
  return statusByCode[facts.code];
}

/**
 * Headers that tell a client library whether to repeat the call. The official OpenAI and Anthropic libraries obey
 * `x-should-retry` over their own rules, by which they would repeat every 409, 429 and 5xx.
 */
export function retryHeaders(facts: ErrorFacts): Record<string, string> {
  const afterMs = facts.details.retry_after_ms;
  return {
    "x-should-retry": String(facts.retryable),
    ...(typeof afterMs === "number" ? { "retry-after": String(Math.max(1, Math.ceil(afterMs / 1000))) } : {}),
  };
}
