import type { ModelCard } from "../../core/model-card.ts";
import type { Credentials, WireRequest } from "../adapter.ts";
import type { JsonObject } from "../narrow.ts";
import { withProviderOptions } from "../provider-options.ts";
import { convertSchema } from "../schema/convert.ts";
import { anthropicFormat } from "../schema/profile.ts";
import type { TextRequest } from "../shapes/text.ts";
import { checkText, type ReasoningEffort, stopList } from "../text-rules.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { type NameRule, toolCallIdsIn, toolNamesIn, wireNames } from "../wire-names.ts";
import { claudeMessages, mediaBlock, type Names } from "./messages.ts";
import { claudeCheck, claudeFamily, claudeRules, maxTokensFor, thinkingBudget } from "./rules.ts";

export const toolNameRule: NameRule = { forbidden: /[^A-Za-z0-9_-]/g, maxLength: 128 };

export function check(request: TextRequest, model: ModelCard): UnsupportedField[] {
  return [
    ...checkText(request, model, claudeRules(model, request)),
    ...claudeCheck(request, model),
    ...checkMedia(request),
    ...(request.response_schema ? convertSchema(request.response_schema, anthropicFormat).unsupported : []),
  ];
}

function checkMedia(request: TextRequest): UnsupportedField[] {
  return request.messages.flatMap((message, at) => {
    if (message.role === "assistant" || typeof message.content === "string") return [];
    return message.content.flatMap((part, inner) => {
      if (part.type === "text" || part.type === "reasoning" || mediaBlock(part)) return [];
      const allowed = "a PNG, JPEG, GIF or WebP image, a PDF or plain text";
      return [
        {
          field: `messages[${at}].content[${inner}]`,
          reason: "its type is not known there",
          allowed,
          droppable: false,
        },
      ];
    });
  });
}

/** `POST /v1/messages`, streamed. @throws unsupported naming the field that the model cannot honour. */
export function request(wanted: TextRequest, model: ModelCard, credentials: Credentials): WireRequest {
  refuseUnsupported(check(wanted, model), model);
  return {
    method: "POST",
    url: `${credentials.baseUrl}/v1/messages`,
    headers: {
      "x-api-key": credentials.apiKey,
      // The newer version has no sampling parameters for any model.
      "anthropic-version": claudeFamily(model).samples ? "2023-06-01" : "2026-10-21",
      "content-type": "application/json",
      accept: "text/event-stream",
      ...credentials.headers,
    },
    body: JSON.stringify(withProviderOptions(body(wanted, model), wanted.provider_options, "anthropic")),
  };
}

export function namesOf(wanted: TextRequest): Names {
  return {
    tools: wireNames(toolNamesIn(wanted), toolNameRule),
    callIds: wireNames(toolCallIdsIn(wanted), toolNameRule),
  };
}

function body(wanted: TextRequest, model: ModelCard): JsonObject {
  const { params, tools, response_schema: schema } = wanted;
  const names = namesOf(wanted);
  const stop = stopList(params.stop);
  const effort = params.reasoning_effort;
  const outputConfig = {
    ...(effort !== undefined && effortWord(effort, model)),
    ...(schema && { format: { type: "json_schema", schema: convertSchema(schema, anthropicFormat).schema } }),
  };
  return {
    model: model.nativeId,
    max_tokens: maxTokensFor(wanted, model),
    ...(wanted.system && { system: wanted.system }),
    messages: claudeMessages(wanted, names),
    stream: true,
    ...(params.temperature !== undefined && { temperature: params.temperature }),
    ...(params.top_p !== undefined && { top_p: params.top_p }),
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...(effort !== undefined && { thinking: thinking(effort, wanted, model) }),
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
    ...(tools?.length && { tools: claudeTools(wanted, names), ...toolChoice(wanted, names) }),
  };
}

function thinking(effort: ReasoningEffort, wanted: TextRequest, model: ModelCard): JsonObject {
  if (effort === "none") return { type: "disabled" };
  // Newer models leave the thinking's text out unless it is asked for.
  if (claudeFamily(model).thinking === "adaptive") return { type: "adaptive", display: "summarized" };
  return { type: "enabled", budget_tokens: thinkingBudget(effort, maxTokensFor(wanted, model)) };
}

function effortWord(effort: ReasoningEffort, model: ModelCard): JsonObject | undefined {
  const family = claudeFamily(model);
  if (!family.takesEffort || effort === "none") return undefined;
  if (effort === "minimal") return { effort: "low" };
  return { effort: effort === "max" && family.thinking === "budget" ? "high" : effort };
}

function claudeTools({ tools = [] }: TextRequest, names: Names): JsonObject[] {
  return tools.map(({ name, description, parameters }) => ({
    name: names.tools.toWire(name),
    ...(description !== undefined && { description }),
    input_schema: { type: "object", ...parameters },
  }));
}

function toolChoice({ tool_choice: choice }: TextRequest, names: Names): JsonObject {
  if (choice === undefined) return {};
  if (typeof choice === "object") return { tool_choice: { type: "tool", name: names.tools.toWire(choice.name) } };
  return { tool_choice: { type: choice === "required" ? "any" : choice } };
}
