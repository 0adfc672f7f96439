import { failure } from "../failure.ts";
import type { FinishReason, ProviderFailure } from "../shapes/event.ts";

const filtered = new Set([
  "SAFETY",
  "RECITATION",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
]);
const broken = new Set([
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MALFORMED_RESPONSE",
]);

/** What a candidate's `finishReason` means: an end, or a failure of the model's own. */
export function geminiFinish(
  finishReason: string,
  calledTools: boolean,
): { reason: FinishReason; detail?: string } | ProviderFailure {
  if (broken.has(finishReason)) {
    return failure("malformed", `the model broke off with ${finishReason}`, { code: finishReason });
  }
  if (filtered.has(finishReason)) return { reason: "content_filter", detail: finishReason };
  if (finishReason === "MAX_TOKENS") return { reason: "length" };
  if (finishReason === "CONTINUATION") return { reason: "length", detail: finishReason };
  const reason = calledTools ? "tool_calls" : "stop";
  return finishReason === "STOP" ? { reason } : { reason, detail: finishReason };
}
