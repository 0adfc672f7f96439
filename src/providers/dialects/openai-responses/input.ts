import { mediaSource, toDataUrl } from "../../media-source.ts";
import type { JsonObject } from "../../narrow.ts";
import type { MediaPart, Message, MessagePart } from "../../shapes/message.ts";
import type { TextRequest } from "../../shapes/text.ts";
import { assistantTurn, parts, textOf } from "../../turn.ts";
import { fileName } from "../openai-chat/media.ts";
import type { Names } from "../openai-chat/messages.ts";
import type { ResponsesDialect } from "./dialect.ts";

/** The conversation as `input` items: messages, calls, their outputs and reasoning items, each in its place. */
export function responsesInput(dialect: ResponsesDialect, request: TextRequest, names: Names): JsonObject[] {
  const items = request.messages.flatMap((message) => {
    if (message.role === "assistant") return assistantItems(dialect, message, names);
    if (message.role === "tool") return [toolOutput(message, names)];
    return [{ role: "user", content: parts(message).flatMap((part) => inputPart(part) ?? []) }];
  });
  return request.system ? [{ role: dialect.systemRole, content: request.system }, ...items] : items;
}

/** One part of a user message or a tool's output; undefined when there is no form for it. */
export function inputPart(part: MessagePart): JsonObject | undefined {
  if (part.type === "text") return { type: "input_text", text: part.text };
  return part.type === "reasoning" ? undefined : inputMedia(part);
}

function inputMedia(part: MediaPart): JsonObject | undefined {
  const source = mediaSource(part);
  if (part.type === "image") {
    return { type: "input_image", image_url: source.kind === "url" ? source.url : toDataUrl(source) };
  }
  if (part.type === "file") {
    return source.kind === "url"
      ? { type: "input_file", file_url: source.url }
      : { type: "input_file", filename: fileName(source.mediaType), file_data: toDataUrl(source) };
  }
  return undefined;
}

function toolOutput(message: Message, names: Names): JsonObject {
  const plain = parts(message).every((part) => part.type === "text" || part.type === "reasoning");
  return {
    type: "function_call_output",
    call_id: names.callIds.toWire(message.tool_call_id ?? ""),
    output: plain ? textOf(message) : parts(message).flatMap((part) => inputPart(part) ?? []),
  };
}

function assistantItems(dialect: ResponsesDialect, message: Message, names: Names): JsonObject[] {
  return assistantTurn(message, dialect.provider).flatMap((piece): JsonObject[] => {
    if (piece.type === "text") return [{ role: "assistant", content: [{ type: "output_text", text: piece.text }] }];
    if (piece.type === "call") {
      const { id, name, arguments: args } = piece.call;
      const call_id = names.callIds.toWire(id);
      return [{ type: "function_call", call_id, name: names.tools.toWire(name), arguments: JSON.stringify(args) }];
    }
    // Nothing is stored at the provider, so an item without its encrypted content cannot be referred to.
    if (piece.type === "reasoning" && piece.block?.type === "reasoning" && piece.block.encrypted_content) {
      return [piece.block];
    }
    return [];
  });
}
