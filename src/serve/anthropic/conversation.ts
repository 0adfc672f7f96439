import type { z } from "zod";
import type { MediaPart, Message, MessagePart, ToolCall } from "../../providers/shapes/message.ts";
import { readCallId } from "../api/carried.ts";
import type { ContentBlock, conversationMessage, MediaOrTextBlock } from "./blocks.ts";
import { fromThinkingBlock } from "./thinking.ts";

type ConversationMessage = z.infer<typeof conversationMessage>;

/** The conversation in our own message shape: tool results, which Anthropic has in user turns, become messages. */
export function toMessages(messages: readonly ConversationMessage[]): Message[] {
  return messages.flatMap((message) => {
    if (typeof message.content === "string") return [{ role: message.role, content: message.content }];
    return message.role === "assistant"
      ? [assistantMessage(message.content)]
      : userMessages(message.content, message.role);
  });
}

function assistantMessage(blocks: readonly ContentBlock[]): Message {
  const parts: MessagePart[] = [];
  const calls: ToolCall[] = [];
  for (const block of blocks) {
    if (block.type === "tool_use") calls.push({ ...readCallId(block.id), name: block.name, arguments: block.input });
    else if (block.type === "thinking" || block.type === "redacted_thinking") {
      const part = fromThinkingBlock(block, calls.length);
      if (part !== undefined) parts.push(part);
    } else if (block.type !== "tool_result") parts.push(toPart(block));
  }
  return { role: "assistant", content: parts, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
}

function userMessages(blocks: readonly ContentBlock[], role: "user" | "system"): Message[] {
  const messages: Message[] = [];
  const said: MessagePart[] = [];
  for (const block of blocks) {
    if (block.type === "tool_result") {
      const { content, is_error } = block;
      const parts = typeof content === "string" ? content : (content ?? []).map(toPart);
      messages.push({
        role: "tool",
        content: is_error ? asFailure(parts) : parts,
        tool_call_id: readCallId(block.tool_use_id).id,
      });
    } else if (block.type === "text" || block.type === "image" || block.type === "document") said.push(toPart(block));
  }
  if (said.length > 0) messages.push({ role, content: said });
  return messages;
}

/** Our tool messages have no mark for a failure, and the model must not take it for a success. */
function asFailure(content: string | MessagePart[]): string | MessagePart[] {
  if (typeof content === "string") return `Error: ${content}`;
  return [{ type: "text", text: "Error:" }, ...content];
}

function toPart(block: MediaOrTextBlock): MessagePart {
  if (block.type === "text") return { type: "text", text: block.text };
  const type: MediaPart["type"] = block.type === "image" ? "image" : "file";
  const { source } = block;
  if (source.type === "url") return { type, url: source.url };
  if (source.type === "base64") return { type, data: source.data, media_type: source.media_type };
  return { type, data: Buffer.from(source.data).toString("base64"), media_type: source.media_type };
}
