import { z } from "zod";
import type { ChatDialect, ChatError, ChatModel } from "../chat/dialect.ts";
import { type ChatRequest, chatSchema, oneOf } from "../chat/fields.ts";
import { reasoningTokensOf } from "../chat/prompt.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import type { ProviderRequest } from "../provider.ts";
import type { Reply } from "../wire/reply.ts";
import { compatibleErrors } from "./errors.ts";
import { textModels } from "./models.data.ts";

interface QwenModel extends ChatModel {
  /** Thinks whether it is asked to or not, and answers by stream only. */
  readonly alwaysThinks: boolean;
}

const byId = new Map<string, QwenModel>(
  textModels.map(([id, context, outputMax, takes]) => [
    id,
    {
      id,
      context,
      outputMax,
      tools: takes.includes("t"),
      jsonSchema: takes.includes("j"),
      images: takes.includes("i"),
      video: takes.includes("v"),
      audio: takes.includes("a"),
      reasons: /r/i.test(takes),
      alwaysThinks: takes.includes("R"),
    },
  ]),
);

/** The error for a model that is not there, in the compatible mode. */
export function modelNotFound(model: string, request: ProviderRequest): Reply {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return errorReply(compatibleErrors, { status: 404, message, code: "model_not_found" }, request);
}

/** Chat Completions as Model Studio's compatible mode speaks them. */
export const qwenChat: ChatDialect<QwenModel> = {
  provider: "alibaba",
  schema: chatSchema({
    fields: [
      "max_tokens",
      "temperature",
      "top_p",
      "top_k",
      "presence_penalty",
      "repetition_penalty",
      "seed",
      "stop",
      "enable_thinking",
      "thinking_budget",
      "preserve_thinking",
      "tools",
      "tool_choice",
      "parallel_tool_calls",
      "response_format",
      "enable_search",
      "search_options",
      "asr_options",
      "stream",
      "stream_options",
    ],
    narrowed: {
      temperature: z.number().min(0).lt(2).nullish(),
      tool_choice: z.union([
        oneOf("none", "auto"),
        z.strictObject({ type: z.literal("function"), function: z.strictObject({ name: z.string() }) }),
      ]),
    },
    messages: {
      roles: ["system", "user", "assistant", "tool"],
      parts: ["image_url", "video_url", "video", "input_audio"],
      imageDetails: ["auto", "low", "high"],
      textFields: ["cache_control"],
      assistantFields: ["reasoning_content"],
      nullContent: true,
      audioUrls: true,
    },
  }),
  style: {
    reasoning: "reasoning_content",
    toolDeltas: "empty_ids",
    roleOnEveryDelta: false,
    usageAt: "asked",
    usageNull: "always",
    refusals: false,
    annotations: false,
    emptyContent: "",
  },
  model: (id) => byId.get(id) ?? null,
  error: (error, request) => errorReply(compatibleErrors, error, request),
  modelNotFound,
  shapeError(issue) {
    const { message, param } = shapeError(issue);
    return { message: `<${param}> ${message}`, code: "invalid_parameter_error" };
  },
  ruleError,
  jsonWord: true,
  strictSchemaIssue: () => null,
  thinking(request, model) {
    const isOn = model.alwaysThinks || (model.reasons && request.enable_thinking === true);
    const budget = request.thinking_budget ?? Number.POSITIVE_INFINITY;
    return {
      tokens: isOn ? Math.min(budget, reasoningTokensOf("medium")) : 0,
      tokensIfAsked: 0,
      limit: request.max_tokens ?? null,
      limitExcludesThinking: true,
    };
  },
  usage: (used) => {
    const [input, output] = [used.inputTokens ?? 0, used.outputTokens ?? 0];
    const reasoning = used.reasoningTokens ?? 0;
    return {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: used.cachedInputTokens ?? 0 },
      ...(reasoning > 0 ? { completion_tokens_details: { reasoning_tokens: reasoning } } : {}),
    };
  },
};

function ruleError(request: ChatRequest, model: QwenModel): ChatError | null {
  const isThinking = model.alwaysThinks || request.enable_thinking === true;
  const wrong = (message: string) => ({ message, code: "invalid_parameter_error" });
  if (model.alwaysThinks && !request.stream) return wrong("This model only support stream call.");
  if (model.alwaysThinks && request.enable_thinking === false) {
    return wrong("The value of the enable_thinking parameter is restricted to True.");
  }
  if (request.enable_thinking && !model.reasons) return wrong("The model does not support enable_thinking.");
  if (isThinking && typeof request.tool_choice === "object" && request.tool_choice !== null) {
    return wrong("The tool_choice parameter does not support being set to required or object in thinking mode.");
  }
  if (isThinking && request.response_format?.type === "json_object" && !model.jsonSchema) {
    return wrong("Json mode response is not supported when enable_thinking is true.");
  }
  return null;
}
