import { lookup } from "../../narrow.ts";
import type { FinishReason } from "../../shapes/event.ts";
import type { ChatDialect } from "./dialect.ts";

const common: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  end_turn: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
};

/** Our finish reason and, where the provider's word is not one of ours, that word. */
export function chatFinish(
  reason: string,
  dialect: ChatDialect,
  calledTools: boolean,
): { reason: FinishReason; detail?: string } {
  const known = lookup(dialect.finishReasons ?? {}, reason) ?? lookup(common, reason);
  if (known === undefined) return { reason: calledTools ? "tool_calls" : "stop", detail: reason };
  // Some servers end a turn that called tools with "stop".
  return { reason: known === "stop" && calledTools ? "tool_calls" : known };
}
