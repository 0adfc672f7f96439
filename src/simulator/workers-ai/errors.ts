import type { ChatError } from "../chat/dialect.ts";
import type { DialectErrors } from "../chat/wire.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";

/** Cloudflare's envelope around an error. Its codes are numbers. */
export const cloudflareErrors: DialectErrors = {
  body: ({ message, code }: ChatError) => ({
    result: null,
    success: false,
    errors: [{ code: Number.isInteger(Number(code ?? "")) && code ? Number(code) : 5_004, message }],
    messages: [],
  }),
  failures: {
    rate_limited: { status: 429, message: "Too many requests for this task. (simulated)", code: "971" },
    quota_exhausted: {
      status: 429,
      message: "You have used up your daily free allocation of 10,000 neurons. (simulated)",
      code: "3036",
    },
    invalid_key: { status: 401, message: "Authentication error", code: "10000" },
    server_error: { status: 500, message: "Internal server error", code: "3043" },
    bad_gateway: { status: 502, message: "Bad gateway", code: "3043" },
    unavailable: { status: 503, message: "Service unavailable", code: "3043" },
    gateway_timeout: { status: 408, message: "Request timeout", code: "3007" },
    overloaded: {
      status: 429,
      message: "No more data centers to forward the request to: out of capacity",
      code: "3040",
    },
  },
  retry: () => ({}),
};

/** A result in Cloudflare's envelope. */
export function envelope(result: unknown): object {
  return { result, success: true, errors: [], messages: [] };
}

export function noSuchModel(model: string): Reply {
  const error = { message: `No such model ${model} or task`, code: "5007" };
  return jsonReply(400, cloudflareErrors.body(error, ""));
}

/** An input that does not fit the model's schema. */
export function badInput(message: string): Reply {
  return jsonReply(400, cloudflareErrors.body({ message: `AiError: Bad input: ${message}`, code: "5004" }, ""));
}
