import type { InferResult, UsageFacts } from "../../../infer/result.ts";
import type { ReasoningPart } from "../../../providers/shapes/message.ts";
import { callIdWith, reasoningSignature } from "../../api/carried.ts";
import { switchyardFacts } from "../chat-completion.ts";
import type { ResponseRequest } from "./request.ts";

export interface ResponseFrame {
  readonly id: string;
  readonly createdMs: number;
  readonly model: string;
  readonly asked: ResponseRequest;
}

/** The members of a response that are the same from its beginning to its end. */
export function openedResponse({ id, createdMs, model, asked }: ResponseFrame): object {
  return {
    id,
    object: "response",
    created_at: Math.floor(createdMs / 1000),
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: asked.instructions ?? null,
    max_output_tokens: asked.max_output_tokens ?? null,
    metadata: asked.metadata ?? {},
    model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: asked.reasoning?.effort ?? null, summary: asked.reasoning?.summary ?? null },
    store: false,
    temperature: asked.temperature ?? null,
    text: asked.text ?? { format: { type: "text" } },
    tool_choice: asked.tool_choice ?? "auto",
    tools: asked.tools ?? [],
    top_p: asked.top_p ?? null,
    truncation: "disabled",
    usage: null,
  };
}

/** A result as OpenAI's `response`, with what it cost and how it was got under `switchyard`. */
export function closedResponse(frame: ResponseFrame, result: InferResult, output: readonly object[]): object {
  const reason = incompleteReasons[result.finish_reason ?? "stop"];
  return {
    ...openedResponse({ ...frame, model: result.model }),
    status: reason === undefined ? "completed" : "incomplete",
    incomplete_details: reason === undefined ? null : { reason },
    output,
    usage: responseUsage(result.usage),
    switchyard: switchyardFacts(result),
  };
}

const incompleteReasons: Readonly<Record<string, string>> = {
  length: "max_output_tokens",
  content_filter: "content_filter",
};

/** Reasoning, text and calls as items, in the order the model produced them. */
export function outputItems({ id, output, message }: InferResult): object[] {
  const content = message?.content ?? output.text ?? "";
  const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  const items: object[] = [];
  for (const part of parts) {
    const itemId = `${id}_${items.length}`;
    if (part.type === "reasoning") items.push(reasoningItem(itemId, part));
    else if (part.type === "text" && part.text !== "") items.push(messageItem(itemId, part.text));
  }
  for (const call of output.tool_calls ?? []) {
    const fields = { call_id: callIdWith(call), name: call.name, arguments: JSON.stringify(call.arguments) };
    items.push({ id: `${id}_${items.length}`, type: "function_call", status: "completed", ...fields });
  }
  return items;
}

export function messageItem(id: string, text: string): object {
  return { id, type: "message", role: "assistant", status: "completed", content: [textPart(text)] };
}

export function textPart(text: string): object {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

export function reasoningItem(id: string, part: ReasoningPart): object {
  const summary = part.text === undefined ? [] : [{ type: "summary_text", text: part.text }];
  return { id, type: "reasoning", summary, encrypted_content: reasoningSignature(part) };
}

export function responseUsage(usage: UsageFacts | undefined): object {
  const input = usage?.input_tokens ?? 0;
  const output = usage?.output_tokens ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage?.cached_input_tokens ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage?.reasoning_tokens ?? 0 },
    total_tokens: input + output,
  };
}
