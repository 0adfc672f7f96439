import type { Usage } from "../../../core/usage.ts";
import { asCount, asObject, defined, type JsonObject } from "../../narrow.ts";
import { fromTicks } from "../openai-chat/usage.ts";

/** `usage` of a response in our units: input includes cached and written tokens, output includes reasoning. */
export function responsesUsage(usage: JsonObject): Usage {
  const input = asObject(usage.input_tokens_details) ?? {};
  const output = asObject(usage.output_tokens_details) ?? {};
  return defined({
    inputTokens: asCount(usage.input_tokens),
    cachedInputTokens: asCount(input.cached_tokens),
    cacheWriteTokens: asCount(input.cache_write_tokens),
    outputTokens: asCount(usage.output_tokens),
    reasoningTokens: asCount(output.reasoning_tokens),
    providerCostNanoUsd: fromTicks(usage.cost_in_usd_ticks),
  });
}
