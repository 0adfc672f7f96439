import type { FailureHint, FailureKind } from "../faults/fault.ts";
import type { FieldIssue } from "../parse.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { retryHeaders } from "../wire/retry-after.ts";

/** Anthropic's error body. */
export function anthropicError(
  status: number,
  type: string,
  message: string,
  requestId: string,
  headers: Record<string, string> = {},
): Reply {
  return jsonReply(status, { type: "error", error: { type, message }, request_id: requestId }, { headers });
}

export function invalidRequest(message: string, requestId: string): Reply {
  return anthropicError(400, "invalid_request_error", message, requestId);
}

/** The words for a body that is not shaped as documented. */
export function shapeMessage(issue: FieldIssue): string {
  const path = issue.path.join(".");
  switch (issue.kind) {
    case "unknown":
      return `${path}: Extra inputs are not permitted`;
    case "missing":
      return `${path}: Field required`;
    case "type":
      return `${path}: Input should be a valid ${names[issue.expected ?? ""] ?? issue.expected}`;
    case "too_big":
      return `${path}: ${sized(issue, "at most")}`;
    case "too_small":
      return `${path}: ${sized(issue, "at least")}`;
    case "value":
      return issue.allowed
        ? `${path}: Input should be ${issue.allowed.map((one) => `'${one}'`).join(" or ")}`
        : `${path}: ${issue.message}`;
  }
}

const names: Readonly<Record<string, string>> = {
  object: "dictionary",
  record: "dictionary",
  array: "list",
  int: "integer",
};

function sized(issue: FieldIssue, side: string): string {
  if (typeof issue.value === "number") {
    return `Input should be ${side === "at most" ? "less" : "greater"} than or equal to ${issue.bound}`;
  }
  return `${Array.isArray(issue.value) ? "List" : "String"} should have ${side} ${issue.bound} items`;
}

const failures: Record<FailureKind, readonly [status: number, type: string, message: string]> = {
  rate_limited: [
    429,
    "rate_limit_error",
    "This simulated organization has exceeded its rate limit. Please try again later.",
  ],
  quota_exhausted: [429, "rate_limit_error", "This simulated organization has reached its spend limit for the month."],
  invalid_key: [401, "authentication_error", "invalid x-api-key (simulated)"],
  server_error: [500, "api_error", "Internal server error (simulated)"],
  bad_gateway: [502, "api_error", "Bad gateway (simulated)"],
  unavailable: [503, "api_error", "Service unavailable (simulated)"],
  gateway_timeout: [504, "timeout_error", "The request timed out (simulated)"],
  overloaded: [529, "overloaded_error", "Overloaded"],
};

export function anthropicFailure(kind: FailureKind, hint: FailureHint): Reply {
  const [status, type, message] = failures[kind];
  if (kind === "quota_exhausted") {
    const error = { type, message, details: { error_code: "enforced_spend_limit_reached" } };
    return jsonReply(status, { type: "error", error, request_id: hint.requestId });
  }
  const isLimited = kind === "rate_limited";
  const form = hint.form === "provider" ? "seconds" : hint.form;
  const headers = isLimited
    ? { ...retryHeaders({ ...hint, form }), "anthropic-ratelimit-requests-remaining": "0" }
    : {};
  return anthropicError(status, type, message, hint.requestId, headers);
}

/** The event that ends a stream which began with 200. */
export function anthropicErrorEvent(kind: FailureKind, requestId: string): string {
  const [, type, message] = failures[kind];
  const data = JSON.stringify({ type: "error", error: { type, message }, request_id: requestId });
  return `event: error\ndata: ${data}\n\n`;
}
