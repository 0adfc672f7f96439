import type { InferResult, UsageFacts } from "../../infer/result.ts";
import type { MessagePart, ToolCall } from "../../providers/shapes/message.ts";
import { callIdWith } from "../api/carried.ts";

/** A result as OpenAI's `chat.completion`, with what it cost and how it was got under `switchyard`. */
export function chatCompletion(result: InferResult, createdMs: number): object {
  return {
    id: result.id,
    object: "chat.completion",
    created: Math.floor(createdMs / 1000),
    model: result.model,
    choices: [
      {
        index: 0,
        message: assistantMessage(result),
        logprobs: null,
        finish_reason: result.finish_reason ?? "stop",
      },
    ],
    usage: chatUsage(result.usage),
    switchyard: switchyardFacts(result),
  };
}

function assistantMessage({ output, message }: InferResult): object {
  const calls = output.tool_calls?.map(chatToolCall);
  const reasoning = reasoningParts(message?.content);
  return {
    role: "assistant",
    content: output.text === undefined || (output.text === "" && calls !== undefined) ? null : output.text,
    refusal: null,
    ...(calls === undefined ? {} : { tool_calls: calls }),
    ...(output.reasoning === undefined ? {} : { reasoning_content: output.reasoning }),
    ...(reasoning.length === 0 ? {} : { reasoning_details: reasoning }),
  };
}

function chatToolCall(call: ToolCall): object {
  const { name, arguments: args } = call;
  return { id: callIdWith(call), type: "function", function: { name, arguments: JSON.stringify(args) } };
}

/** The reasoning that the provider wants to see again, for `reasoning_details` of the message when it is sent back. */
export function reasoningParts(content: string | readonly MessagePart[] | undefined): MessagePart[] {
  return typeof content === "object" ? content.filter((part) => part.type === "reasoning") : [];
}

export function chatUsage(usage: UsageFacts | undefined): object {
  const input = usage?.input_tokens ?? 0;
  const output = usage?.output_tokens ?? 0;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: usage?.cached_input_tokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage?.reasoning_tokens ?? 0 },
  };
}

export function switchyardFacts({ provider, cost, attempts, cached, warnings }: InferResult): object {
  return { provider, cost, attempts, cached, warnings };
}
