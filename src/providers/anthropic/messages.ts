import { mediaSource } from "../media-source.ts";
import type { JsonObject } from "../narrow.ts";
import type { MediaPart, Message } from "../shapes/message.ts";
import type { TextRequest } from "../shapes/text.ts";
import { assistantTurn, parts } from "../turn.ts";
import type { WireNames } from "../wire-names.ts";

export interface Names {
  readonly tools: WireNames;
  readonly callIds: WireNames;
}

/**
 * The conversation as alternating `user` and `assistant` turns. Tool results are user blocks and come before the
 * user's own words, which is the order they have here already; neighbours of one role are one turn.
 */
export function claudeMessages(request: TextRequest, names: Names): JsonObject[] {
  const turns: { role: "user" | "assistant"; content: JsonObject[] }[] = [];
  for (const message of request.messages) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = blocksOf(message, names);
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  trimPrefill(turns.at(-1));
  return turns;
}

function blocksOf(message: Message, names: Names): JsonObject[] {
  if (message.role === "assistant") return assistantBlocks(message, names);
  const content = parts(message).flatMap<JsonObject>((part) => {
    if (part.type === "text") return part.text === "" ? [] : { type: "text", text: part.text };
    return part.type === "reasoning" ? [] : (mediaBlock(part) ?? []);
  });
  if (message.role !== "tool") return content;
  return [
    {
      type: "tool_result",
      tool_use_id: names.callIds.toWire(message.tool_call_id ?? ""),
      content: typeof message.content === "string" ? message.content : content,
    },
  ];
}

function assistantBlocks(message: Message, names: Names): JsonObject[] {
  return assistantTurn(message, "anthropic").flatMap<JsonObject>((piece) => {
    switch (piece.type) {
      case "text":
        return { type: "text", text: piece.text };
      case "call":
        return {
          type: "tool_use",
          id: names.callIds.toWire(piece.call.id),
          name: names.tools.toWire(piece.call.name),
          input: piece.call.arguments,
        };
      case "reasoning":
        return isThinking(piece.block) ? piece.block : [];
      default:
        return [];
    }
  });
}

/** Only what the model itself wrote as thinking goes back as such. */
function isThinking(block: JsonObject | undefined): block is JsonObject {
  return block?.type === "redacted_thinking" || (block?.type === "thinking" && block.signature !== "");
}

/** An image or document block; undefined when there is no form for the part. */
export function mediaBlock(part: MediaPart): JsonObject | undefined {
  const media = mediaSource(part);
  const type = part.type === "image" ? "image" : part.type === "file" ? "document" : undefined;
  if (!type) return undefined;
  if (media.kind === "url") return { type, source: { type: "url", url: media.url } };
  if (type === "document" && media.mediaType === "text/plain") {
    const data = Buffer.from(media.base64, "base64").toString("utf8");
    return { type, source: { type: "text", media_type: "text/plain", data } };
  }
  if (!mediaTypes[type].includes(media.mediaType)) return undefined;
  return { type, source: { type: "base64", media_type: media.mediaType, data: media.base64 } };
}

const mediaTypes = {
  image: ["image/jpeg", "image/png", "image/gif", "image/webp"],
  document: ["application/pdf"],
};

/** An assistant text that is to be continued may not end in white space. */
function trimPrefill(turn: { role: string; content: JsonObject[] } | undefined): void {
  const last = turn?.role === "assistant" ? turn.content.at(-1) : undefined;
  if (turn && last && typeof last.text === "string" && last.type === "text") {
    turn.content[turn.content.length - 1] = { type: "text", text: last.text.trimEnd() };
  }
}
