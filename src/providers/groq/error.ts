import type { ErrorKind } from "../dialects/openai-chat/error.ts";

/** A request larger than a minute's tokens can never pass; a day's quota is not worth waiting for. */
export const errorKind: ErrorKind = ({ status, code, message }) => {
  if (status === 413) return "too_large";
  if (status === 498 || code === "capacity_exceeded") return "overloaded";
  if (status === 429 && /\b(?:RPD|TPD|ASD)\b|per day/i.test(message)) return "quota_exhausted";
  return undefined;
};
