import type { ErrorKind } from "../dialects/openai-chat/error.ts";
import { failure } from "../failure.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** `{"error": "…"}`; an empty account is a 400 like any other. */
export const errorKind: ErrorKind = ({ status, message }) =>
  (status === 400 || status === 402) && /\bbalance\b|top up|insufficient funds/i.test(message)
    ? "quota_exhausted"
    : undefined;

/** Why a transcript ended in `error`: their own trouble, which may pass, or a recording that will not do. */
export function transcriptFailure(error: string): ProviderFailure {
  if (/server error|developers have been alerted|internal error/i.test(error)) return failure("server_error", error);
  return failure("bad_request", error);
}
