import type { ChatDialect, ChatError, ChatModel } from "../chat/dialect.ts";
import { type ChatRequest, chatSchema, oneOf } from "../chat/fields.ts";
import { reasoningTokensOf } from "../chat/prompt.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import type { ProviderRequest } from "../provider.ts";
import type { Reply } from "../wire/reply.ts";
import { arkErrors } from "./errors.ts";
import { textModels } from "./models.data.ts";

const takes = { reasons: true, images: true, video: true, audio: true, jsonSchema: true, tools: true };
const byId = new Map<string, ChatModel>(
  textModels.map(([id, context, outputMax]) => [id, { id, context, outputMax, ...takes }]),
);

/** The error for a model or endpoint that is not there. */
export function modelNotFound(model: string, request: ProviderRequest): Reply {
  const message = `The model or endpoint ${model} does not exist or you do not have access to it.`;
  return errorReply(
    arkErrors,
    { status: 404, message, type: "NotFound", code: "InvalidEndpointOrModel.NotFound" },
    request,
  );
}

/** Chat Completions as ModelArk speaks them. */
export const arkChat: ChatDialect = {
  provider: "bytedance",
  schema: chatSchema({
    fields: [
      "max_tokens",
      "max_completion_tokens",
      "thinking",
      "reasoning_effort",
      "temperature",
      "top_p",
      "stop",
      "frequency_penalty",
      "presence_penalty",
      "repetition_penalty",
      "logit_bias",
      "logprobs",
      "top_logprobs",
      "tools",
      "tool_choice",
      "parallel_tool_calls",
      "response_format",
      "stream",
      "stream_options",
      "service_tier",
      "user",
    ],
    narrowed: {
      reasoning_effort: oneOf("minimal", "low", "medium", "high"),
      service_tier: oneOf("auto", "default"),
    },
    messages: {
      roles: ["system", "user", "assistant", "tool"],
      parts: ["image_url", "video_url", "input_audio"],
      imageDetails: ["low", "high", "xhigh"],
      imageFields: ["min_pixels", "max_pixels"],
      assistantFields: ["reasoning_content", "encrypted_content"],
      nullContent: true,
      audioUrls: true,
    },
  }),
  style: {
    reasoning: "reasoning_content",
    toolDeltas: "fragments",
    roleOnEveryDelta: false,
    usageAt: "asked",
    usageNull: "asked",
    refusals: false,
    annotations: false,
    emptyContent: "",
    filteredChoice: { moderation_hit_type: "severe_violation" },
  },
  model: (id) => byId.get(id.startsWith("ep-") ? (textModels[0]?.[0] ?? "") : id) ?? null,
  error: (error, request) => errorReply(arkErrors, error, request),
  modelNotFound,
  shapeError: (issue) => {
    const { message, param } = shapeError(issue);
    return { message, param: param ?? null, code: issue.kind === "missing" ? "MissingParameter" : "InvalidParameter" };
  },
  ruleError,
  jsonWord: false,
  strictSchemaIssue: () => null,
  thinking(request) {
    const isOff = request.thinking?.type === "disabled";
    return {
      tokens: isOff ? 0 : reasoningTokensOf(request.reasoning_effort ?? "low"),
      tokensIfAsked: isOff ? 0 : reasoningTokensOf("medium"),
      limit: request.max_completion_tokens ?? request.max_tokens ?? null,
      limitExcludesThinking: request.max_completion_tokens == null,
    };
  },
  usage: (used) => {
    const [input, output] = [used.inputTokens ?? 0, used.outputTokens ?? 0];
    return {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: used.cachedInputTokens ?? 0 },
      completion_tokens_details: { reasoning_tokens: Math.min(used.reasoningTokens ?? 0, output) },
    };
  },
  serviceTier: () => "default",
};

function ruleError(request: ChatRequest): ChatError | null {
  if (request.max_tokens != null && request.max_completion_tokens != null) {
    return { message: "max_tokens and max_completion_tokens are mutually exclusive.", param: "max_tokens" };
  }
  const effort = request.reasoning_effort;
  if (request.thinking?.type === "disabled" && effort != null && effort !== "minimal") {
    return { message: "reasoning_effort conflicts with thinking type disabled.", param: "reasoning_effort" };
  }
  return null;
}
