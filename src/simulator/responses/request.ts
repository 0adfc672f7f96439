import { z } from "zod";

/** The body of `POST /responses`: an unknown field is an error. */

const inputText = z.strictObject({
  type: z.literal("input_text"),
  text: z.string(),
  prompt_cache_breakpoint: z.unknown().optional(),
});
const inputImage = z.strictObject({
  type: z.literal("input_image"),
  image_url: z.string().nullish(),
  file_id: z.string().nullish(),
  detail: z.enum(["auto", "low", "high", "original"]).optional(),
  prompt_cache_breakpoint: z.unknown().optional(),
});
const inputFile = z.strictObject({
  type: z.literal("input_file"),
  file_data: z.string().optional(),
  file_id: z.string().nullish(),
  file_url: z.string().optional(),
  filename: z.string().optional(),
  detail: z.string().optional(),
});
const inputPart = z.discriminatedUnion("type", [inputText, inputImage, inputFile]);
const outputPart = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("output_text"),
    text: z.string(),
    annotations: z.array(z.unknown()).optional(),
    logprobs: z.array(z.unknown()).optional(),
  }),
  z.strictObject({ type: z.literal("refusal"), refusal: z.string() }),
]);
const status = z.enum(["in_progress", "completed", "incomplete"]).nullish();

const userMessage = z.strictObject({
  type: z.literal("message").optional(),
  role: z.enum(["user", "system", "developer"]),
  content: z.union([z.string(), z.array(inputPart).min(1)]),
  status,
});
const assistantMessage = z.strictObject({
  type: z.literal("message").optional(),
  id: z.string().optional(),
  role: z.literal("assistant"),
  content: z.union([z.string(), z.array(outputPart)]),
  phase: z.string().nullish(),
  status,
});
const message = z.discriminatedUnion("role", [userMessage, assistantMessage]);

const item = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("function_call"),
    id: z.string().optional(),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
    status,
  }),
  z.strictObject({
    type: z.literal("function_call_output"),
    id: z.string().nullish(),
    call_id: z.string(),
    output: z.union([z.string(), z.array(inputPart)]),
    status,
  }),
  z.strictObject({
    type: z.literal("reasoning"),
    id: z.string(),
    summary: z.array(z.strictObject({ type: z.literal("summary_text"), text: z.string() })),
    content: z.array(z.unknown()).nullish(),
    encrypted_content: z.string().nullish(),
    status,
  }),
  z.strictObject({ type: z.literal("item_reference"), id: z.string() }),
]);

/** An item without a `type` is a message. */
const inputItem = z.union([message, item]);

const functionTool = z.strictObject({
  type: z.literal("function"),
  name: z.string(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  strict: z.boolean().nullish(),
});

const responsesFields = {
  model: z.string(),
  input: z.union([z.string().min(1), z.array(inputItem)]).optional(),
  instructions: z.string().nullish(),
  max_output_tokens: z.number().int().min(16).nullish(),
  max_tool_calls: z.number().int().min(1).nullish(),
  tools: z.array(functionTool).optional(),
  tool_choice: z
    .union([
      z.enum(["none", "auto", "required"]),
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("function"), name: z.string() }),
        z.strictObject({
          type: z.literal("allowed_tools"),
          mode: z.enum(["auto", "required"]),
          tools: z.array(z.unknown()),
        }),
      ]),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning: z
    .strictObject({
      effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).nullish(),
      summary: z.enum(["auto", "concise", "detailed"]).nullish(),
      context: z.enum(["auto", "current_turn", "all_turns"]).nullish(),
      mode: z.enum(["standard", "pro"]).optional(),
    })
    .nullish(),
  text: z
    .strictObject({
      format: z
        .discriminatedUnion("type", [
          z.strictObject({ type: z.literal("text") }),
          z.strictObject({ type: z.literal("json_object") }),
          z.strictObject({
            type: z.literal("json_schema"),
            name: z.string(),
            description: z.string().optional(),
            schema: z.record(z.string(), z.unknown()),
            strict: z.boolean().nullish(),
          }),
        ])
        .optional(),
      verbosity: z.enum(["low", "medium", "high"]).nullish(),
    })
    .optional(),
  include: z.array(z.string()).nullish(),
  store: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  conversation: z.unknown().optional(),
  background: z.boolean().nullish(),
  truncation: z.enum(["auto", "disabled"]).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  service_tier: z.enum(["auto", "default", "flex", "scale", "priority", "fast"]).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_options: z.unknown().optional(),
  prompt_cache_retention: z.enum(["in_memory", "24h"]).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  safety_identifier: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).nullish(),
  context_management: z.unknown().optional(),
  moderation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  user: z.string().optional(),
};

export type FunctionTool = z.output<typeof functionTool>;

/** A tool that the provider runs itself, such as `web_search`. */
export interface ServerTool {
  readonly type: string;
}

/** A Responses request in any of the dialects. */
export type ResponsesRequest = Omit<z.output<z.ZodObject<typeof responsesFields>>, "tools"> & {
  readonly tools?: readonly (FunctionTool | ServerTool)[] | undefined;
};
export type InputItem = z.output<typeof inputItem>;

export interface ResponsesSchemaOptions {
  /** Fields of OpenAI's that this provider does not have. */
  readonly without: readonly (keyof typeof responsesFields)[];
  /** Fields that only this provider has. */
  readonly extra: z.ZodRawShape;
  /** Types of tools that the provider runs itself. */
  readonly serverTools: readonly string[];
}

/** The schema of one provider's Responses requests: strict, an unknown field is an error. */
export function responsesSchema({ without, extra, serverTools }: ResponsesSchemaOptions): z.ZodType<ResponsesRequest> {
  const fields = Object.fromEntries(
    Object.entries(responsesFields).filter(([name]) => !(without as readonly string[]).includes(name)),
  );
  const [first, ...rest] = serverTools;
  const tools =
    first === undefined
      ? functionTool
      : z.discriminatedUnion("type", [functionTool, z.looseObject({ type: z.enum([first, ...rest]) })]);
  // Narrower than the type: a provider takes some of the fields.
  return z.strictObject({
    ...fields,
    tools: z.array(tools).optional(),
    ...extra,
  }) as unknown as z.ZodType<ResponsesRequest>;
}

/** The schema of OpenAI's own. */
export const responsesRequest: z.ZodType<ResponsesRequest> = z.strictObject(responsesFields);

export function isFunctionTool(tool: FunctionTool | ServerTool): tool is FunctionTool {
  return tool.type === "function";
}
