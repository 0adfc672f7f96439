import type { ErrorKind } from "../dialects/openai-chat/error.ts";

/**
 * DashScope's codes, those of its native routes and of the OpenAI-compatible one. `insufficient_quota` with "Allocated
 * quota exceeded" is a minute's token limit here, not the end of the money.
 */
export const errorKind: ErrorKind = ({ code, type, message }) => {
  const words = `${code ?? ""} ${type ?? ""}`;
  if (/DataInspection|data_inspection/i.test(words)) return "content_refused";
  if (/Arrearage|FreeTierOnly|Unpurchased/i.test(words)) return "quota_exhausted";
  if (/Throttling|limit_requests|rate_limit/i.test(words)) return "rate_limited";
  if (/insufficient_quota/i.test(words)) return /allocated quota/i.test(message) ? "rate_limited" : "quota_exhausted";
  if (/invalid_?api_?key/i.test(words)) return "unauthenticated";
  if (/ModelNotFound|model_not_found/i.test(words)) return "not_found";
  // A failed task has no status that would say so.
  if (/invalid_?(?:parameter|url|file)/i.test(words)) return "bad_request";
  return undefined;
};
