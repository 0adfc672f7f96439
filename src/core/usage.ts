/**
 * What a call used, in every unit a provider bills by. Counts are totals: `inputTokens` includes cached and
 * cache-written tokens, `outputTokens` includes reasoning tokens. A field that does not apply is absent.
 */
export interface Usage {
  readonly inputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  /** The part of `cacheWriteTokens` written for an hour rather than five minutes (Anthropic). */
  readonly cacheWriteLongTokens?: number;
  readonly outputTokens?: number;
  readonly reasoningTokens?: number;
  readonly imageInputTokens?: number;
  readonly imageOutputTokens?: number;
  readonly audioInputTokens?: number;
  readonly audioOutputTokens?: number;
  readonly images?: number;
  /** Seconds of video or audio, made or read. */
  readonly seconds?: number;
  readonly characters?: number;
  /** What the provider itself says this call cost, in nano-USD. Preferred over the price table. */
  readonly providerCostNanoUsd?: bigint;
}
