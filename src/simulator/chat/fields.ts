import { z } from "zod";
import { type ChatMessage, type MessageOptions, messageSchema } from "./messages.ts";

const number = (min: number, max: number) => z.number().min(min).max(max).nullish();
const count = (min: number, max: number) => z.number().int().min(min).max(max).nullish();
const schema = z.record(z.string(), z.unknown());

const functionTool = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({
    name: z.string(),
    description: z.string().optional(),
    parameters: schema.optional(),
    strict: z.boolean().nullish(),
  }),
});

const customTool = z.strictObject({
  type: z.literal("custom"),
  custom: z.strictObject({ name: z.string(), description: z.string().optional(), format: z.unknown().optional() }),
});

const namedFunction = z.strictObject({ type: z.literal("function"), function: z.strictObject({ name: z.string() }) });
const namedCustom = z.strictObject({ type: z.literal("custom"), custom: z.strictObject({ name: z.string() }) });
const allowedTools = z.strictObject({ type: z.literal("allowed_tools"), allowed_tools: z.unknown() });

/** Every field that one of the dialects of Chat Completions has, as most of them have it. */
export const chatFields = {
  max_completion_tokens: count(1, 10_000_000),
  max_tokens: count(1, 10_000_000),
  temperature: number(0, 2),
  top_p: number(0, 1),
  top_k: count(0, 1_000),
  min_p: number(0, 1),
  n: count(1, 128),
  seed: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).min(1).max(4)]).nullish(),
  frequency_penalty: number(-2, 2),
  presence_penalty: number(-2, 2),
  repetition_penalty: number(0, 2),
  logprobs: z.boolean().nullish(),
  top_logprobs: count(0, 20),
  logit_bias: z.record(z.string(), z.number().min(-100).max(100)).nullish(),
  tools: z
    .array(z.discriminatedUnion("type", [functionTool, customTool]))
    .min(1)
    .max(128)
    .nullish(),
  tool_choice: z
    .union([
      z.enum(["none", "auto", "required"]),
      z.discriminatedUnion("type", [namedFunction, namedCustom, allowedTools]),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  disable_tool_validation: z.boolean().nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text") }),
      z.strictObject({ type: z.literal("json_object") }),
      z.strictObject({
        type: z.literal("json_schema"),
        json_schema: z.strictObject({
          name: z.string(),
          description: z.string().optional(),
          schema: schema.optional(),
          strict: z.boolean().nullish(),
        }),
      }),
    ])
    .nullish(),
  reasoning_effort: z.enum(["none", "default", "minimal", "low", "medium", "high", "xhigh", "max"]).nullish(),
  reasoning_format: z.enum(["hidden", "raw", "parsed"]).nullish(),
  reasoning_split: z.boolean().nullish(),
  include_reasoning: z.boolean().nullish(),
  enable_thinking: z.boolean().nullish(),
  thinking_budget: count(0, 1_000_000),
  preserve_thinking: z.boolean().nullish(),
  thinking: z.strictObject({ type: z.enum(["enabled", "disabled", "auto"]) }).nullish(),
  chat_template_kwargs: schema.nullish(),
  verbosity: z.enum(["low", "medium", "high"]).nullish(),
  modalities: z.array(z.enum(["text", "audio"])).nullish(),
  audio: z
    .strictObject({ voice: z.unknown(), format: z.enum(["wav", "aac", "mp3", "flac", "opus", "pcm16"]) })
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().optional(),
      include_obfuscation: z.boolean().optional(),
      chunk_include_usage: z.boolean().optional(),
    })
    .nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_options: z
    .strictObject({ mode: z.enum(["implicit", "explicit"]).optional(), ttl: z.literal("30m").optional() })
    .optional(),
  prompt_cache_retention: z.enum(["in_memory", "24h"]).nullish(),
  service_tier: z.enum(["auto", "default", "flex", "scale", "priority", "fast", "on_demand", "performance"]).nullish(),
  safety_identifier: z.string().nullish(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, "expected at most 16 pairs")
    .nullish(),
  store: z.boolean().nullish(),
  user: z.string().nullish(),
  enable_search: z.boolean().nullish(),
  search_options: z.unknown().optional(),
  asr_options: z.unknown().optional(),
  prediction: z.unknown().optional(),
  web_search_options: z.unknown().optional(),
  moderation: z.unknown().optional(),
  documents: z.unknown().optional(),
  citation_options: z.unknown().optional(),
  compound_custom: z.unknown().optional(),
  search_settings: z.unknown().optional(),
} as const;

export type ChatField = keyof typeof chatFields;

const superset = z.object(chatFields);

/** A chat request in any of the dialects. */
export type ChatRequest = z.output<typeof superset> & { model: string; messages: ChatMessage[] };

export interface ChatSchemaOptions {
  /** The fields this provider has, besides `model` and `messages`. */
  readonly fields: readonly ChatField[];
  /** Fields whose values are fewer here than elsewhere. */
  readonly narrowed?: Partial<Record<ChatField, z.ZodType>>;
  readonly messages: MessageOptions;
}

/** The schema of one provider's chat requests: strict, an unknown field is an error. */
export function chatSchema({ fields, narrowed, messages }: ChatSchemaOptions): z.ZodType<ChatRequest> {
  const taken = Object.fromEntries(fields.map((name) => [name, narrowed?.[name] ?? chatFields[name]]));
  const whole = z.strictObject({ model: z.string(), messages: z.array(messageSchema(messages)).min(1), ...taken });
  // Narrower than the type, as above: a provider takes some of the fields.
  return whole as unknown as z.ZodType<ChatRequest>;
}

/** A list of values in place of a longer one. */
export const oneOf = (...values: readonly [string, ...string[]]) => z.enum(values).nullish();

export const upTo = (min: number, max: number) => number(min, max);
