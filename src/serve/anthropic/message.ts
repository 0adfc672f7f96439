import type { InferResult, UsageFacts } from "../../infer/result.ts";
import type { FinishReason } from "../../providers/shapes/event.ts";
import { callIdWith } from "../api/carried.ts";
import { switchyardFacts } from "../openai/chat-completion.ts";
import { toolCallsBefore, toThinkingBlock } from "./thinking.ts";

/** A result as Anthropic's `message`, with what it cost and how it was got under `switchyard`. */
export function anthropicMessage(result: InferResult): object {
  return {
    id: result.id,
    type: "message",
    role: "assistant",
    model: result.model,
    content: blocks(result),
    stop_reason: stopReason(result.finish_reason),
    stop_sequence: null,
    usage: anthropicUsage(result.usage),
    switchyard: switchyardFacts(result),
  };
}

/** Reasoning, text and tool calls in the order the model produced them. */
function blocks({ output, message }: InferResult): object[] {
  const calls = (output.tool_calls ?? []).map((call) => {
    return { type: "tool_use", id: callIdWith(call), name: call.name, input: call.arguments };
  });
  const content = message?.content ?? output.text ?? "";
  const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  const given: object[] = [];
  let placed = 0;
  for (const part of parts) {
    if (part.type === "text" && part.text !== "") given.push({ type: "text", text: part.text });
    if (part.type !== "reasoning") continue;
    const upTo = toolCallsBefore(part);
    given.push(...calls.slice(placed, upTo));
    placed = Math.max(placed, Math.min(upTo, calls.length));
    const block = toThinkingBlock(part);
    if (block !== undefined) given.push(block);
  }
  return [...given, ...calls.slice(placed)];
}

export function stopReason(reason: FinishReason | undefined): string {
  return reason === undefined ? "end_turn" : stopReasons[reason];
}

const stopReasons: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
};

/** Anthropic counts cached input apart from the rest; ours are totals. */
export function anthropicUsage(usage: UsageFacts | undefined): object {
  const cached = usage?.cached_input_tokens ?? 0;
  const written = usage?.cache_write_tokens ?? 0;
  return {
    input_tokens: Math.max(0, (usage?.input_tokens ?? 0) - cached - written),
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: written,
    output_tokens: usage?.output_tokens ?? 0,
  };
}
