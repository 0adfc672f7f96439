import { z } from "zod";
import type { ChatDialect, ChatError } from "../chat/dialect.ts";
import { type ChatRequest, chatSchema, oneOf, upTo } from "../chat/fields.ts";
import { reasoningTokensOf } from "../chat/prompt.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import type { FieldIssue } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import type { ResponsesDialect } from "../responses/dialect.ts";
import { type ResponsesRequest, responsesSchema } from "../responses/request.ts";
import type { Reply } from "../wire/reply.ts";
import { xaiErrors } from "./errors.ts";
import { chargeTokens, costTicks, type XaiModel, xaiModel } from "./models.ts";

const shared = {
  provider: "xai",
  model: xaiModel,
  error: (error: ChatError, request: ProviderRequest): Reply => errorReply(xaiErrors, error, request),
  modelNotFound: (model: string, request: ProviderRequest): Reply =>
    errorReply(
      xaiErrors,
      {
        status: 404,
        code: "Some requested entity was not found",
        message: `The model ${model} does not exist or your team does not have access to it.`,
      },
      request,
    ),
  /** A body that does not fit is not read at all, and the answer says only that. */
  shapeError: (issue: FieldIssue): ChatError => ({
    status: 422,
    code: "unreadable",
    message: `Failed to deserialize the JSON body into the target type: ${shapeError(issue).message}`,
  }),
  strictSchemaIssue: () => null,
  charge: chargeTokens,
} as const;

/** Chat Completions as xAI speaks them. */
export const xaiChat: ChatDialect<XaiModel> = {
  ...shared,
  schema: chatSchema({
    fields: [
      "max_completion_tokens",
      "max_tokens",
      "temperature",
      "top_p",
      "min_p",
      "seed",
      "n",
      "stop",
      "frequency_penalty",
      "presence_penalty",
      "logprobs",
      "top_logprobs",
      "tools",
      "tool_choice",
      "parallel_tool_calls",
      "response_format",
      "reasoning_effort",
      "service_tier",
      "user",
      "prompt_cache_key",
      "stream",
      "stream_options",
    ],
    narrowed: {
      reasoning_effort: oneOf("none", "low", "medium", "high", "xhigh"),
      service_tier: oneOf("default", "priority"),
      top_logprobs: upTo(0, 8),
    },
    messages: {
      roles: ["system", "user", "assistant", "tool"],
      parts: ["image_url"],
      imageDetails: ["auto", "low", "high"],
      assistantFields: ["reasoning_content", "refusal"],
      nullContent: true,
    },
  }),
  style: {
    reasoning: "reasoning_content",
    toolDeltas: "whole",
    roleOnEveryDelta: true,
    usageAt: "last",
    usageNull: "never",
    refusals: true,
    annotations: false,
    emptyContent: "",
  },
  ruleError: chatRuleError,
  jsonWord: false,
  thinking(request, model) {
    const effort = request.reasoning_effort ?? model.effortDefault;
    return {
      tokens: model.reasons ? reasoningTokensOf(effort) : 0,
      tokensIfAsked: model.reasons && effort !== "none" ? reasoningTokensOf("medium") : 0,
      limit: request.max_completion_tokens ?? request.max_tokens ?? null,
    };
  },
  /** Unlike OpenAI's, `completion_tokens` leaves reasoning out. */
  usage: (used) => {
    const reasoning = used.reasoningTokens ?? 0;
    const [input, output] = [used.inputTokens ?? 0, used.outputTokens ?? 0];
    return {
      prompt_tokens: input,
      completion_tokens: output - reasoning,
      total_tokens: input + output,
      prompt_tokens_details: {
        text_tokens: input,
        audio_tokens: 0,
        image_tokens: 0,
        cached_tokens: used.cachedInputTokens ?? 0,
      },
      completion_tokens_details: {
        reasoning_tokens: reasoning,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
      num_sources_used: 0,
      cost_in_usd_ticks: costTicks(used),
    };
  },
  extras: () => ({ every: { system_fingerprint: "fp_simulated" } }),
};

function chatRuleError(request: ChatRequest, model: XaiModel): ChatError | null {
  if (model.isMultiAgent)
    return { message: "Multi-agent models are only available in the Responses API.", code: "invalid-argument" };
  if (request.reasoning_effort != null && !model.effort) {
    return { message: `Model ${model.id} does not support parameter reasoningEffort.`, code: "invalid-argument" };
  }
  for (const [param, name] of [
    ["stop", "stop"],
    ["presence_penalty", "presencePenalty"],
    ["frequency_penalty", "frequencyPenalty"],
  ] as const) {
    if (model.reasons && request[param] != null) {
      return { message: `Model ${model.id} does not support parameter ${name}.`, code: "invalid-argument" };
    }
  }
  return null;
}

/** Responses as xAI speaks them. */
export const xaiResponses: ResponsesDialect<XaiModel> = {
  ...shared,
  schema: responsesSchema({
    without: [
      "instructions",
      "background",
      "conversation",
      "prompt",
      "context_management",
      "moderation",
      "prompt_cache_options",
      "prompt_cache_retention",
      "truncation",
      "max_tool_calls",
    ],
    extra: {
      min_p: z.number().min(0).max(1).nullish(),
      max_turns: z.number().int().min(1).nullish(),
      logprobs: z.boolean().nullish(),
    },
    serverTools: ["web_search", "x_search", "code_interpreter", "file_search", "mcp"],
  }),
  ruleError(request: ResponsesRequest, model) {
    if (request.reasoning?.effort != null && !model.effort) {
      return { message: `Model ${model.id} does not support parameter reasoningEffort.`, code: "invalid-argument" };
    }
    const hasFunctions = request.tools?.some(({ type }) => type === "function") ?? false;
    return model.isMultiAgent && hasFunctions
      ? { message: "Client side tools are not supported for multi-agent models.", code: "invalid-argument" }
      : null;
  },
  usageExtras: (usage) => ({ num_server_side_tools_used: 0, cost_in_usd_ticks: costTicks(usage) }),
};
