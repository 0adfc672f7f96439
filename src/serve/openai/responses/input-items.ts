import { z } from "zod";
import type { Message, MessagePart, ReasoningPart } from "../../../providers/shapes/message.ts";
import { readCallId, readReasoningSignature } from "../../api/carried.ts";
import { unsupportedField } from "../../api/unsupported-field.ts";
import { parseArgumentsText } from "../chat-messages.ts";

const part = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("input_text"), text: z.string() }),
  z.looseObject({ type: z.literal("output_text"), text: z.string() }),
  z.looseObject({ type: z.literal("refusal"), refusal: z.string() }),
  z.looseObject({ type: z.literal("input_image"), image_url: z.string().nullish() }),
  z.looseObject({ type: z.literal("input_file"), file_data: z.string().nullish(), file_url: z.string().nullish() }),
]);

const messageItem = z.looseObject({
  type: z.literal("message").optional(),
  role: z.enum(["system", "developer", "user", "assistant"]),
  content: z.union([z.string(), z.array(part)]),
});
const callItem = z.looseObject({
  type: z.literal("function_call"),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
const callOutputItem = z.looseObject({
  type: z.literal("function_call_output"),
  call_id: z.string(),
  output: z.union([z.string(), z.array(part)]),
});
const reasoningItem = z.looseObject({
  type: z.literal("reasoning"),
  summary: z.array(z.looseObject({ text: z.string() })).optional(),
  encrypted_content: z.string().nullish(),
});

export const inputItem = z.union([callItem, callOutputItem, reasoningItem, messageItem]);

type InputItem = z.infer<typeof inputItem>;
type Part = z.infer<typeof part>;

/** The conversation in our own message shape: the items of one assistant turn become one message. */
export function toMessages(items: readonly InputItem[]): Message[] {
  const messages: Message[] = [];
  let turn: { content: MessagePart[]; calls: NonNullable<Message["tool_calls"]> } | undefined;
  const closeTurn = () => {
    if (turn === undefined) return;
    const { content, calls } = turn;
    messages.push({ role: "assistant", content, ...(calls.length > 0 ? { tool_calls: calls } : {}) });
    turn = undefined;
  };
  for (const [index, item] of items.entries()) {
    if (item.type === "function_call_output") {
      closeTurn();
      const output = item.output;
      const content = typeof output === "string" ? output : output.map((one, at) => toPart(one, index, at));
      messages.push({ role: "tool", content, tool_call_id: readCallId(item.call_id).id });
    } else if (item.type === "function_call") {
      turn ??= { content: [], calls: [] };
      const field = `input[${index}].arguments`;
      turn.calls.push({
        ...readCallId(item.call_id),
        name: item.name,
        arguments: parseArgumentsText(item.arguments, field),
      });
    } else if (item.type === "reasoning") {
      // Reasoning begins a turn unless it comes between the calls of one.
      if (turn !== undefined && turn.calls.length === 0 && turn.content.some((one) => one.type === "text")) closeTurn();
      turn ??= { content: [], calls: [] };
      turn.content.push(toReasoning(item, turn.calls.length));
    } else {
      const content = partsOf(item, index);
      if (item.role === "assistant") {
        turn ??= { content: [], calls: [] };
        turn.content.push(...content);
        continue;
      }
      closeTurn();
      messages.push({ role: item.role === "developer" ? "system" : item.role, content });
    }
  }
  closeTurn();
  return messages;
}

function partsOf({ content }: z.infer<typeof messageItem>, index: number): MessagePart[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return content.map((one, at) => toPart(one, index, at));
}

function toPart(given: Part, index: number, at: number): MessagePart {
  switch (given.type) {
    case "input_text":
    case "output_text":
      return { type: "text", text: given.text };
    case "refusal":
      return { type: "text", text: given.refusal };
    case "input_image":
      if (given.image_url) return { type: "image", url: given.image_url };
      break;
    case "input_file": {
      const url = given.file_data ?? given.file_url;
      if (url) return { type: "file", url };
    }
  }
  throw unsupportedField(
    `input[${index}].content[${at}].file_id`,
    "no files are kept here",
    "Give a URL or a data: URL",
  );
}

function toReasoning(item: z.infer<typeof reasoningItem>, callsBefore: number): ReasoningPart {
  const text = (item.summary ?? []).map((one) => one.text).join("\n\n");
  const carried = item.encrypted_content ? readReasoningSignature(item.encrypted_content, text) : undefined;
  if (carried !== undefined) return carried;
  // An item that OpenAI itself gave goes back to it as it is.
  const opaque = { block: { ...item }, ...(callsBefore > 0 ? { after_tool_calls: callsBefore } : {}) };
  return { type: "reasoning", ...(text === "" ? {} : { text }), provider: "openai", opaque };
}
