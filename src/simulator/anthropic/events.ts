import { fragmentsOf } from "../chat/chunks.ts";
import { piecesOf } from "../model/answer.ts";
import { countTokens } from "../model/tokens.ts";
import type { UsagePlacement } from "../provider.ts";
import type { StreamEvent } from "../wire/reply.ts";
import type { MadeMessage, MessageBlock } from "./message.ts";
import { usageBody } from "./usage.ts";

/** A message as its events, `message_start` to `message_stop`. */
export function* messageEvents(made: MadeMessage, placement: UsagePlacement): Iterable<StreamEvent> {
  const total = made.usage.outputTokens ?? 0;
  const usage = usageBody(made.usage);
  let produced = 0;
  const event = (type: string, fields: string, hasUsage = false): StreamEvent => ({
    wire: `event: ${type}\ndata: {"type":"${type}"${fields}}\n\n`,
    outputTokens: Math.min(produced, total),
    hasUsage,
  });
  const messageDelta = (stopReason: string | null) =>
    event(
      "message_delta",
      `,"delta":${JSON.stringify({
        stop_reason: stopReason,
        stop_sequence: stopReason === null ? null : made.stopSequence,
        ...(stopReason === "refusal" ? { stop_details: made.stopDetails } : {}),
      })},"usage":${JSON.stringify(usage)}`,
      true,
    );

  const opened = {
    id: made.id,
    type: "message",
    role: "assistant",
    model: made.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: { ...usage, output_tokens: Math.min(2, total), output_tokens_details: null },
  };
  yield event("message_start", `,"message":${JSON.stringify(opened)}`);
  if (placement === "early") yield messageDelta(null);
  let call = 0;
  for (const [index, block] of made.content.entries()) {
    yield event("content_block_start", `,"index":${index},"content_block":${JSON.stringify(emptied(block))}`);
    if (index === 0) yield event("ping", "");
    const head = `,"index":${index},"delta":`;
    if (block.type === "text") {
      const before = produced;
      let characters = 0;
      for (const piece of piecesOf(block.text)) {
        characters += piece.length;
        produced = before + Math.ceil(characters / 4);
        yield event("content_block_delta", `${head}{"type":"text_delta","text":${JSON.stringify(piece)}}`);
      }
    } else if (block.type === "thinking") {
      for (const piece of piecesOf(block.thinking)) {
        yield event("content_block_delta", `${head}{"type":"thinking_delta","thinking":${JSON.stringify(piece)}}`);
      }
      produced += made.usage.reasoningTokens ?? 0;
      yield event(
        "content_block_delta",
        `${head}{"type":"signature_delta","signature":${JSON.stringify(block.signature)}}`,
      );
    } else {
      const text = made.argumentTexts[call++] ?? "{}";
      produced += 4 + countTokens(block.name);
      // The API opens with an empty fragment, and for a tool without arguments sends nothing else.
      yield event("content_block_delta", `${head}{"type":"input_json_delta","partial_json":""}`);
      for (const piece of text === "{}" ? [] : fragmentsOf(text)) {
        produced += countTokens(piece);
        yield event(
          "content_block_delta",
          `${head}{"type":"input_json_delta","partial_json":${JSON.stringify(piece)}}`,
        );
      }
    }
    yield event("content_block_stop", `,"index":${index}`);
  }
  produced = total;
  yield messageDelta(made.stopReason);
  if (placement === "twice") yield messageDelta(made.stopReason);
  yield event("message_stop", "");
}

/** A block as `content_block_start` shows it. */
function emptied(block: MessageBlock): object {
  switch (block.type) {
    case "text":
      return { type: "text", text: "" };
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "tool_use":
      return { ...block, input: {} };
  }
}
