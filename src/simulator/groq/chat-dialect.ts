import type { ChatDialect, ChatError, ChatModel } from "../chat/dialect.ts";
import { type ChatRequest, chatSchema, oneOf } from "../chat/fields.ts";
import { reasoningTokensOf } from "../chat/prompt.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { strictSchemaIssue } from "../openai/strict-schema.ts";
import { groqErrors } from "./errors.ts";
import { textModels } from "./models.data.ts";

interface GroqModel extends ChatModel {
  readonly efforts: "gpt-oss" | "qwen" | null;
}

const byId = new Map<string, GroqModel>(
  textModels.map((model) => [model.id, { ...model, reasons: model.efforts !== null, audio: false, video: false }]),
);

/** Chat Completions as Groq speaks them. */
export const groqChat: ChatDialect<GroqModel> = {
  provider: "groq",
  schema: chatSchema({
    fields: [
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
      "disable_tool_validation",
      "response_format",
      "reasoning_effort",
      "reasoning_format",
      "include_reasoning",
      "stream",
      "stream_options",
      "service_tier",
      "metadata",
      "store",
      "user",
      "documents",
      "citation_options",
      "compound_custom",
      "search_settings",
    ],
    narrowed: {
      reasoning_effort: oneOf("none", "default", "low", "medium", "high"),
      service_tier: oneOf("auto", "on_demand", "flex", "performance"),
    },
    messages: {
      roles: ["system", "user", "assistant", "tool"],
      parts: ["image_url"],
      imageDetails: ["auto", "low", "high"],
      assistantFields: ["reasoning"],
      nullContent: true,
    },
  }),
  style: (request) => ({
    reasoning: isHidden(request) ? "hidden" : request.reasoning_format === "raw" ? "think_tags" : "reasoning",
    toolDeltas: "whole",
    roleOnEveryDelta: false,
    usageAt: "finish",
    usageNull: "never",
    refusals: false,
    annotations: false,
    emptyContent: null,
  }),
  model: (id) => byId.get(id) ?? null,
  error: (error, request) => errorReply(groqErrors, error, request),
  modelNotFound: (model, request) =>
    errorReply(
      groqErrors,
      {
        status: 404,
        message: `The model \`${model}\` does not exist or you do not have access to it.`,
        code: "model_not_found",
      },
      request,
    ),
  shapeError: (issue) => {
    const error = shapeError(issue);
    return issue.kind === "unknown" ? { ...error, message: `property '${error.param}' is unsupported` } : error;
  },
  ruleError,
  jsonWord: true,
  strictSchemaIssue,
  thinking(request, { efforts }) {
    const effort = request.reasoning_effort ?? "medium";
    return {
      tokens: efforts === null ? 0 : reasoningTokensOf(effort),
      tokensIfAsked: efforts === null || effort === "none" ? 0 : reasoningTokensOf("medium"),
      limit: request.max_completion_tokens ?? request.max_tokens ?? null,
    };
  },
  usage: (used) => {
    const [input, output] = [used.inputTokens ?? 0, used.outputTokens ?? 0];
    return {
      queue_time: 0.001,
      prompt_tokens: input,
      prompt_time: 0.002,
      completion_tokens: output,
      completion_time: 0.003,
      total_tokens: input + output,
      total_time: 0.005,
      prompt_tokens_details: { cached_tokens: used.cachedInputTokens ?? 0 },
      completion_tokens_details: { reasoning_tokens: used.reasoningTokens ?? 0 },
    };
  },
  serviceTier: ({ service_tier: tier }) => (tier == null || tier === "auto" ? "on_demand" : tier),
  extras: ({ requestId }) => ({
    every: { system_fingerprint: "fp_simulated" },
    completion: { x_groq: { id: requestId } },
    first: { x_groq: { id: requestId } },
    finish: (usage) => ({ x_groq: { id: requestId, usage } }),
  }),
};

function isHidden({ reasoning_format, include_reasoning }: ChatRequest): boolean {
  return reasoning_format === "hidden" || include_reasoning === false;
}

function ruleError(request: ChatRequest, { efforts, id }: GroqModel): ChatError | null {
  const { reasoning_effort: effort, response_format: format } = request;
  if ((request.n ?? 1) !== 1) return { message: "'n' : number must be at most 1", param: "n" };
  if (request.logprobs || request.top_logprobs != null) return { message: "logprobs is not supported with this model" };
  if (request.logit_bias != null) return { message: "logit_bias is not supported with this model" };
  const named = request.messages.findIndex((message) => "name" in message && message.name !== undefined);
  if (named >= 0) return { message: `'messages.${named}' : property 'name' is unsupported` };
  const known = efforts === "qwen" ? ["none", "default"] : efforts === "gpt-oss" ? ["low", "medium", "high"] : [];
  if (effort != null && !known.includes(effort)) {
    return {
      message:
        known.length === 0
          ? "reasoning_effort is not supported with this model"
          : `reasoning_effort must be one of ${known.join(", ")}`,
    };
  }
  if (request.reasoning_format != null && request.include_reasoning != null) {
    return { message: "reasoning_format and include_reasoning are mutually exclusive" };
  }
  if (efforts === null && (request.reasoning_format != null || request.include_reasoning != null)) {
    return { message: "reasoning_format is not supported with this model" };
  }
  const isJson = format?.type === "json_object" || format?.type === "json_schema";
  if (request.reasoning_format === "raw" && (request.tools || isJson)) {
    return { message: "reasoning_format must not be raw when using tools or JSON mode" };
  }
  if (format?.type !== "json_schema") return null;
  if (request.tools) return { message: "json mode cannot be combined with tool/function calling" };
  return format.json_schema.strict && !id.startsWith("openai/gpt-oss")
    ? { message: "strict structured outputs are not supported with this model" }
    : null;
}
