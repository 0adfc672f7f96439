import type { DialectErrors } from "../chat/wire.ts";

/** Groq's errors: OpenAI's without `param`, and without `code` where there is none. */
export const groqErrors: DialectErrors = {
  body: ({ message, type = "invalid_request_error", code }) => ({
    error: { message, type, ...(code == null ? {} : { code }) },
  }),
  failures: {
    rate_limited: {
      status: 429,
      message:
        "Rate limit reached for the simulated organization on requests per minute (RPM). Please try again later.",
      type: "requests",
      code: "rate_limit_exceeded",
    },
    quota_exhausted: {
      status: 429,
      message:
        "Rate limit reached for the simulated organization on tokens per day (TPD): Limit 200000, Used 200000. Please try again in 9h12m.",
      type: "tokens",
      code: "rate_limit_exceeded",
    },
    invalid_key: { status: 401, message: "Invalid API Key", code: "invalid_api_key" },
    server_error: { status: 500, message: "Internal Server Error", type: "internal_server_error" },
    bad_gateway: { status: 502, message: "Bad Gateway", type: "internal_server_error" },
    unavailable: { status: 503, message: "Service Unavailable", type: "service_unavailable" },
    gateway_timeout: { status: 504, message: "Gateway Timeout", type: "internal_server_error" },
    overloaded: {
      status: 498,
      message: "Flex tier capacity exceeded, please try again later",
      type: "flex_tier",
      code: "capacity_exceeded",
    },
  },
  tokensLimited: {
    status: 429,
    message: "Rate limit reached for the simulated organization on tokens per minute (TPM). Please try again later.",
    type: "tokens",
    code: "rate_limit_exceeded",
  },
  retry: ({ afterMs }) => ({
    "retry-after": String(Math.ceil(afterMs / 1_000)),
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": `${(afterMs / 1_000).toFixed(2)}s`,
  }),
};
