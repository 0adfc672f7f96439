import { z } from "zod";
import type { MediaPart, Message, MessagePart, ReasoningPart, ToolCall } from "./shapes/message.ts";

/**
 * What our adapters put in a reasoning part's `opaque`: the provider's block as it was received, and its place among
 * the tool calls of its turn, which `message` keeps in a list of their own.
 */
export const reasoningOpaque = z.object({
  block: z.record(z.string(), z.unknown()),
  /** How many tool calls of the turn had begun before this block. Absent means none. */
  after_tool_calls: z.number().int().nonnegative().optional(),
});

export type ReasoningOpaque = z.infer<typeof reasoningOpaque>;

/** One piece of an assistant turn in the order the model produced it. `block` is set only for its own provider. */
export type TurnPiece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "media"; readonly part: MediaPart }
  | { readonly type: "reasoning"; readonly part: ReasoningPart; readonly block: ReasoningOpaque["block"] | undefined }
  | { readonly type: "call"; readonly call: ToolCall };

/** The reasoning part for a finished block, to be shown and to be sent back. */
export function reasoningPart(
  provider: string,
  text: string,
  block: Readonly<Record<string, unknown>> | undefined,
  toolCallsBegun: number,
): ReasoningPart {
  const opaque = block && { block, ...(toolCallsBegun > 0 && { after_tool_calls: toolCallsBegun }) };
  return { type: "reasoning", ...(text !== "" && { text }), provider, ...(opaque && { opaque }) };
}

/** An assistant message as the sequence it was made in. Reasoning of other providers is left out: it is bound to them. */
export function assistantTurn(message: Message, provider: string): TurnPiece[] {
  const pieces: TurnPiece[] = [];
  const calls = [...(message.tool_calls ?? [])];
  let placed = 0;
  const placeCalls = (upTo: number) => {
    for (; placed < Math.min(upTo, calls.length); placed++) {
      const call = calls[placed];
      if (call) pieces.push({ type: "call", call });
    }
  };
  for (const part of parts(message)) {
    if (part.type === "text") {
      if (part.text !== "") pieces.push({ type: "text", text: part.text });
    } else if (part.type !== "reasoning") {
      pieces.push({ type: "media", part });
    } else if (part.provider === provider) {
      const opaque = reasoningOpaque.safeParse(part.opaque);
      placeCalls(opaque.data?.after_tool_calls ?? 0);
      pieces.push({ type: "reasoning", part, block: opaque.data?.block });
    }
  }
  placeCalls(calls.length);
  return pieces;
}

export function parts(message: Message): readonly MessagePart[] {
  return typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
}

/** The text of a message, its other parts left out. */
export function textOf(message: Message): string {
  return parts(message)
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("");
}
