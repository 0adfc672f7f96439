import type { ChatError } from "../chat/dialect.ts";
import type { FailureHint, FailureKind } from "../faults/fault.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { retryHeaders } from "../wire/retry-after.ts";

/** OpenAI's error body. */
export function openAiError(status: number, error: ChatError, headers: Record<string, string> = {}): Reply {
  const { message, type = "invalid_request_error", param = null, code = null } = error;
  return jsonReply(status, { error: { message, type, param, code } }, { headers });
}

export function modelNotFound(model: unknown): Reply {
  return openAiError(404, {
    message: `The model '${String(model)}' does not exist or you do not have access to it.`,
    code: "model_not_found",
  });
}

const failures: Record<FailureKind, readonly [status: number, error: ChatError]> = {
  rate_limited: [
    429,
    {
      message: "Rate limit reached in this simulated organization on requests per min (RPM). Please try again later.",
      type: "requests",
      code: "rate_limit_exceeded",
    },
  ],
  quota_exhausted: [
    429,
    {
      message: "You exceeded your current quota, please check your plan and billing details. (simulated)",
      type: "insufficient_quota",
      code: "insufficient_quota",
    },
  ],
  invalid_key: [401, { message: "Incorrect API key provided: simulated.", code: "invalid_api_key" }],
  server_error: [
    500,
    { message: "The server had an error while processing your request. (simulated)", type: "server_error" },
  ],
  bad_gateway: [502, { message: "Bad gateway. (simulated)", type: "server_error" }],
  unavailable: [
    503,
    {
      message: "The service is unavailable. (simulated)",
      type: "service_unavailable_error",
      code: "service_unavailable",
    },
  ],
  gateway_timeout: [504, { message: "The request timed out. (simulated)", type: "server_error", code: "timeout" }],
  overloaded: [
    503,
    {
      message: "The server is currently overloaded. (simulated)",
      type: "service_unavailable_error",
      code: "server_is_overloaded",
    },
  ],
};

export function openAiFailure(kind: FailureKind, hint: FailureHint): Reply {
  const [status, failure] = failures[kind];
  const error = hint.limit === "tokens" ? { ...failure, type: "tokens" } : failure;
  const headers = kind === "rate_limited" ? rateLimitHeaders(hint) : {};
  return openAiError(status, error, headers);
}

/** The error in a chat stream that began with 200: a data line, then the connection ends. */
export function openAiErrorEvent(kind: FailureKind): string {
  const { message, type = "invalid_request_error", param = null, code = null } = failures[kind][1];
  return `data: ${JSON.stringify({ error: { message, type, param, code } })}\n\n`;
}

function rateLimitHeaders(hint: FailureHint): Record<string, string> {
  const seconds = Math.ceil(hint.afterMs / 1_000);
  if (hint.form !== "provider") return retryHeaders(hint);
  return {
    ...retryHeaders({ ...hint, form: "seconds" }),
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": hint.afterMs < 1_000 ? `${hint.afterMs}ms` : `${seconds}s`,
  };
}
