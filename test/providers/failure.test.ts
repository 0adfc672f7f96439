import { describe, expect, test } from "vitest";
import type { Adapter } from "../../src/providers/adapter.ts";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { retryAfterMs } from "../../src/providers/failure.ts";
import { google } from "../../src/providers/google/index.ts";
import { openai } from "../../src/providers/openai/index.ts";

describe("how long a provider asks to wait", () => {
  test.each([
    [{ "retry-after-ms": "1500", "retry-after": "9" }, 1500],
    [{ "retry-after": "2" }, 2000],
    [{ "retry-after": "1.5" }, 1500],
    [{ "retry-after": "34s" }, 34_000],
    [{ "retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", date: "Sun, 22 Nov 2026 10:00:00 GMT" }, 30_000],
    [{ "retry-after": "Sun, 22 Nov 2026 10:00:30 GMT" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s" }, 360_000],
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2m59.56s" }, 179_560],
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "12ms" }, 12],
    [{ "x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "6m0s" }, undefined],
    [
      {
        date: "Sun, 22 Nov 2026 10:00:00 GMT",
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-22T10:00:07Z",
      },
      7000,
    ],
    [{}, undefined],
  ])("%j is %s ms", (headers, expected) => {
    expect(retryAfterMs(headers)).toBe(expected);
  });
});

const json = JSON.stringify;
const openaiError = (error: object) => json({ error });
const claudeError = (type: string, rest: object = {}) =>
  json({ type: "error", error: { type, message: "m", ...rest }, request_id: "req_1" });
const googleError = (code: number, status: string, details: object[] = [], message = "m") =>
  json({ error: { code, status, message, details } });
const quotaFailure = (quotaId: string) => ({
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations: [{ quotaId }],
});

describe("what an error answer means", () => {
  test.each<[string, Adapter, number, string, string]>([
    [
      "OpenAI: too many requests",
      openai,
      429,
      openaiError({ message: "m", type: "requests", code: "rate_limit_exceeded" }),
      "rate_limited",
    ],
    [
      "OpenAI: ramping too fast",
      openai,
      429,
      openaiError({ message: "m", type: "rate_limit_error", code: "slow_down" }),
      "rate_limited",
    ],
    [
      "OpenAI: quota by type",
      openai,
      429,
      openaiError({ message: "m", type: "insufficient_quota", code: "credit_balance_exhausted" }),
      "quota_exhausted",
    ],
    [
      "OpenAI: quota by code",
      openai,
      429,
      openaiError({ message: "m", type: "x", code: "project_spend_limit_exceeded" }),
      "quota_exhausted",
    ],
    ["OpenAI: bad key", openai, 401, openaiError({ message: "m", code: "invalid_api_key" }), "unauthenticated"],
    ["OpenAI: no such model", openai, 404, openaiError({ message: "m", code: "model_not_found" }), "not_found"],
    [
      "OpenAI: bad field",
      openai,
      400,
      openaiError({ message: "m", type: "invalid_request_error", code: "unsupported_parameter" }),
      "bad_request",
    ],
    [
      "OpenAI: content policy",
      openai,
      400,
      openaiError({ message: "m", code: "content_policy_violation" }),
      "content_refused",
    ],
    [
      "OpenAI: overloaded",
      openai,
      503,
      openaiError({ message: "m", type: "service_unavailable_error", code: "server_is_overloaded" }),
      "overloaded",
    ],
    ["OpenAI: 500", openai, 500, openaiError({ message: "m", type: "server_error" }), "server_error"],
    ["Anthropic: rate limit", anthropic, 429, claudeError("rate_limit_error"), "rate_limited"],
    [
      "Anthropic: monthly cap",
      anthropic,
      429,
      claudeError("rate_limit_error", { details: { error_code: "enforced_spend_limit_reached" } }),
      "quota_exhausted",
    ],
    [
      "Anthropic: no credit",
      anthropic,
      400,
      claudeError("invalid_request_error", { message: "Your credit balance is too low" }),
      "quota_exhausted",
    ],
    ["Anthropic: billing", anthropic, 402, claudeError("billing_error"), "quota_exhausted"],
    ["Anthropic: overloaded", anthropic, 529, claudeError("overloaded_error"), "overloaded"],
    ["Anthropic: too large", anthropic, 413, claudeError("request_too_large"), "too_large"],
    ["Anthropic: forbidden", anthropic, 403, claudeError("permission_error"), "forbidden"],
    [
      "Google: bad key is a 400",
      google,
      400,
      googleError(400, "INVALID_ARGUMENT", [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" },
      ]),
      "unauthenticated",
    ],
    ["Google: bad argument", google, 400, googleError(400, "INVALID_ARGUMENT"), "bad_request"],
    [
      "Google: per minute",
      google,
      429,
      googleError(429, "RESOURCE_EXHAUSTED", [quotaFailure("GenerateRequestsPerMinutePerProject")]),
      "rate_limited",
    ],
    [
      "Google: per day",
      google,
      429,
      googleError(429, "RESOURCE_EXHAUSTED", [quotaFailure("GenerateRequestsPerDayPerProject")]),
      "quota_exhausted",
    ],
    [
      "Google: no quota at all",
      google,
      429,
      googleError(429, "RESOURCE_EXHAUSTED", [], "Quota exceeded, limit: 0"),
      "quota_exhausted",
    ],
    ["Google: overloaded", google, 503, googleError(503, "UNAVAILABLE"), "overloaded"],
    ["Google: in an array", google, 503, `[${googleError(503, "UNAVAILABLE")}]`, "overloaded"],
  ])("%s", (_name, adapter, status, body, kind) => {
    expect(adapter.decodeError(status, {}, body)).toMatchObject({ kind, status });
  });

  test.each([openai, anthropic, google])(
    "a proxy's page in place of $provider's answer is described, not shown",
    (adapter) => {
      const page = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>secret stuff</body></html>";
      const failed = adapter.decodeError(502, {}, page);
      expect(failed.kind).toBe("server_error");
      expect(failed.message).toContain("502 Bad Gateway");
      expect(failed.message).not.toContain("secret stuff");
      expect(adapter.decodeError(429, { "retry-after": "3" }, "")).toMatchObject({
        kind: "rate_limited",
        retryAfterMs: 3000,
      });
      expect(adapter.decodeError(400, {}, '{"error":').kind).toBe("bad_request");
    },
  );

  test("Google's own delay is understood", () => {
    const body = googleError(429, "RESOURCE_EXHAUSTED", [
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" },
    ]);
    expect(google.decodeError(429, {}, body)).toMatchObject({ kind: "rate_limited", retryAfterMs: 34_400 });
  });

  test("a key in a provider's message is not passed on, and a long message is cut", () => {
    const said = `Incorrect API key provided: sk-proj-abcdef0123456789ABCDEF. ${"x".repeat(2000)}`;
    const failed = openai.decodeError(
      401,
      { "x-request-id": "req_9" },
      openaiError({ message: said, code: "invalid_api_key" }),
    );
    expect(failed.message).not.toContain("abcdef0123456789");
    expect(failed.message.length).toBeLessThan(520);
    expect(failed.requestId).toBe("req_9");
  });
});
