import type { Usage } from "../../core/usage.ts";
import { asCount, asList, asObject, defined, type JsonObject } from "../narrow.ts";

/**
 * `usageMetadata` in our units. The prompt count includes cached tokens; the candidates' count leaves thoughts out;
 * tokens of tool use are counted apart. Counts of zero are left out by Google.
 */
export function geminiUsage(usage: JsonObject): Usage {
  const count = (name: string) => asCount(usage[name]) ?? 0;
  return defined({
    inputTokens: count("promptTokenCount") + count("toolUsePromptTokenCount"),
    cachedInputTokens: count("cachedContentTokenCount"),
    outputTokens: count("candidatesTokenCount") + count("thoughtsTokenCount"),
    reasoningTokens: count("thoughtsTokenCount"),
    imageInputTokens: ofModality(usage.promptTokensDetails, "IMAGE"),
    imageOutputTokens: ofModality(usage.candidatesTokensDetails, "IMAGE"),
    audioInputTokens: ofModality(usage.promptTokensDetails, "AUDIO"),
    audioOutputTokens: ofModality(usage.candidatesTokensDetails, "AUDIO"),
  });
}

function ofModality(details: unknown, modality: string): number | undefined {
  // On every chunk of a stream: no list is made to find one member.
  for (const item of asList(details)) {
    const detail = asObject(item);
    if (detail?.modality === modality) return asCount(detail.tokenCount);
  }
  return undefined;
}
