import type { ModelCard } from "../../../core/model-card.ts";
import type { Credentials, WireRequest } from "../../adapter.ts";
import type { JsonObject } from "../../narrow.ts";
import { withProviderOptions } from "../../provider-options.ts";
import { convertSchema } from "../../schema/convert.ts";
import type { TextRequest } from "../../shapes/text.ts";
import { checkText, stopList } from "../../text-rules.ts";
import { refuseUnsupported, type UnsupportedField } from "../../unsupported.ts";
import { toolCallIdsIn, toolNamesIn, wireNames } from "../../wire-names.ts";
import type { ChatDialect, SchemaForm } from "./dialect.ts";
import { chatMessages, type Names } from "./messages.ts";

export function checkChat(dialect: ChatDialect, request: TextRequest, model: ModelCard): UnsupportedField[] {
  return [
    ...checkText(request, model, dialect.rules(model, request)),
    ...checkMedia(dialect, request),
    ...(dialect.check?.(request, model) ?? []),
    ...checkSchemaForm(dialect, request, model),
  ];
}

function checkSchemaForm(dialect: ChatDialect, request: TextRequest, model: ModelCard): UnsupportedField[] {
  const { profile } = dialect.schema(model);
  return request.response_schema && profile ? [...convertSchema(request.response_schema, profile).unsupported] : [];
}

function checkMedia(dialect: ChatDialect, request: TextRequest): UnsupportedField[] {
  const found: UnsupportedField[] = [];
  for (const [at, message] of request.messages.entries()) {
    if (message.role !== "user" || typeof message.content === "string") continue;
    for (const [inner, part] of message.content.entries()) {
      if (part.type === "text" || part.type === "reasoning" || dialect.media(part)) continue;
      const reason = `${dialect.provider} takes no ${part.type} in this form`;
      found.push({ field: `messages[${at}].content[${inner}]`, reason, droppable: false });
    }
  }
  return found;
}

/** `POST …/chat/completions`, streamed. @throws unsupported naming the field that the model cannot honour. */
export function chatRequest(
  dialect: ChatDialect,
  request: TextRequest,
  model: ModelCard,
  credentials: Credentials,
): WireRequest {
  refuseUnsupported(checkChat(dialect, request, model), model);
  const authorization = dialect.authorization?.(credentials.apiKey) ?? bearer(credentials.apiKey);
  return {
    method: "POST",
    url: `${credentials.baseUrl}${dialect.path}`,
    headers: {
      ...authorization,
      "content-type": "application/json",
      accept: "text/event-stream",
      ...credentials.headers,
    },
    body: JSON.stringify(
      withProviderOptions(chatBody(dialect, request, model), request.provider_options, dialect.provider),
    ),
  };
}

/** Servers on the user's own machine often want no key at all. */
export function bearer(apiKey: string): Readonly<Record<string, string>> {
  return apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` };
}

export function chatNames(dialect: ChatDialect, request: TextRequest): Names {
  return {
    tools: wireNames(toolNamesIn(request), dialect.toolNames),
    callIds: wireNames(toolCallIdsIn(request), dialect.toolCallIds),
  };
}

function chatBody(dialect: ChatDialect, request: TextRequest, model: ModelCard): JsonObject {
  const { params, tools } = request;
  const names = chatNames(dialect, request);
  const stop = stopList(params.stop);
  const efforts = dialect.rules(model, request).efforts;
  const effort = params.reasoning_effort;
  return {
    model: model.nativeId,
    messages: chatMessages(dialect, request, model, names),
    stream: true,
    ...(dialect.usageOption && { stream_options: { include_usage: true } }),
    ...dialect.defaults?.(model, request),
    ...(params.max_output_tokens !== undefined && { [dialect.maxTokensField(model)]: params.max_output_tokens }),
    ...(params.temperature !== undefined && { temperature: params.temperature }),
    ...(params.top_p !== undefined && { top_p: params.top_p }),
    ...(params.seed !== undefined && { seed: params.seed }),
    ...(stop.length > 0 && { stop }),
    ...(effort !== undefined && efforts.length > 0 && dialect.effort?.(effort, model)),
    ...(tools?.length && { tools: chatTools(dialect, request, names), ...toolChoice(request, names) }),
    ...(request.response_schema && { response_format: responseFormat(dialect.schema(model), request.response_schema) }),
  };
}

function chatTools(dialect: ChatDialect, { tools = [] }: TextRequest, names: Names): JsonObject[] {
  return tools.map(({ name, description, parameters }) => ({
    type: "function",
    function: {
      name: names.tools.toWire(name),
      ...(description !== undefined && { description }),
      parameters,
      // Callers' tools are any JSON Schema; strict mode would silently rewrite or refuse them.
      ...(dialect.toolStrict && { strict: false }),
    },
  }));
}

function toolChoice({ tool_choice: choice }: TextRequest, names: Names): JsonObject {
  if (choice === undefined) return {};
  if (typeof choice === "string") return { tool_choice: choice };
  return { tool_choice: { type: "function", function: { name: names.tools.toWire(choice.name) } } };
}

function responseFormat({ form, profile, strict }: SchemaForm, wanted: JsonObject): JsonObject {
  const schema = profile ? convertSchema(wanted, profile).schema : wanted;
  if (form === "bare") return { type: "json_schema", json_schema: schema };
  return { type: "json_schema", json_schema: { name: "response", schema, ...(strict && { strict: true }) } };
}
