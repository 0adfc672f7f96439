import { z } from "zod";

/** The body of `POST /interactions`: snake_case, an unknown field is an error. */

const media = {
  data: z.string().optional(),
  uri: z.string().optional(),
  mime_type: z.string(),
};

const resultContent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string() }),
  z.strictObject({ type: z.literal("image"), ...media }),
]);

export const contentBlock = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string(), annotations: z.array(z.unknown()).optional() }),
  z.strictObject({ type: z.literal("image"), ...media, resolution: z.string().optional() }),
  z.strictObject({
    type: z.literal("audio"),
    ...media,
    sample_rate: z.number().optional(),
    channels: z.number().optional(),
  }),
  z.strictObject({ type: z.literal("video"), ...media }),
  z.strictObject({ type: z.literal("document"), ...media }),
  z.strictObject({
    type: z.literal("function_result"),
    call_id: z.string(),
    name: z.string().optional(),
    result: z.union([z.string(), z.array(resultContent), z.record(z.string(), z.unknown())]),
    is_error: z.boolean().optional(),
    signature: z.string().optional(),
  }),
]);

const step = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("user_input"), content: z.array(contentBlock).min(1) }),
  z.strictObject({ type: z.literal("model_output"), content: z.array(contentBlock) }),
  z.strictObject({
    type: z.literal("function_call"),
    id: z.string(),
    name: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    signature: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal("thought"),
    signature: z.string().optional(),
    summary: z.array(z.unknown()).optional(),
  }),
]);

const responseFormat = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("text"),
    mime_type: z.string().optional(),
    schema: z.record(z.string(), z.unknown()).optional(),
  }),
  z.strictObject({
    type: z.literal("image"),
    aspect_ratio: z.string().optional(),
    image_size: z.enum(["512", "1K", "2K", "4K"]).optional(),
    mime_type: z.string().optional(),
    delivery: z.enum(["inline", "uri"]).optional(),
  }),
  z.strictObject({
    type: z.literal("audio"),
    mime_type: z.string().optional(),
    sample_rate: z.number().int().optional(),
    bit_rate: z.number().int().optional(),
    delivery: z.enum(["inline", "uri"]).optional(),
  }),
  z.strictObject({
    type: z.literal("video"),
    aspect_ratio: z.enum(["16:9", "9:16"]).optional(),
    resolution: z.enum(["360p", "720p", "1080p", "4k"]).optional(),
    duration: z
      .string()
      .regex(/^\d+(\.\d+)?s$/, 'expected a duration such as "8s"')
      .optional(),
    delivery: z.enum(["inline", "uri"]).optional(),
  }),
]);

const generationConfig = z.strictObject({
  max_output_tokens: z.number().int().min(1).optional(),
  stop_sequences: z.array(z.string()).max(5).optional(),
  seed: z.number().int().optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  thinking_level: z.enum(["minimal", "low", "medium", "high", "xhigh"]).optional(),
  thinking_summaries: z.enum(["auto", "none"]).optional(),
  tool_choice: z.unknown().optional(),
  speech_config: z.unknown().optional(),
  video_config: z
    .strictObject({
      task: z.enum(["text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale"]).optional(),
    })
    .optional(),
  transcription_config: z
    .strictObject({
      language_codes: z.array(z.string()).optional(),
      custom_vocabulary: z.array(z.string()).optional(),
      mode: z
        .discriminatedUnion("type", [
          z.strictObject({
            type: z.literal("verbatim"),
            diarization_mode: z.string().optional(),
            timestamp_granularities: z.array(z.enum(["word"])).optional(),
          }),
          z.strictObject({ type: z.literal("smart"), source_text: z.string().optional() }),
        ])
        .optional(),
    })
    .optional(),
});

export const interactionRequest = z.strictObject({
  model: z.string().optional(),
  agent: z.string().optional(),
  input: z.union([z.string().min(1), z.array(z.union([step, contentBlock])).min(1)]),
  system_instruction: z.string().optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal("function"),
        name: z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/),
        description: z.string().optional(),
        parameters: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
  response_format: z.union([responseFormat, z.array(responseFormat)]).optional(),
  generation_config: generationConfig.optional(),
  previous_interaction_id: z.string().optional(),
  store: z.boolean().optional(),
  stream: z.boolean().optional(),
  background: z.boolean().optional(),
  safety_settings: z.unknown().optional(),
  service_tier: z.enum(["flex", "standard", "priority"]).optional(),
  webhook_config: z.unknown().optional(),
  continuation_token: z.string().optional(),
});

export type InteractionRequest = z.output<typeof interactionRequest>;
export type Step = z.output<typeof step>;
export type Block = z.output<typeof contentBlock>;
export type ResponseFormat = z.output<typeof responseFormat>;

/** The input as steps: a text or bare content is one turn of the user's. */
export function stepsOf(input: InteractionRequest["input"]): Step[] {
  if (typeof input === "string") return [{ type: "user_input", content: [{ type: "text", text: input }] }];
  const blocks = input.filter((item): item is Block => !isStep(item));
  if (blocks.length === input.length) return [{ type: "user_input", content: blocks }];
  return input.map((item) => (isStep(item) ? item : { type: "user_input", content: [item] }));
}

function isStep(item: Step | Block): item is Step {
  return ["user_input", "model_output", "function_call", "thought"].includes(item.type);
}
