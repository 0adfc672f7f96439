import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { parseArguments } from "../../arguments/parse-arguments.ts";
import { type InferArgs, inferArgs } from "../../infer/request.ts";
import { callOptions, callOptionsOf, modelId } from "../api/call-options.ts";
import { unsupportedField } from "../api/unsupported-field.ts";
import { conversationMessage, textBlock } from "./blocks.ts";
import { toMessages } from "./conversation.ts";

const clientTool = z.looseObject({
  name: z.string(),
  type: z.string().nullish(),
  description: z.string().nullish(),
  input_schema: z.record(z.string(), z.unknown()).optional(),
});

/** `POST /v1/messages`: what has a meaning for every provider. https://docs.anthropic.com/en/api/messages */
const messageRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(conversationMessage).min(1),
  max_tokens: z.number().int().optional(),
  system: z.union([z.string(), z.array(textBlock)]).nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  tools: z.array(clientTool).nullish(),
  tool_choice: z.looseObject({ type: z.enum(["auto", "any", "tool", "none"]), name: z.string().optional() }).nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: z.number().optional() }).nullish(),
  output_config: z
    .looseObject({
      effort: z.string().nullish(),
      format: z.looseObject({ schema: z.record(z.string(), z.unknown()).optional() }).nullish(),
    })
    .nullish(),
  stream: z.boolean().nullish(),
  ...callOptions,
});

type MessageRequest = z.infer<typeof messageRequest>;

export interface ParsedMessageRequest {
  readonly args: InferArgs;
  readonly isStream: boolean;
}

/** @throws invalid_request naming the field; unsupported for one that cannot be honoured. */
export function parseMessageRequest(body: unknown, request: IncomingMessage): ParsedMessageRequest {
  const asked = parseArguments({ name: "messages", input: messageRequest }, body);
  const model = modelId(asked.model, "anthropic");
  const system = typeof asked.system === "string" ? asked.system : asked.system?.map(({ text }) => text).join("\n\n");
  const schema = asked.output_config?.format?.schema;
  const args = {
    model,
    messages: toMessages(asked.messages),
    ...(system ? { system } : {}),
    params: params(asked, model),
    ...tools(asked),
    ...(schema ? { response_schema: schema } : {}),
    ...withNative(callOptionsOf(asked, request), asked, model),
  };
  return {
    args: parseArguments({ name: "messages", input: inferArgs }, args),
    isStream: asked.stream === true,
  };
}

function params(asked: MessageRequest, model: string): Record<string, unknown> {
  const stop = asked.stop_sequences;
  const given = {
    max_output_tokens: asked.max_tokens,
    temperature: asked.temperature,
    top_p: asked.top_p,
    stop: stop && stop.length > 0 ? stop : undefined,
    // Claude is told in its own words, see `nativeFields`.
    reasoning_effort: isClaude(model) ? undefined : effort(asked),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));
}

function effort({ thinking, output_config }: MessageRequest): string | undefined {
  if (thinking?.type === "disabled") return "none";
  const named = output_config?.effort;
  if (named) return named === "xhigh" ? "max" : named;
  if (thinking?.budget_tokens === undefined) return undefined;
  return effortByBudget.find(([budgetMax]) => (thinking.budget_tokens ?? 0) <= budgetMax)?.[1] ?? "max";
}

const effortByBudget: readonly (readonly [number, string])[] = [
  [2_048, "low"],
  [10_000, "medium"],
  [32_000, "high"],
];

function tools({ tools: given, tool_choice: choice }: MessageRequest): object {
  if (!given || given.length === 0) return {};
  const declared = given.map(({ name, type, description, input_schema }, index) => {
    if (input_schema === undefined) {
      throw unsupportedField(
        `tools[${index}]`,
        `${type ?? name} would run at Anthropic`,
        "Declare it with input_schema",
      );
    }
    return { name, ...(description ? { description } : {}), parameters: input_schema };
  });
  if (!choice) return { tools: declared };
  const word = choice.type === "any" ? "required" : choice.type;
  return { tools: declared, tool_choice: choice.type === "tool" ? { name: choice.name ?? "" } : word };
}

/** Members that only Claude knows, sent to it as they are. */
function nativeFields(asked: MessageRequest): Record<string, unknown> {
  const { thinking, output_config, top_k, service_tier } = asked;
  const { format: _, ...config } = output_config ?? {};
  const cache = cacheControlIn(asked);
  return {
    ...(thinking ? { thinking } : {}),
    ...(Object.keys(config).length > 0 ? { output_config: config } : {}),
    ...(top_k === undefined ? {} : { top_k }),
    ...(service_tier === undefined ? {} : { service_tier }),
    // Our messages carry no break points; automatic caching puts one where it serves best.
    ...(cache === undefined ? {} : { cache_control: cache }),
  };
}

function withNative(options: Partial<InferArgs>, asked: MessageRequest, model: string): Partial<InferArgs> {
  if (!isClaude(model)) {
    if (asked.top_k === undefined) return options;
    throw unsupportedField("top_k", `${model} has no such parameter`, "Leave it out, or choose a Claude model");
  }
  const native = nativeFields(asked);
  if (Object.keys(native).length === 0) return options;
  const given = options.provider_options ?? {};
  return { ...options, provider_options: { ...given, anthropic: { ...native, ...given.anthropic } } };
}

function cacheControlIn({ cache_control, messages, system, tools: given }: MessageRequest): unknown {
  const blocks = messages.flatMap(({ content }) => (typeof content === "string" ? [] : content));
  const all: object[] = [...(given ?? []), ...(typeof system === "string" ? [] : (system ?? [])), ...blocks];
  const controls = [...all.map((one) => ("cache_control" in one ? one.cache_control : undefined)), cache_control];
  return controls.findLast((control) => control !== undefined && control !== null);
}

function isClaude(model: string): boolean {
  return model.startsWith("anthropic/");
}
