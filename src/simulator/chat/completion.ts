import type { Usage } from "../../core/usage.ts";
import { type Answer, type Finish, piecesOf } from "../model/answer.ts";
import { countTokens } from "../model/tokens.ts";
import type { UsagePlacement } from "../provider.ts";
import type { StreamEvent } from "../wire/reply.ts";

/** What every completion and chunk repeats, and what was asked of this one. */
export interface CompletionHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly serviceTier: string;
  readonly choices: number;
  readonly logprobs: boolean;
  readonly callIds: readonly string[];
}

export interface ChunkOptions {
  readonly includeUsage: boolean;
  readonly obfuscation: boolean;
  readonly usage: unknown;
  readonly usagePlacement: UsagePlacement;
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

/** A whole `chat.completion`. */
export function completion(head: CompletionHead, answer: Answer, usage: unknown): unknown {
  const message = {
    role: "assistant",
    content: answer.refusal !== null || (answer.text === "" && answer.calls.length > 0) ? null : answer.text,
    refusal: answer.refusal,
    annotations: [],
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
    service_tier: head.serviceTier,
    choices: Array.from({ length: head.choices }, (_, index) => ({
      index,
      message,
      logprobs: head.logprobs ? { content: [...piecesOf(answer.text)].map(logprobOf), refusal: null } : null,
      finish_reason: finishReasons[answer.finish],
    })),
    usage,
  };
}

/** The same as `chat.completion.chunk` events, to `data: [DONE]`. */
export function* chunks(head: CompletionHead, answer: Answer, options: ChunkOptions): Iterable<StreamEvent> {
  const begin = `data: {"id":${JSON.stringify(head.id)},"object":"chat.completion.chunk","created":${head.created},"model":${JSON.stringify(head.model)},"service_tier":${JSON.stringify(head.serviceTier)},"choices":[`;
  const noUsage = options.includeUsage ? ',"usage":null' : "";
  const end = `]${noUsage}${options.obfuscation ? ',"obfuscation":"simulated"' : ""}}\n\n`;
  let produced = 0;
  const chunk = (index: number, delta: string, finish: string | null = null, logprobs = "null"): StreamEvent => ({
    wire: `${begin}{"index":${index},"delta":${delta},"logprobs":${logprobs},"finish_reason":${finish === null ? "null" : `"${finish}"`}}${end}`,
    outputTokens: produced,
  });
  const usageChunk = (): StreamEvent => ({
    wire: `${begin}],"usage":${JSON.stringify(options.usage)}}\n\n`,
    outputTokens: produced,
    hasUsage: true,
  });
  const indexes = Array.from({ length: head.choices }, (_, index) => index);

  for (const index of indexes) yield chunk(index, '{"role":"assistant","content":"","refusal":null}');
  produced = answer.reasoningTokens * head.choices;
  if (options.includeUsage && options.usagePlacement === "early") yield usageChunk();
  const field = answer.refusal === null ? "content" : "refusal";
  let characters = 0;
  for (const piece of piecesOf(answer.refusal ?? answer.text)) {
    characters += piece.length;
    produced = (answer.reasoningTokens + Math.ceil(characters / 4)) * head.choices;
    const delta = `{"${field}":${JSON.stringify(piece)}}`;
    const logprobs = head.logprobs ? JSON.stringify({ content: [logprobOf(piece)], refusal: null }) : "null";
    for (const index of indexes) yield chunk(index, delta, null, logprobs);
  }
  for (const [at, call] of answer.calls.entries()) {
    const opening = { index: at, id: head.callIds[at], type: "function", function: { name: call.name, arguments: "" } };
    produced += (4 + countTokens(call.name)) * head.choices;
    for (const index of indexes) yield chunk(index, JSON.stringify({ tool_calls: [opening] }));
    for (const piece of fragmentsOf(call.arguments)) {
      produced += countTokens(piece) * head.choices;
      const delta = JSON.stringify({ tool_calls: [{ index: at, function: { arguments: piece } }] });
      for (const index of indexes) yield chunk(index, delta);
    }
  }
  produced = answer.outputTokens * head.choices;
  for (const index of indexes) yield chunk(index, "{}", finishReasons[answer.finish]);
  if (options.includeUsage && options.usagePlacement !== "early") yield usageChunk();
  if (options.includeUsage && options.usagePlacement === "twice") yield usageChunk();
  yield { wire: "data: [DONE]\n\n", outputTokens: produced };
}

/** Arguments are streamed in pieces of this many characters, wherever they fall. */
const fragmentCharacters = 7;

export function* fragmentsOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length; at += fragmentCharacters) yield text.slice(at, at + fragmentCharacters);
}

function logprobOf(token: string) {
  return { token, logprob: -0.5, bytes: [...Buffer.from(token)], top_logprobs: [] };
}

/** OpenAI's usage object of Chat Completions. */
export function chatUsage(usage: Usage): unknown {
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
