import type { ModelCard } from "../../../core/model-card.ts";
import type { Credentials, WireRequest } from "../../adapter.ts";
import type { JsonObject } from "../../narrow.ts";
import { withProviderOptions } from "../../provider-options.ts";
import { convertSchema } from "../../schema/convert.ts";
import type { TextRequest } from "../../shapes/text.ts";
import { checkText } from "../../text-rules.ts";
import { refuseUnsupported, type UnsupportedField } from "../../unsupported.ts";
import { toolCallIdsIn, toolNamesIn, wireNames } from "../../wire-names.ts";
import type { Names } from "../openai-chat/messages.ts";
import { bearer } from "../openai-chat/request.ts";
import type { ResponsesDialect } from "./dialect.ts";
import { inputPart, responsesInput } from "./input.ts";

/** The least that `max_output_tokens` may be. */
const outputTokensMin = 16;

export function checkResponses(dialect: ResponsesDialect, request: TextRequest, model: ModelCard): UnsupportedField[] {
  return [
    ...checkText(request, model, dialect.rules(model, request)),
    ...checkMedia(dialect, request),
    ...checkOutputTokens(request),
    ...(dialect.check?.(request, model) ?? []),
    ...(request.response_schema && dialect.schemaProfile
      ? convertSchema(request.response_schema, dialect.schemaProfile).unsupported
      : []),
  ];
}

function checkMedia(dialect: ResponsesDialect, request: TextRequest): UnsupportedField[] {
  return request.messages.flatMap((message, at) => {
    if (message.role === "assistant" || typeof message.content === "string") return [];
    return message.content.flatMap((part, inner) => {
      if (part.type === "reasoning" || inputPart(part)) return [];
      const reason = `${dialect.provider} takes no ${part.type} in this form`;
      return [{ field: `messages[${at}].content[${inner}]`, reason, droppable: false }];
    });
  });
}

function checkOutputTokens({ params: { max_output_tokens: wanted } }: TextRequest): UnsupportedField[] {
  if (wanted === undefined || wanted >= outputTokensMin) return [];
  const allowed = `a number of at least ${outputTokensMin}`;
  return [
    { field: "params.max_output_tokens", reason: "it is less than the provider takes", allowed, droppable: true },
  ];
}

/** `POST …/responses`, streamed, nothing stored at the provider. @throws unsupported naming the field. */
export function responsesRequest(
  dialect: ResponsesDialect,
  request: TextRequest,
  model: ModelCard,
  credentials: Credentials,
): WireRequest {
  refuseUnsupported(checkResponses(dialect, request, model), model);
  const body = withProviderOptions(responsesBody(dialect, request, model), request.provider_options, dialect.provider);
  return {
    method: "POST",
    url: `${credentials.baseUrl}${dialect.path}`,
    headers: {
      ...bearer(credentials.apiKey),
      "content-type": "application/json",
      accept: "text/event-stream",
      ...credentials.headers,
    },
    body: JSON.stringify(body),
  };
}

export function responsesNames(dialect: ResponsesDialect, request: TextRequest): Names {
  return {
    tools: wireNames(toolNamesIn(request), dialect.toolNames),
    callIds: wireNames(toolCallIdsIn(request), dialect.toolCallIds),
  };
}

function responsesBody(dialect: ResponsesDialect, request: TextRequest, model: ModelCard): JsonObject {
  const { params, tools, response_schema: schema } = request;
  const names = responsesNames(dialect, request);
  const reasons = model.features.reasoning || dialect.rules(model, request).efforts.length > 0;
  return {
    ...dialect.defaults,
    model: model.nativeId,
    input: responsesInput(dialect, request, names),
    stream: true,
    store: false,
    // Without it the reasoning of a turn could not be shown to the model again.
    ...(reasons && { include: ["reasoning.encrypted_content"] }),
    ...(params.max_output_tokens !== undefined && { max_output_tokens: params.max_output_tokens }),
    ...(params.temperature !== undefined && { temperature: params.temperature }),
    ...(params.top_p !== undefined && { top_p: params.top_p }),
    ...(params.reasoning_effort !== undefined &&
      reasons && { reasoning: dialect.effort(params.reasoning_effort, model) }),
    ...(tools?.length && { tools: responsesTools(request, names), ...toolChoice(request, names) }),
    ...(schema && { text: { format: schemaFormat(dialect, schema) } }),
  };
}

function responsesTools({ tools = [] }: TextRequest, names: Names): JsonObject[] {
  return tools.map(({ name, description, parameters }) => ({
    type: "function",
    name: names.tools.toWire(name),
    ...(description !== undefined && { description }),
    parameters,
    // The default is true, and would silently rewrite or refuse the caller's schema.
    strict: false,
  }));
}

function toolChoice({ tool_choice: choice }: TextRequest, names: Names): JsonObject {
  if (choice === undefined) return {};
  return {
    tool_choice: typeof choice === "string" ? choice : { type: "function", name: names.tools.toWire(choice.name) },
  };
}

function schemaFormat({ schemaProfile }: ResponsesDialect, wanted: JsonObject): JsonObject {
  const schema = schemaProfile ? convertSchema(wanted, schemaProfile).schema : wanted;
  return { type: "json_schema", name: "response", schema, strict: true };
}
