import type { Usage } from "../../core/usage.ts";
import { type Answer, answerTo } from "../model/answer.ts";
import { type PrefixCache, prefixCache } from "../model/prefix-cache.ts";
import type { Prompt } from "../model/prompt.ts";
import { tokensOfPrompt, tokensOfTools, tokensOfTurn } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, WireContext } from "../provider.ts";
import { jsonReply, Refusal, type Reply, streamReply } from "../wire/reply.ts";
import { chunks, completion } from "./completion.ts";
import type { ChatDialect, ChatModel } from "./dialect.ts";
import { promptOf } from "./prompt.ts";
import { chatRequest } from "./request.ts";
import { chatRuleError } from "./rules.ts";

/** Answers `POST /chat/completions` in one provider's dialect. */
export function chatCompletions(dialect: ChatDialect, context: WireContext): (request: ProviderRequest) => Reply {
  const cache = prefixCache();
  return (request) => {
    const body = request.json();
    if (body === undefined) throw new Refusal(dialect.notJson());
    const parsed = parseBody(chatRequest, body);
    if (!parsed.ok) throw new Refusal(dialect.error(400, dialect.shapeError(parsed.issue)));
    const asked = parsed.value;
    const model = dialect.model(asked.model);
    if (model === null) throw new Refusal(dialect.modelNotFound(asked.model));
    if (model.responsesOnly) {
      throw new Refusal(
        dialect.error(404, {
          message: "This model is only supported in v1/responses and not in v1/chat/completions.",
          param: "model",
        }),
      );
    }
    const ruleError = chatRuleError(asked, model, dialect.strictSchemaIssue);
    if (ruleError) throw new Refusal(dialect.error(400, ruleError));

    const prompt = promptOf(asked, model, dialect.provider);
    const answer = answerTo(prompt);
    const choices = asked.n ?? 1;
    const usage = usageOf(prompt, answer, model, cache, asked.prompt_cache_key ?? "", choices);
    if ((usage.inputTokens ?? 0) > model.context) {
      throw new Refusal(dialect.error(400, contextError(model.context, usage.inputTokens ?? 0)));
    }
    const head = {
      id: context.ids.next("chatcmpl-"),
      created: Math.floor(context.clock.now() / 1_000),
      model: asked.model,
      serviceTier: asked.service_tier == null || asked.service_tier === "auto" ? "default" : asked.service_tier,
      choices,
      logprobs: asked.logprobs ?? false,
      callIds: answer.calls.map(() => context.ids.next("call_")),
    };
    if (!asked.stream) return jsonReply(200, completion(head, answer, dialect.usage(usage)), { billed: usage });
    const options = {
      includeUsage: asked.stream_options?.include_usage ?? false,
      obfuscation: asked.stream_options?.include_obfuscation ?? true,
      usage: dialect.usage(usage),
      usagePlacement: request.usagePlacement,
    };
    return streamReply(chunks(head, answer, options), usage);
  };
}

export function contextError(context: number, tokens: number) {
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
  model: Pick<ChatModel, "id" | "reportsCacheWrites">,
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
  if (inputTokens < 1_024) return { ...base, cachedInputTokens: 0 };
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
