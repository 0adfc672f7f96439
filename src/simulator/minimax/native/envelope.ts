import type { DialectErrors } from "../../chat/wire.ts";
import { jsonReply, Refusal, type Reply } from "../../wire/reply.ts";

/** The end of every native answer: `status_code` 0, or what went wrong under HTTP 200. */
export function baseResp(code = 0, message = "success"): object {
  return { base_resp: { status_code: code, status_msg: message } };
}

/** An error as MiniMax answers it: 200, with its code in the envelope. */
export function nativeError(code: number, message: string): Reply {
  return jsonReply(200, baseResp(code, message));
}

export function refuse(message: string, code = 2_013): never {
  throw new Refusal(nativeError(code, `invalid params, ${message}`));
}

/** Failures of the native API. Most are 200; a gateway in front of it speaks HTTP. */
export const nativeErrors: DialectErrors = {
  body: ({ message, code }) => baseResp(Number(code ?? 2_013), message),
  failures: {
    rate_limited: { status: 200, message: "rate limit (simulated)", code: "1002" },
    quota_exhausted: { status: 200, message: "insufficient balance (simulated)", code: "1008" },
    invalid_key: { status: 200, message: "login fail: not authorised (simulated)", code: "1004" },
    server_error: { status: 200, message: "internal error (simulated)", code: "1024" },
    bad_gateway: { status: 502, message: "bad gateway (simulated)", code: "1033" },
    unavailable: { status: 200, message: "downstream error (simulated)", code: "1033" },
    gateway_timeout: { status: 504, message: "timeout (simulated)", code: "1001" },
    overloaded: { status: 200, message: "connection limit (simulated)", code: "1041" },
  },
  tokensLimited: { status: 200, message: "token limit (simulated)", code: "1039" },
  retry: () => ({}),
};
