import type { ErrorKind } from "../dialects/openai-chat/error.ts";

/** `{code, message}`; the names of the codes are in no document, so that words count as well. */
export const errorKind: ErrorKind = ({ status, code = "", message }) => {
  const words = `${code} ${message}`;
  if (/moderat|nsfw|content.policy|safety/i.test(words)) return "content_refused";
  if (status !== 429 && /not_?enough_?credits|insufficient|no (?:units|credits)|balance/i.test(words)) {
    return "quota_exhausted";
  }
  return undefined;
};
