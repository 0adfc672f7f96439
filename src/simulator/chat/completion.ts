import type { Usage } from "../../core/usage.ts";
import { type Answer, type Finish, piecesOf } from "../model/answer.ts";
import type { ChatExtras, ChatStyle } from "./dialect.ts";

/** What every completion and chunk repeats, and what was asked of this one. */
export interface CompletionHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly serviceTier: string | null;
  readonly choices: number;
  readonly logprobs: boolean;
  readonly callIds: readonly string[];
  readonly style: ChatStyle;
  readonly extras: ChatExtras;
}

const finishReasons: Record<Finish, string> = {
  stop: "stop",
  stop_sequence: "stop",
  length: "length",
  tool_calls: "tool_calls",
  refusal: "stop",
  content_filter: "content_filter",
  blocked: "content_filter",
};

/** Why the answer ended, in the dialect's words. */
export function finishReasonOf(answer: Answer, style: ChatStyle): string {
  return answer.finish === "refusal" && !style.refusals ? "content_filter" : finishReasons[answer.finish];
}

/** A whole `chat.completion`. */
export function completion(head: CompletionHead, answer: Answer, usage: object): object {
  const { style } = head;
  const finishReason = finishReasonOf(answer, style);
  const content = contentOf(answer, style);
  const message = {
    role: "assistant",
    content: content === "" && answer.calls.length > 0 ? style.emptyContent : content,
    ...reasoningFields(answer, style),
    ...(style.refusals ? { refusal: answer.refusal } : {}),
    ...(style.annotations ? { annotations: [] } : {}),
    ...(answer.calls.length > 0
      ? {
          tool_calls: answer.calls.map((call, index) => ({
            id: head.callIds[index],
            type: "function",
            function: { name: call.name, arguments: call.arguments },
          })),
        }
      : {}),
  };
  return {
    id: head.id,
    object: "chat.completion",
    created: head.created,
    model: head.model,
    ...(head.serviceTier === null ? {} : { service_tier: head.serviceTier }),
    choices: Array.from({ length: head.choices }, (_, index) => ({
      index,
      message,
      logprobs: head.logprobs ? { content: [...piecesOf(answer.text)].map(logprobOf), refusal: null } : null,
      finish_reason: finishReason,
      ...(finishReason === "content_filter" ? style.filteredChoice : {}),
    })),
    usage,
    ...head.extras.every,
    ...head.extras.completion,
  };
}

/** What is said in `content`: null for a refusal that has a field of its own. */
function contentOf(answer: Answer, style: ChatStyle): string | null {
  if (answer.refusal !== null) return style.refusals ? null : "";
  return `${thinkTag(answer, style)}${answer.text}`;
}

/** Reasoning as it stands before the text, where a provider writes it there. */
export function thinkTag(answer: Answer, style: ChatStyle): string {
  return style.reasoning === "think_tags" && answer.reasoning !== ""
    ? `<think>\n${answer.reasoning}\n</think>\n\n`
    : "";
}

function reasoningFields(answer: Answer, style: ChatStyle): object {
  if (answer.reasoning === "") return {};
  if (style.reasoning === "reasoning_details") return { reasoning_details: [reasoningDetail(answer.reasoning)] };
  const isField = style.reasoning === "reasoning" || style.reasoning === "reasoning_content";
  return isField ? { [style.reasoning]: answer.reasoning } : {};
}

export function reasoningDetail(text: string) {
  return { type: "reasoning.text", id: "reasoning-text-1", format: "simulated", index: 0, text };
}

export function logprobOf(token: string) {
  return { token, logprob: -0.5, bytes: [...Buffer.from(token)], top_logprobs: [] };
}

/** OpenAI's usage object of Chat Completions. */
export function chatUsage(usage: Usage): object {
  const input = usage.inputTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens ?? 0,
      ...(usage.cacheWriteTokens === undefined ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens ?? 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
