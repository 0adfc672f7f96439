import type { Usage } from "../../core/usage.ts";
import type { Answer } from "../model/answer.ts";
import { cacheableTokensMin, type PrefixCache } from "../model/prefix-cache.ts";
import type { Prompt } from "../model/prompt.ts";
import { tokensOfPrompt, tokensOfTools, tokensOfTurn } from "../model/tokens.ts";
import type { MessagesRequest } from "./request.ts";

/** What an answer is billed as. Only what a `cache_control` marks is read from the cache or written to it. */
export function usageOfMessages(request: MessagesRequest, prompt: Prompt, answer: Answer, cache: PrefixCache): Usage {
  const inputTokens = tokensOfPrompt(prompt);
  const base = { inputTokens, outputTokens: answer.outputTokens, reasoningTokens: answer.reasoningTokens };
  const breakpoint = lastBreakpoint(request);
  if (!breakpoint) return { ...base, cachedInputTokens: 0, cacheWriteTokens: 0 };
  const parts = [
    { content: JSON.stringify(prompt.tools), tokens: tokensOfTools(prompt) },
    ...prompt.turns.map((turn) => ({ content: JSON.stringify(turn), tokens: tokensOfTurn(turn) })),
  ].slice(0, breakpoint.parts);
  const marked = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  const read = cache.read(request.model, parts);
  const written = marked >= cacheableTokensMin ? marked - read : 0;
  if (written > 0) cache.write(request.model, parts);
  return {
    ...base,
    cachedInputTokens: read,
    cacheWriteTokens: written,
    ...(breakpoint.ttl === "1h" ? { cacheWriteLongTokens: written } : {}),
  };
}

/** How many parts (the tools, the system prompt, each message) the last breakpoint covers. */
function lastBreakpoint(request: MessagesRequest): { parts: number; ttl: string } | null {
  const hasSystem = request.system !== undefined ? 1 : 0;
  if (request.cache_control) {
    return { parts: 1 + hasSystem + request.messages.length, ttl: request.cache_control.ttl ?? "5m" };
  }
  for (let index = request.messages.length - 1; index >= 0; index -= 1) {
    const ttl = ttlIn(request.messages[index]?.content);
    if (ttl) return { parts: 1 + hasSystem + index + 1, ttl };
  }
  const systemTtl = ttlIn(request.system);
  if (systemTtl) return { parts: 2, ttl: systemTtl };
  const toolsTtl = ttlIn(request.tools);
  return toolsTtl ? { parts: 1, ttl: toolsTtl } : null;
}

function ttlIn(content: string | readonly object[] | undefined): string | null {
  if (content === undefined || typeof content === "string") return null;
  for (const block of content.toReversed()) {
    const control = "cache_control" in block ? (block.cache_control as { ttl?: string } | null | undefined) : null;
    if (control) return control.ttl ?? "5m";
  }
  return null;
}

/** Anthropic's usage object: its `input_tokens` leaves out what the cache read and wrote. */
export function usageBody(usage: Usage, tier = "standard") {
  const read = usage.cachedInputTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  const long = usage.cacheWriteLongTokens ?? 0;
  return {
    input_tokens: (usage.inputTokens ?? 0) - read - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: { ephemeral_5m_input_tokens: written - long, ephemeral_1h_input_tokens: long },
    output_tokens: usage.outputTokens ?? 0,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens ?? 0 },
    service_tier: tier,
  };
}
