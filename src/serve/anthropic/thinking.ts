import type { ReasoningPart } from "../../providers/shapes/message.ts";
import { reasoningOpaque } from "../../providers/turn.ts";
import { readReasoningSignature, reasoningSignature } from "../api/carried.ts";
import type { ThinkingBlock } from "./blocks.ts";

/** A reasoning part as the block a client keeps and sends back; undefined when it holds nothing to show or to keep. */
export function toThinkingBlock(part: ReasoningPart): Record<string, unknown> | undefined {
  const block = reasoningOpaque.safeParse(part.opaque).data?.block;
  if (part.provider === "anthropic" && block !== undefined) return { ...block };
  if (part.opaque === undefined) {
    return part.text === undefined ? undefined : { type: "thinking", thinking: part.text, signature: "" };
  }
  return { type: "thinking", thinking: part.text ?? "", signature: reasoningSignature(part) };
}

/** The reasoning part that a block sent back stands for. `toolCallsBefore` is its place among the turn's tool calls. */
export function fromThinkingBlock(block: ThinkingBlock, toolCallsBefore: number): ReasoningPart | undefined {
  const carried = block.type === "thinking" ? readReasoningSignature(block.signature, block.thinking) : undefined;
  if (carried !== undefined) return carried;
  // Anthropic verifies its own signatures; thinking without one cannot go back to it.
  if (block.type === "thinking" && block.signature === "") return undefined;
  const place = toolCallsBefore > 0 ? { after_tool_calls: toolCallsBefore } : {};
  return {
    type: "reasoning",
    ...(block.type === "thinking" && block.thinking !== "" ? { text: block.thinking } : {}),
    provider: "anthropic",
    opaque: { block: { ...block }, ...place },
  };
}

/** How many of the turn's tool calls had begun before this part. */
export function toolCallsBefore(part: ReasoningPart): number {
  return reasoningOpaque.safeParse(part.opaque).data?.after_tool_calls ?? 0;
}
