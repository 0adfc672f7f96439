import type { Usage } from "../../core/usage.ts";
import type { Answer } from "../model/answer.ts";
import { seal } from "../model/seal.ts";
import type { IdSource } from "../wire/ids.ts";
import type { ResponsesRequest } from "./request.ts";
import { reasonedCallPrefix, reasoningSeal } from "./rules.ts";

export interface ReasoningItem {
  readonly id: string;
  readonly type: "reasoning";
  readonly summary: readonly { readonly type: "summary_text"; readonly text: string }[];
  readonly encrypted_content?: string;
}

export interface MessageItem {
  readonly id: string;
  readonly type: "message";
  readonly role: "assistant";
  readonly status: "completed" | "incomplete";
  readonly phase: "final_answer";
  readonly content: readonly (
    | { readonly type: "output_text"; readonly text: string; readonly annotations: []; readonly logprobs: [] }
    | { readonly type: "refusal"; readonly refusal: string }
  )[];
}

export interface FunctionCallItem {
  readonly id: string;
  readonly type: "function_call";
  readonly status: "completed" | "incomplete";
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
}

export type OutputItem = ReasoningItem | MessageItem | FunctionCallItem;

/** The items an answer is made of, in order. */
export function outputItems(answer: Answer, request: ResponsesRequest, ids: IdSource): OutputItem[] {
  const items: OutputItem[] = [];
  const status = answer.finish === "length" || answer.finish === "content_filter" ? "incomplete" : "completed";
  if (answer.reasoningTokens > 0) {
    const id = ids.next("rs_");
    const summary = request.reasoning?.summary ? [{ type: "summary_text" as const, text: answer.reasoning }] : [];
    const encrypted = request.include?.includes("reasoning.encrypted_content")
      ? { encrypted_content: seal(reasoningSeal, id) }
      : {};
    items.push({ id, type: "reasoning", summary, ...encrypted });
  }
  for (const call of answer.calls) {
    items.push({
      id: ids.next("fc_"),
      type: "function_call",
      status: answer.callsCut ? "incomplete" : "completed",
      call_id: ids.next(answer.reasoningTokens > 0 ? reasonedCallPrefix : "call_"),
      name: call.name,
      arguments: call.arguments,
    });
  }
  if (answer.refusal !== null || answer.text !== "") {
    const content =
      answer.refusal === null
        ? { type: "output_text" as const, text: answer.text, annotations: [] as [], logprobs: [] as [] }
        : { type: "refusal" as const, refusal: answer.refusal };
    items.push({
      id: ids.next("msg_"),
      type: "message",
      role: "assistant",
      status,
      phase: "final_answer",
      content: [content],
    });
  }
  return items;
}

/** A response object at one point of its life. */
export interface ResponseObject {
  readonly id: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

/** The response as it is when it has ended. */
export function endedResponse(
  opened: ResponseObject,
  answer: Answer,
  items: readonly OutputItem[],
  usage: Usage,
  usageExtras: object,
): ResponseObject {
  const reason =
    answer.finish === "length"
      ? "max_output_tokens"
      : answer.finish === "content_filter" || answer.finish === "blocked"
        ? "content_filter"
        : null;
  return {
    ...opened,
    status: reason === null ? "completed" : "incomplete",
    incomplete_details: reason === null ? null : { reason },
    output: items,
    usage: { ...responsesUsage(usage), ...usageExtras },
  };
}

/** The response as it is when it has begun. */
export function openedResponse(id: string, createdAtS: number, request: ResponsesRequest): ResponseObject {
  return {
    id,
    object: "response",
    created_at: createdAtS,
    status: "in_progress",
    background: request.background ?? false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    model: request.model,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null },
    service_tier: request.service_tier == null || request.service_tier === "auto" ? "default" : request.service_tier,
    store: request.store ?? true,
    temperature: request.temperature ?? null,
    text: request.text ?? { format: { type: "text" } },
    tool_choice: request.tool_choice ?? "auto",
    tools: request.tools ?? [],
    top_p: request.top_p ?? null,
    truncation: request.truncation ?? "disabled",
    usage: null,
    metadata: request.metadata ?? {},
  };
}

function responsesUsage(usage: Usage): object {
  const input = usage.inputTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens ?? 0,
      ...(usage.cacheWriteTokens === undefined ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: input + output,
  };
}
