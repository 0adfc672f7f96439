import type { ModelCard } from "../../core/model-card.ts";
import type { Credentials, WireRequest } from "../adapter.ts";
import type { JsonObject } from "../narrow.ts";
import { withProviderOptions } from "../provider-options.ts";
import { convertSchema } from "../schema/convert.ts";
import { googleJsonSchema } from "../schema/profile.ts";
import type { MediaPart } from "../shapes/message.ts";
import type { TextRequest } from "../shapes/text.ts";
import { checkText, stopList } from "../text-rules.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { type NameRule, toolNamesIn, type WireNames, wireNames } from "../wire-names.ts";
import { geminiContents } from "./contents.ts";
import { geminiFamily, geminiRules, geminiThinking } from "./rules.ts";

export const toolNameRule: NameRule = { forbidden: /[^A-Za-z0-9_.:-]/g, maxLength: 128, mustStartWithLetter: true };

export function check(request: TextRequest, model: ModelCard): UnsupportedField[] {
  return [
    ...checkText(request, model, geminiRules(model, request)),
    ...checkMedia(request, model),
    ...(request.response_schema ? convertSchema(request.response_schema, googleJsonSchema).unsupported : []),
  ];
}

/** URLs are fetched from Gemini 3 on; before that only Google's own files and YouTube are. */
export function fetchesUrl(part: MediaPart, model: ModelCard): boolean {
  if (part.url === undefined) return true;
  return geminiFamily(model).version >= 3 || googleUrl.test(part.url) || part.url.startsWith("data:");
}

const googleUrl = /^https:\/\/(?:generativelanguage\.googleapis\.com|(?:www\.)?youtube\.com|youtu\.be)\//;

function checkMedia(request: TextRequest, model: ModelCard): UnsupportedField[] {
  return request.messages.flatMap((message, at) => {
    if (typeof message.content === "string") return [];
    return message.content.flatMap((part, inner) => {
      if (part.type === "text" || part.type === "reasoning" || fetchesUrl(part, model)) return [];
      const reason = "it does not fetch URLs";
      return [
        { field: `messages[${at}].content[${inner}].url`, reason, allowed: "the bytes in data", droppable: false },
      ];
    });
  });
}

/** `POST /models/{model}:streamGenerateContent?alt=sse`. @throws unsupported naming the field. */
export function request(wanted: TextRequest, model: ModelCard, credentials: Credentials): WireRequest {
  refuseUnsupported(check(wanted, model), model);
  const id = encodeURIComponent(model.nativeId.replace(/^models\//, ""));
  return {
    method: "POST",
    url: `${credentials.baseUrl}/models/${id}:streamGenerateContent?alt=sse`,
    headers: {
      "x-goog-api-key": credentials.apiKey,
      "content-type": "application/json",
      accept: "text/event-stream",
      ...credentials.headers,
    },
    body: JSON.stringify(withProviderOptions(body(wanted, model), wanted.provider_options, "google")),
  };
}

export function namesOf(wanted: TextRequest): WireNames {
  return wireNames(toolNamesIn(wanted), toolNameRule);
}

function body(wanted: TextRequest, model: ModelCard): JsonObject {
  const names = namesOf(wanted);
  const config = generationConfig(wanted, model);
  return {
    ...(wanted.system && { systemInstruction: { parts: [{ text: wanted.system }] } }),
    contents: geminiContents(wanted, names, geminiFamily(model).version >= 3),
    ...(wanted.tools?.length && {
      tools: [{ functionDeclarations: declarations(wanted, names) }],
      ...toolConfig(wanted, names),
    }),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
  };
}

function generationConfig({ params, response_schema: schema }: TextRequest, model: ModelCard): JsonObject {
  const stop = stopList(params.stop);
  const thinking = params.reasoning_effort && geminiThinking(params.reasoning_effort, geminiFamily(model));
  return {
    ...(params.max_output_tokens !== undefined && { maxOutputTokens: params.max_output_tokens }),
    ...(params.temperature !== undefined && { temperature: params.temperature }),
    ...(params.top_p !== undefined && { topP: params.top_p }),
    ...(params.seed !== undefined && { seed: params.seed }),
    ...(stop.length > 0 && { stopSequences: stop }),
    ...(thinking && { thinkingConfig: thinking }),
    ...(schema && {
      responseMimeType: "application/json",
      responseJsonSchema: convertSchema(schema, googleJsonSchema).schema,
    }),
  };
}

function declarations({ tools = [] }: TextRequest, names: WireNames): JsonObject[] {
  return tools.map(({ name, description, parameters }) => {
    const { $schema: _, ...schema } = parameters;
    const takesNothing = Object.keys((schema.properties as object | undefined) ?? {}).length === 0;
    return {
      name: names.toWire(name),
      ...(description !== undefined && { description }),
      ...(!takesNothing && { parametersJsonSchema: schema }),
    };
  });
}

const modes = { auto: "AUTO", none: "NONE", required: "ANY" } as const;

function toolConfig({ tool_choice: choice }: TextRequest, names: WireNames): JsonObject {
  if (choice === undefined) return {};
  const functionCallingConfig =
    typeof choice === "string"
      ? { mode: modes[choice] }
      : { mode: "ANY", allowedFunctionNames: [names.toWire(choice.name)] };
  return { toolConfig: { functionCallingConfig } };
}
