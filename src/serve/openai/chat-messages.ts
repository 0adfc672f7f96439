import { z } from "zod";
import { SwitchyardError } from "../../core/errors.ts";
import type { Message, MessagePart, ToolCall } from "../../providers/shapes/message.ts";
import { readCallId } from "../api/carried.ts";
import { unsupportedField } from "../api/unsupported-field.ts";

const textPart = z.looseObject({ type: z.literal("text"), text: z.string() });
const refusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const imagePart = z.looseObject({ type: z.literal("image_url"), image_url: z.looseObject({ url: z.string() }) });
const audioPart = z.looseObject({
  type: z.literal("input_audio"),
  input_audio: z.looseObject({ data: z.string(), format: z.string() }),
});
const filePart = z.looseObject({
  type: z.literal("file"),
  file: z.looseObject({ file_data: z.string().optional(), file_id: z.string().optional() }),
});
const contentPart = z.discriminatedUnion("type", [textPart, refusalPart, imagePart, audioPart, filePart]);
const content = z.union([z.string(), z.array(contentPart)]).nullish();

const toolCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

export const chatMessage = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content,
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().nullish(),
  refusal: z.string().nullish(),
  /** Reasoning as we gave it with an earlier answer, returned unchanged. */
  reasoning_details: z.array(z.looseObject({ type: z.literal("reasoning") })).nullish(),
});

type ChatMessage = z.infer<typeof chatMessage>;
type ContentPart = z.infer<typeof contentPart>;

/** The conversation in our own message shape. @throws invalid_request for tool arguments that are no JSON object. */
export function toMessages(messages: readonly ChatMessage[]): Message[] {
  return messages.map((message, index) => {
    const { role, tool_calls: calls, tool_call_id } = message;
    return {
      role: role === "developer" ? "system" : role,
      content: contentOf(message, index),
      ...(calls && calls.length > 0 ? { tool_calls: calls.map((call, at) => toToolCall(call, index, at)) } : {}),
      ...(tool_call_id ? { tool_call_id: readCallId(tool_call_id).id } : {}),
    };
  });
}

function contentOf({ content: given, refusal, reasoning_details }: ChatMessage, index: number): Message["content"] {
  // Checked with the whole request, which knows the shape of our own reasoning parts.
  const reasoning = (reasoning_details ?? []) as unknown as MessagePart[];
  const parts: MessagePart[] | string =
    typeof given === "string" ? given : (given ?? []).map((part, at) => toPart(part, index, at));
  const said = refusal && parts.length === 0 ? refusal : parts;
  if (typeof said === "string") {
    if (reasoning.length === 0) return said;
    return said === "" ? reasoning : [...reasoning, { type: "text", text: said }];
  }
  return said.length === 0 && reasoning.length === 0 ? "" : [...reasoning, ...said];
}

function toPart(part: ContentPart, index: number, at: number): MessagePart {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "refusal":
      return { type: "text", text: part.refusal };
    case "image_url":
      return { type: "image", url: part.image_url.url };
    case "input_audio":
      return { type: "audio", data: part.input_audio.data, media_type: `audio/${part.input_audio.format}` };
    case "file": {
      const field = `messages[${index}].content[${at}].file`;
      if (part.file.file_data !== undefined) return { type: "file", url: part.file.file_data };
      throw unsupportedField(`${field}.file_id`, "no files are kept here", "Give file_data, a data: URL");
    }
  }
}

function toToolCall(call: z.infer<typeof toolCall>, index: number, at: number): ToolCall {
  return {
    ...readCallId(call.id),
    name: call.function.name,
    arguments: parseArgumentsText(call.function.arguments, `messages[${index}].tool_calls[${at}].function.arguments`),
  };
}

/** @throws invalid_request when the text is not a JSON object. */
export function parseArgumentsText(text: string, field: string): Record<string, unknown> {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new SwitchyardError("invalid_request", `${field} is not a JSON object`, {
    next: "Return the arguments as the model gave them",
    details: { field },
  });
}
