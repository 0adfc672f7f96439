import type { DialectErrors } from "../../chat/wire.ts";
import { jsonReply, Refusal, type Reply } from "../../wire/reply.ts";

/** Errors of the native API. */
export const nativeErrors: DialectErrors = {
  body: ({ message, code }, requestId) => ({ request_id: requestId, code: code ?? "InvalidParameter", message }),
  failures: {
    rate_limited: {
      status: 429,
      message: "Requests rate limit exceeded, please try again later. (simulated)",
      code: "Throttling.RateQuota",
    },
    quota_exhausted: {
      status: 400,
      message: "Access denied, please make sure your account is in good standing. (simulated)",
      code: "Arrearage",
    },
    invalid_key: { status: 401, message: "Invalid API-key provided. (simulated)", code: "InvalidApiKey" },
    server_error: { status: 500, message: "An internal error has occured. (simulated)", code: "InternalError" },
    bad_gateway: { status: 502, message: "Bad gateway. (simulated)", code: "InternalError" },
    unavailable: { status: 503, message: "Service unavailable. (simulated)", code: "ServiceUnavailable" },
    gateway_timeout: { status: 504, message: "The request timed out. (simulated)", code: "RequestTimeOut" },
    overloaded: { status: 503, message: "The model is overloaded. (simulated)", code: "ModelUnavailable" },
  },
  tokensLimited: {
    status: 429,
    message: "Allocated quota exceeded, please increase your quota limit. (simulated)",
    code: "Throttling.AllocationQuota",
  },
  retry: () => ({}),
  event: (body) => `id:1\nevent:error\n:HTTP_STATUS/500\ndata:${JSON.stringify(body)}\n\n`,
};

export function nativeError(requestId: string, message: string, code = "InvalidParameter", status = 400): Reply {
  return jsonReply(status, nativeErrors.body({ message, code }, requestId));
}

export function refuse(requestId: string, message: string, code?: string, status?: number): never {
  throw new Refusal(nativeError(requestId, message, code, status));
}

/** The words for a prompt that is not let through. */
export const inspectionFailed = {
  code: "DataInspectionFailed",
  message: "Input data may contain inappropriate content. (simulated)",
} as const;
