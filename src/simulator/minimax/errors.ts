import type { ChatError } from "../chat/dialect.ts";
import type { DialectErrors } from "../chat/wire.ts";

/** Errors of the OpenAI-compatible route: MiniMax's own code stands at the end of the message. */
export const minimaxChatErrors: DialectErrors = {
  body: ({ message, type = "bad_request_error", code }: ChatError, requestId) => ({
    type: "error",
    error: { type, message: `${message} (${code ?? "2013"})`, http_code: "400" },
    request_id: requestId,
  }),
  failures: {
    rate_limited: {
      status: 429,
      message: "rate limit exceeded, please retry later",
      type: "rate_limit_error",
      code: "1002",
    },
    quota_exhausted: { status: 429, message: "usage limit exceeded", type: "rate_limit_error", code: "2056" },
    invalid_key: {
      status: 401,
      message: "login fail: please carry the API secret key in the 'Authorization' field",
      type: "authorized_error",
      code: "1004",
    },
    server_error: { status: 500, message: "internal error", type: "server_error", code: "1024" },
    bad_gateway: { status: 502, message: "bad gateway", type: "server_error", code: "1033" },
    unavailable: { status: 503, message: "service unavailable", type: "server_error", code: "1033" },
    gateway_timeout: { status: 504, message: "request timed out", type: "server_error", code: "1001" },
    overloaded: { status: 503, message: "downstream service error", type: "server_error", code: "1033" },
  },
  tokensLimited: { status: 429, message: "token limit exceeded", type: "rate_limit_error", code: "1039" },
  retry: () => ({}),
};
