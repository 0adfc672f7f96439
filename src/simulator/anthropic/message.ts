import type { Usage } from "../../core/usage.ts";
import type { Answer, Finish } from "../model/answer.ts";
import { seal } from "../model/seal.ts";
import type { IdSource } from "../wire/ids.ts";
import { thinkingSeal, thoughtToolPrefix } from "./message-rules.ts";
import { usageBody } from "./usage.ts";

export type MessageBlock =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: object };

/** A message as the API answers it, with its arguments as they were written for the stream. */
export interface MadeMessage {
  readonly id: string;
  readonly model: string;
  readonly content: readonly MessageBlock[];
  /** JSON texts of the tool uses, in order. */
  readonly argumentTexts: readonly string[];
  readonly stopReason: string;
  readonly stopSequence: string | null;
  readonly stopDetails: unknown;
  readonly usage: Usage;
}

const stopReasons: Record<Finish, string> = {
  stop: "end_turn",
  stop_sequence: "stop_sequence",
  length: "max_tokens",
  tool_calls: "tool_use",
  refusal: "refusal",
  content_filter: "refusal",
  blocked: "refusal",
};

/** An answer as a message. With `showsThinking` false a thinking block has its signature and no text. */
export function messageOf(
  answer: Answer,
  usage: Usage,
  model: string,
  showsThinking: boolean,
  ids: IdSource,
): MadeMessage {
  const content: MessageBlock[] = [];
  if (answer.reasoningTokens > 0) {
    const thinking = showsThinking ? answer.reasoning : "";
    content.push({ type: "thinking", thinking, signature: seal(thinkingSeal, thinking) });
  }
  if (answer.text !== "") content.push({ type: "text", text: answer.text });
  // Arguments that the limit has cut are not an object, so their call is left out.
  const calls = answer.callsCut ? answer.calls.slice(0, -1) : answer.calls;
  for (const call of calls) {
    const id = ids.next(answer.reasoningTokens > 0 ? thoughtToolPrefix : "toolu_");
    content.push({ type: "tool_use", id, name: call.name, input: JSON.parse(call.arguments) as object });
  }
  const stopReason = stopReasons[answer.finish];
  const details = { type: "refusal", category: "general_harms", explanation: answer.refusal ?? "Refused. (simulated)" };
  return {
    id: ids.next("msg_"),
    model,
    content,
    argumentTexts: calls.map((call) => call.arguments),
    stopReason,
    stopSequence: answer.stopSequence,
    stopDetails: stopReason === "refusal" ? details : null,
    usage,
  };
}

export function messageBody(made: MadeMessage): unknown {
  return {
    id: made.id,
    type: "message",
    role: "assistant",
    model: made.model,
    content: made.content,
    stop_reason: made.stopReason,
    stop_sequence: made.stopSequence,
    stop_details: made.stopDetails,
    usage: usageBody(made.usage),
  };
}
