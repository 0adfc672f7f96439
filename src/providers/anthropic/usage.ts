import type { Usage } from "../../core/usage.ts";
import { asCount, asList, asObject, defined, type JsonObject } from "../narrow.ts";

/**
 * Usage in our units. Anthropic's `input_tokens` leaves out what was read from or written to its cache; its
 * `output_tokens` includes thinking. `iterations` are billed beside the totals when they are compaction or advice.
 */
export function claudeUsage(usage: JsonObject): Usage {
  const apart = asList(usage.iterations).flatMap<JsonObject>((item) => {
    const iteration = asObject(item);
    return iteration && (iteration.type === "compaction" || iteration.type === "advisor_message") ? iteration : [];
  });
  const sum = (name: string) => [usage, ...apart].reduce((total, one) => total + (asCount(one[name]) ?? 0), 0);
  const written = sum("cache_creation_input_tokens");
  const read = sum("cache_read_input_tokens");
  const long = asCount(asObject(usage.cache_creation)?.ephemeral_1h_input_tokens);
  const reasoning = asCount(asObject(usage.output_tokens_details)?.thinking_tokens);
  return defined({
    inputTokens: sum("input_tokens") + written + read,
    cachedInputTokens: read,
    cacheWriteTokens: written,
    cacheWriteLongTokens: long || undefined,
    outputTokens: sum("output_tokens"),
    reasoningTokens: reasoning,
  });
}
