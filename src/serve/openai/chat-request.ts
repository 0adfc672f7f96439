import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { parseArguments } from "../../arguments/parse-arguments.ts";
import { type InferArgs, inferArgs } from "../../infer/request.ts";
import { callOptions, callOptionsOf, modelId } from "../api/call-options.ts";
import { unsupportedField } from "../api/unsupported-field.ts";
import { chatMessage, toMessages } from "./chat-messages.ts";

const functionTool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({
    name: z.string(),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** `POST /v1/chat/completions`: what has a meaning for every provider. https://platform.openai.com/docs/api-reference/chat */
const chatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(chatMessage).min(1),
  max_tokens: z.number().int().nullish(),
  max_completion_tokens: z.number().int().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.number().int().nullish(),
  reasoning_effort: z.string().nullish(),
  tools: z.array(functionTool).nullish(),
  tool_choice: z
    .union([z.enum(["auto", "none", "required"]), z.looseObject({ function: z.looseObject({ name: z.string() }) })])
    .nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.looseObject({ type: z.literal("text") }),
      z.looseObject({ type: z.literal("json_object") }),
      z.looseObject({
        type: z.literal("json_schema"),
        json_schema: z.looseObject({ schema: z.record(z.string(), z.unknown()).optional() }),
      }),
    ])
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  ...callOptions,
});

type ChatRequest = z.infer<typeof chatRequest>;

export interface ParsedChat {
  readonly args: InferArgs;
  readonly isStream: boolean;
  readonly includeUsage: boolean;
}

/** @throws invalid_request naming the field; unsupported for one that no provider-neutral call can honour. */
export function parseChatRequest(body: unknown, request: IncomingMessage): ParsedChat {
  const chat = parseArguments({ name: "chat.completions", input: chatRequest }, body);
  const model = modelId(chat.model, "openai");
  const native = nativeFields(chat, model);
  const args = {
    model,
    messages: toMessages(chat.messages),
    params: params(chat),
    ...tools(chat),
    ...responseSchema(chat),
    ...(chat.metadata ? { metadata: chat.metadata } : {}),
    ...withNative(callOptionsOf(chat, request), native, model),
  };
  return {
    args: parseArguments({ name: "chat.completions", input: inferArgs }, args),
    isStream: chat.stream === true,
    includeUsage: chat.stream_options?.include_usage === true,
  };
}

function params(chat: ChatRequest): Record<string, unknown> {
  const given = {
    max_output_tokens: chat.max_completion_tokens ?? chat.max_tokens,
    temperature: chat.temperature,
    top_p: chat.top_p,
    stop: chat.stop,
    seed: chat.seed,
    reasoning_effort: chat.reasoning_effort === "xhigh" ? "max" : chat.reasoning_effort,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));
}

function tools({ tools: given, tool_choice: choice }: ChatRequest): object {
  if (!given || given.length === 0) return {};
  const declared = given.map(({ function: { name, description, parameters } }) => ({
    name,
    ...(description ? { description } : {}),
    parameters: parameters ?? { type: "object", properties: {} },
  }));
  if (!choice) return { tools: declared };
  return { tools: declared, tool_choice: typeof choice === "string" ? choice : { name: choice.function.name } };
}

function responseSchema({ response_format: format }: ChatRequest): object {
  if (!format || format.type === "text") return {};
  if (format.type === "json_object") return { response_schema: { type: "object" } };
  return { response_schema: format.json_schema.schema ?? { type: "object" } };
}

/** Members that say nothing of the answer, or say the default. */
const ignored: Readonly<Record<string, readonly unknown[] | "any">> = {
  user: "any",
  safety_identifier: "any",
  prompt_cache_key: "any",
  store: "any",
  service_tier: ["auto", "default"],
  n: [1],
  logprobs: [false],
  top_logprobs: [0],
  frequency_penalty: [0],
  presence_penalty: [0],
  logit_bias: [{}],
  parallel_tool_calls: [true],
  modalities: [["text"]],
};

/** Members that only some providers know, to be sent to them as they are. */
function nativeFields(chat: ChatRequest, model: string): Record<string, unknown> {
  const native: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(chat)) {
    if (Object.hasOwn(chatRequest.shape, field) || value === null || value === undefined) continue;
    const harmless = ignored[field];
    if (harmless === "any" || harmless?.some((one) => JSON.stringify(one) === JSON.stringify(value))) continue;
    if (field === "n" || field === "functions" || field === "function_call" || field === "audio") {
      throw unsupportedField(field, "an answer is one assistant message", alternatives[field] ?? "Leave it out");
    }
    native[field] = value;
  }
  const [first] = Object.keys(native);
  const provider = model.slice(0, model.indexOf("/"));
  if (first !== undefined && otherDialects.has(provider)) {
    throw unsupportedField(first, `${provider} has no such parameter`, "Leave it out, or choose another provider");
  }
  return native;
}

const alternatives: Readonly<Record<string, string>> = {
  n: "Send n calls",
  functions: "Use tools",
  function_call: "Use tool_choice",
};

/** Providers whose requests are not of OpenAI's dialect: its native members mean nothing to them. */
const otherDialects = new Set(["anthropic", "google"]);

function withNative(
  options: Partial<InferArgs>,
  native: Readonly<Record<string, unknown>>,
  model: string,
): Partial<InferArgs> {
  if (Object.keys(native).length === 0) return options;
  const provider = model.slice(0, model.indexOf("/"));
  const given = options.provider_options ?? {};
  return { ...options, provider_options: { ...given, [provider]: { ...native, ...given[provider] } } };
}
