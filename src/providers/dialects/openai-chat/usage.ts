import type { Usage } from "../../../core/usage.ts";
import { asCount, asObject, defined, type JsonObject } from "../../narrow.ts";
import type { ChatDialect } from "./dialect.ts";

/** Ten billion ticks are a dollar (xAI), so one is a tenth of a nano-dollar. */
const ticksPerNanoUsd = 10n;

/**
 * `usage` of a completion in our units. Prompt tokens include cached ones everywhere; completion tokens include
 * reasoning ones except where the dialect says to look.
 */
export function chatUsage(usage: JsonObject, dialect: ChatDialect): Usage {
  const prompt = asCount(usage.prompt_tokens);
  const completion = asCount(usage.completion_tokens);
  const promptDetails = asObject(usage.prompt_tokens_details) ?? {};
  const completionDetails = asObject(usage.completion_tokens_details) ?? {};
  const reasoning = asCount(completionDetails.reasoning_tokens);
  const total = asCount(usage.total_tokens);
  const apart =
    dialect.reasoningInCompletion === "detect" &&
    reasoning !== undefined &&
    (prompt ?? 0) + (completion ?? 0) + reasoning === total;
  const cached = asCount(promptDetails.cached_tokens) ?? asCount(usage.prompt_cache_hit_tokens);
  // More cached than there was to cache: the server counts them beside the prompt.
  const beside = cached !== undefined && prompt !== undefined && cached > prompt ? cached : 0;
  return defined({
    inputTokens: prompt === undefined ? undefined : prompt + beside,
    cachedInputTokens: cached,
    cacheWriteTokens: asCount(promptDetails.cache_write_tokens) ?? asCount(promptDetails.cache_creation_input_tokens),
    outputTokens: completion === undefined ? undefined : completion + (apart ? reasoning : 0),
    reasoningTokens: reasoning,
    audioInputTokens: asCount(promptDetails.audio_tokens) || undefined,
    audioOutputTokens: asCount(completionDetails.audio_tokens) || undefined,
    imageInputTokens: asCount(promptDetails.image_tokens) || undefined,
    seconds: asCount(usage.seconds),
    providerCostNanoUsd: fromTicks(usage.cost_in_usd_ticks),
  });
}

/** What the provider says it charged, rounded up to a nano-dollar. */
export function fromTicks(value: unknown): bigint | undefined {
  const ticks = asCount(value);
  return ticks === undefined ? undefined : (BigInt(Math.ceil(ticks)) + ticksPerNanoUsd - 1n) / ticksPerNanoUsd;
}
