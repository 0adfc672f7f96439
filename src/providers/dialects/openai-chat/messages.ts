import type { ModelCard } from "../../../core/model-card.ts";
import type { JsonObject } from "../../narrow.ts";
import type { Message } from "../../shapes/message.ts";
import type { TextRequest } from "../../shapes/text.ts";
import { assistantTurn, parts, textOf } from "../../turn.ts";
import type { WireNames } from "../../wire-names.ts";
import type { ChatDialect } from "./dialect.ts";

export interface Names {
  readonly tools: WireNames;
  readonly callIds: WireNames;
}

/** The conversation as `messages`, the system text first. */
export function chatMessages(dialect: ChatDialect, request: TextRequest, model: ModelCard, names: Names): JsonObject[] {
  const messages = request.messages.map((message) => {
    if (message.role === "assistant") return assistantMessage(dialect, message, names);
    if (message.role === "tool") {
      return {
        role: "tool",
        tool_call_id: names.callIds.toWire(message.tool_call_id ?? ""),
        content: textOf(message),
      };
    }
    return { role: "user", content: userContent(dialect, message) };
  });
  if (!request.system) return messages;
  return [{ role: dialect.systemRole?.(model) ?? "system", content: request.system }, ...messages];
}

function userContent(dialect: ChatDialect, message: Message): string | JsonObject[] {
  const content = parts(message).filter((part) => part.type !== "reasoning");
  if (content.every((part) => part.type === "text")) return textOf(message);
  // `check` has refused every part that the dialect has no form for.
  return content.flatMap<JsonObject>((part) =>
    part.type === "text" ? { type: "text", text: part.text } : (dialect.media(part) ?? []),
  );
}

function assistantMessage(dialect: ChatDialect, message: Message, names: Names): JsonObject {
  const turn = assistantTurn(message, dialect.provider);
  const text = textOf(message);
  const calls = turn.flatMap((piece) => (piece.type === "call" ? piece.call : []));
  const reasoning = turn.map((piece) => (piece.type === "reasoning" ? (piece.part.text ?? "") : "")).join("");
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? dialect.emptyContent : text,
    ...(reasoning !== "" && dialect.reasoningBack?.(reasoning)),
    ...(calls.length > 0 && {
      tool_calls: calls.map((call) => ({
        id: names.callIds.toWire(call.id),
        type: "function",
        function: { name: names.tools.toWire(call.name), arguments: JSON.stringify(call.arguments) },
      })),
    }),
  };
}
