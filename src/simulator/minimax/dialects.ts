import type { MessagesDialect } from "../anthropic/messages.ts";
import type { AnthropicModel } from "../anthropic/models.ts";
import type { ChatDialect, ChatModel } from "../chat/dialect.ts";
import { chatSchema, upTo } from "../chat/fields.ts";
import { reasoningTokensOf } from "../chat/prompt.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { minimaxChatErrors } from "./errors.ts";
import { textModels } from "./models.data.ts";

const byId = new Map<string, ChatModel>(
  textModels.map(([id, context, outputMax, takes]) => [
    id,
    {
      id,
      context,
      outputMax,
      reasons: true,
      tools: true,
      jsonSchema: true,
      images: takes.includes("i"),
      video: takes.includes("v"),
      audio: false,
    },
  ]),
);

/** Chat Completions as MiniMax speaks them: reasoning in `<think>` unless it is asked to be split off. */
export const minimaxChat: ChatDialect = {
  provider: "minimax",
  schema: chatSchema({
    fields: [
      "max_tokens",
      "max_completion_tokens",
      "temperature",
      "top_p",
      "n",
      "stop",
      "seed",
      "presence_penalty",
      "frequency_penalty",
      "tools",
      "tool_choice",
      "parallel_tool_calls",
      "response_format",
      "reasoning_split",
      "stream",
      "stream_options",
      "user",
      "metadata",
    ],
    narrowed: { n: upTo(1, 1) },
    messages: {
      roles: ["system", "user", "assistant", "tool"],
      parts: ["image_url", "video_url"],
      imageDetails: ["auto", "low", "high"],
      assistantFields: ["reasoning_details", "reasoning_content"],
      nullContent: true,
    },
  }),
  style: (request) => ({
    reasoning: request.reasoning_split ? "reasoning_details" : "think_tags",
    toolDeltas: "fragments",
    roleOnEveryDelta: false,
    usageAt: "asked",
    usageNull: "asked",
    refusals: false,
    annotations: false,
    emptyContent: "",
  }),
  model: (id) => byId.get(id) ?? null,
  error: (error, request) => errorReply(minimaxChatErrors, { ...error, code: "2013" }, request),
  modelNotFound: (model, request) =>
    errorReply(minimaxChatErrors, { message: `invalid params, unknown model '${model}'`, code: "2013" }, request),
  shapeError: (issue) => ({ message: `invalid params, ${shapeError(issue).message}` }),
  ruleError: () => null,
  jsonWord: false,
  strictSchemaIssue: () => null,
  thinking: (request) => ({
    tokens: reasoningTokensOf("low"),
    tokensIfAsked: 0,
    limit: request.max_completion_tokens ?? request.max_tokens ?? null,
  }),
  usage: (used) => {
    const [input, output] = [used.inputTokens ?? 0, used.outputTokens ?? 0];
    return {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: used.cachedInputTokens ?? 0 },
      completion_tokens_details: { reasoning_tokens: used.reasoningTokens ?? 0 },
    };
  },
};

/** Messages as MiniMax speaks them. Which of Anthropic's rules it keeps is not written down: only the order of turns. */
export const minimaxMessages: MessagesDialect = {
  provider: "minimax",
  model(id): AnthropicModel | null {
    const model = byId.get(id);
    if (!model) return null;
    return {
      id,
      context: model.context,
      outputMax: model.outputMax,
      sampling: true,
      thinkingEnabled: true,
      thinkingAdaptive: true,
      thinkingDisabled: true,
      thinkingBetweenTools: false,
      displayDefault: "summarized",
      forcedTools: true,
      efforts: [],
      prefill: true,
    };
  },
  versionOf: () => "2023-06-01",
};
