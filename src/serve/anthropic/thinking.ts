import { type ReasoningPart, reasoningPart as reasoningPartShape } from "../../providers/shapes/message.ts";
import { reasoningOpaque } from "../../providers/turn.ts";
import type { ThinkingBlock } from "./blocks.ts";

/** Begins a signature under which another provider's reasoning travels through a client that knows only Anthropic's. */
const foreignPrefix = "switchyard.";

/** A reasoning part as the block a client keeps and sends back; undefined when it holds nothing to show or to keep. */
export function toThinkingBlock(part: ReasoningPart): Record<string, unknown> | undefined {
  const block = reasoningOpaque.safeParse(part.opaque).data?.block;
  if (part.provider === "anthropic" && block !== undefined) return { ...block };
  if (part.opaque === undefined) {
    return part.text === undefined ? undefined : { type: "thinking", thinking: part.text, signature: "" };
  }
  const { text = "", ...kept } = part;
  return { type: "thinking", thinking: text, signature: foreignPrefix + encode(kept) };
}

/** The reasoning part that a block sent back stands for. `toolCallsBefore` is its place among the turn's tool calls. */
export function fromThinkingBlock(block: ThinkingBlock, toolCallsBefore: number): ReasoningPart | undefined {
  if (block.type === "thinking" && block.signature.startsWith(foreignPrefix)) {
    const kept = reasoningPartShape.safeParse(decode(block.signature.slice(foreignPrefix.length)));
    if (!kept.success) return undefined;
    return { ...kept.data, ...(block.thinking === "" ? {} : { text: block.thinking }) };
  }
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

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
}
