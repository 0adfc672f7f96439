import { z } from "zod";
import type { ChatDialect, ChatStyle } from "../chat/dialect.ts";
import { chatFields, chatSchema, upTo } from "../chat/fields.ts";
import { reasoningTokensOf } from "../chat/prompt.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { cloudflareErrors, noSuchModel } from "./errors.ts";
import { type WorkersModel, workersModel } from "./models.ts";

/** The native form of a schema: bare, without a name. */
const bareSchema = z
  .strictObject({ type: z.literal("json_schema"), json_schema: z.looseObject({ type: z.unknown() }) })
  .transform(({ json_schema }) => ({ type: "json_schema", json_schema: { name: "schema", schema: json_schema } }));

/** Chat Completions as Workers AI speaks them. An assistant's content is never null. */
export const workersChat: ChatDialect<WorkersModel> = {
  provider: "workers-ai",
  schema: chatSchema({
    fields: [
      "max_tokens",
      "max_completion_tokens",
      "temperature",
      "top_p",
      "top_k",
      "seed",
      "stop",
      "frequency_penalty",
      "presence_penalty",
      "repetition_penalty",
      "tools",
      "tool_choice",
      "parallel_tool_calls",
      "response_format",
      "reasoning_effort",
      "chat_template_kwargs",
      "stream",
      "stream_options",
    ],
    narrowed: { temperature: upTo(0, 5), response_format: z.union([chatFields.response_format, bareSchema]) },
    messages: {
      roles: ["system", "user", "assistant", "tool"],
      parts: ["image_url"],
      imageDetails: ["auto", "low", "high"],
      assistantFields: ["reasoning_content", "reasoning"],
      nullContent: false,
    },
  }),
  style: ({ model }): ChatStyle => ({
    // Which of the two names it is depends on the model.
    reasoning: model.includes("gpt-oss") ? "reasoning" : "reasoning_content",
    toolDeltas: "fragments",
    roleOnEveryDelta: false,
    usageAt: "asked",
    usageNull: "never",
    refusals: false,
    annotations: false,
    emptyContent: "",
  }),
  model: workersModel,
  error: (error, request) => errorReply(cloudflareErrors, { ...error, code: "5004" }, request),
  modelNotFound: noSuchModel,
  shapeError: (issue) => ({ message: `AiError: Bad input: ${shapeError(issue).message}` }),
  ruleError: () => null,
  jsonWord: false,
  strictSchemaIssue: () => null,
  thinking(request, model) {
    const isOff = request.chat_template_kwargs?.enable_thinking === false || request.reasoning_effort === "none";
    const tokens = reasoningTokensOf(request.reasoning_effort ?? "low");
    return {
      tokens: model.reasons && !isOff ? tokens : 0,
      tokensIfAsked: 0,
      limit: request.max_completion_tokens ?? request.max_tokens ?? 256,
    };
  },
  usage: (used) => {
    const [input, output] = [used.inputTokens ?? 0, used.outputTokens ?? 0];
    return {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: used.cachedInputTokens ?? 0 },
    };
  },
};
