import type { Usage } from "../../core/usage.ts";
import { type Answer, answerTo } from "../model/answer.ts";
import { cacheableTokensMin, type PrefixCache, prefixCache } from "../model/prefix-cache.ts";
import type { Prompt } from "../model/prompt.ts";
import { tokensOfPrompt, tokensOfTools, tokensOfTurn } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, WireContext } from "../provider.ts";
import { jsonReply, Refusal, type Reply, streamReply } from "../wire/reply.ts";
import { chunks } from "./chunks.ts";
import { type CompletionHead, completion } from "./completion.ts";
import type { ChatDialect, ChatError, ChatModel } from "./dialect.ts";
import { promptOf } from "./prompt.ts";
import { chatRuleError } from "./rules.ts";

/** Answers `POST /chat/completions` in one provider's dialect. */
export function chatCompletions<M extends ChatModel>(
  dialect: ChatDialect<M>,
  context: WireContext,
): (request: ProviderRequest) => Reply {
  const cache = prefixCache();
  return (request) => {
    const refuse = (error: ChatError): never => {
      throw new Refusal(dialect.error(error, request));
    };
    const body = request.json();
    if (body === undefined)
      refuse({ message: "We could not parse the JSON body of your request.", code: "invalid_json" });
    const parsed = parseBody(dialect.schema, body);
    if (!parsed.ok) return refuse(dialect.shapeError(parsed.issue));
    const asked = parsed.value;
    const model = dialect.model(asked.model);
    if (model === null) throw new Refusal(dialect.modelNotFound(asked.model, request));
    const ruleError = dialect.ruleError(asked, model) ?? chatRuleError(asked, model, dialect);
    if (ruleError) refuse(ruleError);

    const prompt = promptOf(asked, dialect.thinking(asked, model), dialect.provider);
    const answer = answerTo(prompt);
    const choices = asked.n ?? 1;
    const reportsCacheWrites = dialect.reportsCacheWrites?.(model) ?? false;
    const used = usageOf(
      prompt,
      answer,
      { id: model.id, reportsCacheWrites },
      cache,
      asked.prompt_cache_key ?? "",
      choices,
    );
    if ((used.inputTokens ?? 0) > model.context) refuse(contextError(model.context, used.inputTokens ?? 0));
    const usage = dialect.charge?.(used, model) ?? used;
    const head: CompletionHead = {
      id: context.ids.next("chatcmpl-"),
      created: Math.floor(context.clock.now() / 1_000),
      model: asked.model,
      serviceTier: dialect.serviceTier?.(asked) ?? null,
      choices,
      logprobs: asked.logprobs ?? false,
      callIds: answer.calls.map(() => context.ids.next("call_")),
      style: typeof dialect.style === "function" ? dialect.style(asked) : dialect.style,
      extras: dialect.extras?.(request) ?? {},
    };
    if (!asked.stream) return jsonReply(200, completion(head, answer, dialect.usage(usage)), { billed: usage });
    const options = {
      includeUsage: asked.stream_options?.include_usage ?? false,
      // Padding against guessing tokens by their length; OpenAI alone has it.
      obfuscation: dialect.provider === "openai" && (asked.stream_options?.include_obfuscation ?? true),
      usage: dialect.usage(usage),
      usageSoFar: asked.stream_options?.chunk_include_usage
        ? (outputTokens: number) => dialect.usage({ ...usage, outputTokens })
        : null,
      usagePlacement: request.usagePlacement,
    };
    return streamReply(chunks(head, answer, options), usage);
  };
}

/** The error for a prompt that a model can not hold. */
export function contextError(context: number, tokens: number): ChatError {
  return {
    message: `This model's maximum context length is ${context} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
    param: "messages",
    code: "context_length_exceeded",
  };
}

/** Prompt caches answer in steps of this many tokens. */
const cacheStepTokens = 128;

/** What an answer is billed as, with what the prompt cache already had. */
export function usageOf(
  prompt: Prompt,
  answer: Answer,
  model: { readonly id: string; readonly reportsCacheWrites: boolean },
  cache: PrefixCache,
  scope: string,
  choices = 1,
): Usage {
  const inputTokens = tokensOfPrompt(prompt);
  const base = {
    inputTokens,
    outputTokens: answer.outputTokens * choices,
    reasoningTokens: answer.reasoningTokens * choices,
  };
  if (inputTokens < cacheableTokensMin) return { ...base, cachedInputTokens: 0 };
  const parts = [
    { content: JSON.stringify(prompt.tools), tokens: tokensOfTools(prompt) },
    ...prompt.turns.map((turn) => ({ content: JSON.stringify(turn), tokens: tokensOfTurn(turn) })),
  ];
  const place = `${model.id} ${scope}`;
  const cached = Math.floor(cache.read(place, parts) / cacheStepTokens) * cacheStepTokens;
  cache.write(place, parts);
  return {
    ...base,
    cachedInputTokens: cached,
    ...(model.reportsCacheWrites ? { cacheWriteTokens: inputTokens - cached } : {}),
  };
}
