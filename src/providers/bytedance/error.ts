import type { ErrorKind } from "../dialects/openai-chat/error.ts";

/** Ark's codes are words joined by dots. */
export const errorKind: ErrorKind = ({ code = "", status }) => {
  if (/Sensitive|RiskDetection/.test(code)) return "content_refused";
  if (/AccountOverdue|ServiceOverdue|^SetLimitExceeded|^QuotaExceeded/.test(code)) return "quota_exhausted";
  if (code === "ServerOverloaded") return "overloaded";
  if (code === "ModelNotOpen" || code.endsWith(".NotFound")) return "not_found";
  if (code === "AuthenticationError") return "unauthenticated";
  // A failed job has no status that would say so.
  if (status === undefined && /^(?:Invalid|Missing)Parameter/.test(code)) return "bad_request";
  return status === undefined && /RateLimit|BurstTooFast|BatchsizeExceeded/.test(code) ? "rate_limited" : undefined;
};
