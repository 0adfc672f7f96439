import { chatUsage } from "../chat/completion.ts";
import type { ChatDialect } from "../chat/dialect.ts";
import { type ChatField, chatSchema, oneOf } from "../chat/fields.ts";
import { reasoningTokensOf } from "../chat/prompt.ts";
import { shapeError } from "../chat/shape-error.ts";
import { chatParameterError } from "./chat-rules.ts";
import { modelNotFound, openAiError } from "./errors.ts";
import { type OpenAiModel, openAiModel } from "./models.ts";
import { strictSchemaIssue } from "./strict-schema.ts";

const fields: readonly ChatField[] = [
  "max_completion_tokens",
  "max_tokens",
  "temperature",
  "top_p",
  "n",
  "seed",
  "stop",
  "frequency_penalty",
  "presence_penalty",
  "logprobs",
  "top_logprobs",
  "logit_bias",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "response_format",
  "reasoning_effort",
  "verbosity",
  "modalities",
  "audio",
  "stream",
  "stream_options",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "service_tier",
  "safety_identifier",
  "metadata",
  "store",
  "prediction",
  "web_search_options",
  "moderation",
  "user",
];

/** Chat Completions as OpenAI speaks them. */
export const openAiChat: ChatDialect<OpenAiModel> = {
  provider: "openai",
  schema: chatSchema({
    fields,
    narrowed: {
      reasoning_effort: oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max"),
      service_tier: oneOf("auto", "default", "flex", "scale", "priority", "fast"),
    },
    messages: {
      roles: ["system", "developer", "user", "assistant", "tool"],
      parts: ["image_url", "input_audio", "file"],
      imageDetails: ["auto", "low", "high", "original"],
      textFields: ["prompt_cache_breakpoint"],
      assistantFields: ["refusal", "annotations", "audio", "function_call"],
      nullContent: true,
      customTools: true,
    },
  }),
  style: {
    reasoning: "hidden",
    toolDeltas: "fragments",
    roleOnEveryDelta: false,
    usageAt: "asked",
    usageNull: "asked",
    refusals: true,
    annotations: true,
    emptyContent: null,
  },
  model: openAiModel,
  error: (error) => openAiError(error.status ?? 400, error),
  modelNotFound,
  shapeError,
  ruleError: chatParameterError,
  jsonWord: true,
  strictSchemaIssue,
  thinking(request, model) {
    const canReason = model.sampling !== "classic";
    return {
      tokens: canReason ? reasoningTokensOf(request.reasoning_effort ?? model.effortDefault) : 0,
      tokensIfAsked: canReason && request.reasoning_effort !== "none" ? reasoningTokensOf("medium") : 0,
      limit: request.max_completion_tokens ?? request.max_tokens ?? null,
    };
  },
  reportsCacheWrites: (model) => model.reportsCacheWrites,
  usage: chatUsage,
  serviceTier: ({ service_tier: tier }) => (tier == null || tier === "auto" ? "default" : tier),
};
