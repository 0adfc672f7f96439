import { type ErrorCode, type ErrorFacts, SwitchyardError } from "../core/errors.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import type { ClassificationResult } from "../providers/shapes/classification.ts";
import type { EmbeddingResult } from "../providers/shapes/embedding.ts";
import type { FinishReason, ProviderFailure } from "../providers/shapes/event.ts";
import type { Message, ToolCall } from "../providers/shapes/message.ts";
import type { ModerationResult } from "../providers/shapes/moderation.ts";
import type { RerankResult } from "../providers/shapes/rerank.ts";
import type { TranscriptionResult } from "../providers/shapes/transcription.ts";
import type { MediaFacts } from "./tasks/media-output.ts";

/** One try at one model, as the caller is told of it. */
export type AttemptRecord = {
  readonly model: string;
  /** The route by which the model came into the call. */
  readonly route?: string | undefined;
  /** Which of its provider's keys was used, by name, where there are several. */
  readonly key?: string | undefined;
  readonly outcome: "succeeded" | "failed" | "skipped" | "cancelled" | "cached";
  /** Why it ended as it did, or why the model was not asked. */
  readonly error?: string | undefined;
  /** What kind of failure that was: one word of a closed list, the provider's kind or the code of our own error. */
  readonly error_kind?: ErrorCode | ProviderFailure["kind"] | undefined;
  readonly cost: string;
  /** By list price, where the user's own key paid it and not the pool. */
  readonly list?: string | undefined;
  /** As far as the provider said, or as they are estimated. */
  readonly input_tokens?: number | undefined;
  readonly output_tokens?: number | undefined;
  /** The provider did not say what this attempt cost: `cost` is an estimate, or nothing. */
  readonly unreconciled?: boolean | undefined;
  /** When it was begun, counted from the beginning of the call. */
  readonly after_ms?: number | undefined;
  readonly ms: number;
  /** Until the first content. */
  readonly first_ms?: number | undefined;
};

export type InferOutput = {
  readonly text?: string | undefined;
  readonly json?: unknown;
  readonly tool_calls?: readonly ToolCall[] | undefined;
  readonly reasoning?: string | undefined;
  readonly images?: readonly MediaFacts[] | undefined;
  readonly video?: readonly MediaFacts[] | undefined;
  readonly audio?: readonly MediaFacts[] | undefined;
  readonly transcript?: TranscriptionResult | undefined;
  readonly embeddings?: EmbeddingResult["embeddings"] | undefined;
  readonly ranking?: RerankResult["ranking"] | undefined;
  readonly moderation?: ModerationResult["verdicts"] | undefined;
  readonly classification?: ClassificationResult["labels"] | undefined;
};

export type UsageFacts = {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly images?: number | undefined;
  readonly seconds?: number | undefined;
  readonly characters?: number | undefined;
  /** True when the provider did not say and these are counted from what was delivered. */
  readonly estimated?: boolean | undefined;
};

export type InferResult = {
  readonly id: string;
  readonly status: "succeeded" | "running" | "failed" | "cancelled";
  readonly model: string;
  readonly provider: string;
  readonly output: InferOutput;
  /** The assistant message to append to `messages`. */
  readonly message?: Message | undefined;
  readonly finish_reason?: FinishReason | undefined;
  readonly usage?: UsageFacts | undefined;
  readonly cost: { readonly total: string; readonly list: string };
  readonly attempts: readonly AttemptRecord[];
  readonly cached: boolean;
  readonly warnings: readonly string[];
  readonly error?: ErrorFacts | undefined;
};

export function usageFacts(usage: Usage, estimated: boolean): UsageFacts {
  return {
    input_tokens: usage.inputTokens ?? 0,
    cached_input_tokens: usage.cachedInputTokens ?? 0,
    cache_write_tokens: usage.cacheWriteTokens ?? 0,
    output_tokens: usage.outputTokens ?? 0,
    reasoning_tokens: usage.reasoningTokens ?? 0,
    ...(usage.images === undefined ? {} : { images: usage.images }),
    ...(usage.seconds === undefined ? {} : { seconds: usage.seconds }),
    ...(usage.characters === undefined ? {} : { characters: usage.characters }),
    ...(estimated ? { estimated } : {}),
  };
}

/** What an attempt used, in tokens, where that is known. */
export function attemptTokens({
  inputTokens,
  outputTokens,
}: Usage): Pick<AttemptRecord, "input_tokens" | "output_tokens"> {
  return {
    ...(inputTokens === undefined ? {} : { input_tokens: inputTokens }),
    ...(outputTokens === undefined ? {} : { output_tokens: outputTokens }),
  };
}

/** A record with the route by which its model came into the call, if any. */
export function byRoute(record: AttemptRecord, routes: ReadonlyMap<string, string>): AttemptRecord {
  const route = routes.get(record.model);
  if (route === undefined) return record;
  const { model, ...rest } = record;
  return { model, route, ...rest };
}

export function costFacts(total: NanoUsd, list: NanoUsd): InferResult["cost"] {
  return { total: formatUsd(total), list: formatUsd(list) };
}

/** The error to throw for a call that failed, with what the caller needs of its result. */
export function errorOfResult({ error, output, id, attempts, cost }: InferResult): SwitchyardError {
  if (!error) throw new Error(`generation ${id} did not fail`);
  return new SwitchyardError(error.code, error.message, {
    next: error.next,
    retryable: error.retryable,
    details: {
      ...error.details,
      generation: id,
      cost: cost.total,
      attempts,
      ...(output.text ? { partial_text: output.text } : {}),
    },
  });
}
