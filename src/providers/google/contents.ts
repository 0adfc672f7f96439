import { z } from "zod";
import { SwitchyardError } from "../../core/errors.ts";
import { mediaSource } from "../media-source.ts";
import type { JsonObject } from "../narrow.ts";
import type { MediaPart, Message, MessagePart, ToolCall } from "../shapes/message.ts";
import type { TextRequest } from "../shapes/text.ts";
import { assistantTurn, parts, type TurnPiece, textOf } from "../turn.ts";
import type { WireNames } from "../wire-names.ts";

/** What we keep of a Gemini function call: its own id and its signature, to be returned unchanged. */
export const callOpaque = z.object({
  google: z.object({ id: z.string().optional(), thoughtSignature: z.string().optional() }),
});

/**
 * What we keep of a signature that came on a part of plain text: how many characters of text it was on. Parts with and
 * without a signature may not be merged, so the text is cut there again.
 */
export const textSignature = z.object({ thoughtSignature: z.string(), onText: z.number().int().nonnegative() });

/** Stands in for the signature of a call that another provider's model made. */
const foreignCall = "skip_thought_signature_validator";

/** The conversation as `contents`: neighbours of one role are one turn, tool results are the user's. */
export function geminiContents(request: TextRequest, names: WireNames, wantsSignatures: boolean): JsonObject[] {
  const calls = new Map<string, ToolCall>();
  const turns: { role: "user" | "model"; parts: JsonObject[] }[] = [];
  for (const message of request.messages) {
    for (const call of message.tool_calls ?? []) calls.set(call.id, call);
    const role = message.role === "assistant" ? "model" : "user";
    const content = partsOf(message, calls, names, wantsSignatures);
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.parts.push(...content);
    else turns.push({ role, parts: content });
  }
  return turns;
}

function partsOf(
  message: Message,
  calls: ReadonlyMap<string, ToolCall>,
  names: WireNames,
  wantsSignatures: boolean,
): JsonObject[] {
  if (message.role === "assistant") return modelParts(assistantTurn(message, "google"), names, wantsSignatures);
  if (message.role === "tool") return [functionResponse(message, calls, names)];
  return parts(message).flatMap<JsonObject>((part) => plainPart(part) ?? []);
}

function plainPart(part: MessagePart): JsonObject | undefined {
  if (part.type === "text") return part.text === "" ? undefined : { text: part.text };
  return part.type === "reasoning" ? undefined : mediaPart(part);
}

export function mediaPart(part: MediaPart): JsonObject {
  const source = mediaSource(part);
  if (source.kind === "data") return { inlineData: { mimeType: source.mediaType, data: source.base64 } };
  return { fileData: { ...(source.mediaType && { mimeType: source.mediaType }), fileUri: source.url } };
}

function modelParts(turn: readonly TurnPiece[], names: WireNames, wantsSignatures: boolean): JsonObject[] {
  const out: JsonObject[] = [];
  let calls = 0;
  for (const piece of turn) {
    if (piece.type === "text") out.push({ text: piece.text });
    else if (piece.type === "call") out.push(functionCall(piece.call, names, wantsSignatures && calls++ === 0));
    else if (piece.type === "media") out.push(mediaPart(piece.part));
    else if (piece.block) replayBlock(out, piece.block);
  }
  return out;
}

function functionCall(call: ToolCall, names: WireNames, first: boolean): JsonObject {
  const own = callOpaque.safeParse(call.opaque).data?.google;
  // Only the first of parallel calls carries a signature.
  const signature = own ? own.thoughtSignature : first ? foreignCall : undefined;
  return {
    functionCall: { ...(own?.id && { id: own.id }), name: names.toWire(call.name), args: call.arguments },
    ...(signature && { thoughtSignature: signature }),
  };
}

/** Puts back a thought part as it was, or a signature on the end of the text before it. */
function replayBlock(out: JsonObject[], block: JsonObject): void {
  const signed = textSignature.safeParse(block).data;
  if (!signed) {
    if (block.thought === true) out.push(block);
    return;
  }
  const { thoughtSignature, onText } = signed;
  const text = out.at(-1)?.text;
  if (onText === 0 || typeof text !== "string" || text.length < onText || out.at(-1)?.thought) {
    out.push({ text: "", thoughtSignature });
    return;
  }
  out.pop();
  const cut = text.length - onText;
  if (cut > 0) out.push({ text: text.slice(0, cut) });
  out.push({ text: text.slice(cut), thoughtSignature });
}

function functionResponse(message: Message, calls: ReadonlyMap<string, ToolCall>, names: WireNames): JsonObject {
  const call = calls.get(message.tool_call_id ?? "");
  if (!call) {
    throw new SwitchyardError(
      "invalid_request",
      `no tool call in messages has the id ${JSON.stringify(message.tool_call_id ?? "")}`,
      {
        next: "Send the assistant message with its tool_calls before the tool message that answers it",
        details: { field: "messages", tool_call_id: message.tool_call_id ?? "" },
      },
    );
  }
  const id = callOpaque.safeParse(call.opaque).data?.google.id;
  const media = parts(message).flatMap((part) =>
    part.type === "text" || part.type === "reasoning" ? [] : mediaPart(part),
  );
  return {
    functionResponse: {
      ...(id && { id }),
      name: names.toWire(call.name),
      response: { output: textOf(message) },
      ...(media.length > 0 && { parts: media }),
    },
  };
}
