import type { DialectErrors } from "../chat/wire.ts";

/** ModelArk's errors: the request's id is at the end of the message. */
export const arkErrors: DialectErrors = {
  body: ({ message, type, code, param }, requestId) => ({
    error: {
      code: code ?? "InvalidParameter",
      message: `${message} Request id: ${requestId}`,
      param: param ?? "",
      type: type ?? "BadRequest",
    },
  }),
  failures: {
    rate_limited: {
      status: 429,
      message: "The requests per minute (RPM) limit of the simulated account has been reached.",
      type: "TooManyRequests",
      code: "RateLimitExceeded.EndpointRPMExceeded",
    },
    quota_exhausted: {
      status: 429,
      message: "The simulated account has reached the set inference limit for this model.",
      type: "TooManyRequests",
      code: "SetLimitExceeded",
    },
    invalid_key: {
      status: 401,
      message: "The API key format is incorrect. (simulated)",
      type: "Unauthorized",
      code: "AuthenticationError",
    },
    server_error: {
      status: 500,
      message: "The service encountered an unexpected internal error.",
      type: "InternalServerError",
      code: "InternalServiceError",
    },
    bad_gateway: { status: 502, message: "Bad gateway.", type: "InternalServerError", code: "InternalServiceError" },
    unavailable: {
      status: 503,
      message: "The service is unavailable.",
      type: "InternalServerError",
      code: "InternalServiceError",
    },
    gateway_timeout: {
      status: 504,
      message: "The request timed out.",
      type: "InternalServerError",
      code: "InternalServiceError",
    },
    overloaded: {
      status: 429,
      message: "The service is currently overloaded.",
      type: "TooManyRequests",
      code: "ServerOverloaded",
    },
  },
  tokensLimited: {
    status: 429,
    message: "The tokens per minute (TPM) limit of the simulated account has been reached.",
    type: "TooManyRequests",
    code: "RateLimitExceeded.EndpointTPMExceeded",
  },
};
