import { lookup } from "../narrow.ts";
import type { FinishReason } from "../shapes/event.ts";

const reasons: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  tool_use: "tool_calls",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "content_filter",
};

/** Our finish reason; Anthropic's own word is kept where ours says less. */
export function claudeFinish(stopReason: string): { reason: FinishReason; detail?: string } {
  const reason = lookup(reasons, stopReason) ?? "stop";
  const plain = ["end_turn", "tool_use", "max_tokens"].includes(stopReason);
  return { reason, ...(!plain && { detail: stopReason }) };
}
