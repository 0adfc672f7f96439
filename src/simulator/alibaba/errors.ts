import type { DialectErrors } from "../chat/wire.ts";

/** Errors of the compatible mode. No `Retry-After` is known of. */
export const compatibleErrors: DialectErrors = {
  body: ({ message, type, code }, requestId) => ({
    error: {
      message,
      type: type ?? code ?? "invalid_request_error",
      param: null,
      code: code ?? "invalid_parameter_error",
    },
    request_id: requestId,
  }),
  failures: {
    rate_limited: {
      status: 429,
      message: "Requests rate limit exceeded, please try again later. (simulated)",
      code: "limit_requests",
    },
    quota_exhausted: {
      status: 403,
      message: "The free tier of the model has been exhausted. Free allocated quota exceeded. (simulated)",
      code: "AllocationQuota.FreeTierOnly",
    },
    invalid_key: { status: 401, message: "Incorrect API key provided. (simulated)", code: "invalid_api_key" },
    server_error: { status: 500, message: "Internal server error. (simulated)", code: "internal_error" },
    bad_gateway: { status: 502, message: "Bad gateway. (simulated)", code: "internal_error" },
    unavailable: { status: 503, message: "Service unavailable. (simulated)", code: "service_unavailable" },
    gateway_timeout: { status: 504, message: "The request timed out. (simulated)", code: "request_timeout" },
    overloaded: { status: 503, message: "The model is overloaded. (simulated)", code: "service_unavailable" },
  },
  // Not what OpenAI means by these words: this one goes away within a minute.
  tokensLimited: {
    status: 429,
    message: "Allocated quota exceeded, please increase your quota limit. (simulated)",
    code: "insufficient_quota",
  },
  retry: () => ({}),
};
