import { z } from "zod";

/**
 * Messages as every text model takes them, whatever the provider. What a model returned in `message` can be appended
 * to `messages` unchanged: reasoning parts carry what the provider needs to see again.
 */

const mediaSource = {
  url: z.string().optional(),
  /** Base64. */
  data: z.string().optional(),
  /** A `blob_…` handle from an earlier result. */
  blob: z.string().optional(),
  /** `repo:path` or `repo@ref:path`. */
  artifact: z.string().optional(),
  media_type: z.string().optional(),
};

export const textPart = z.strictObject({ type: z.literal("text"), text: z.string() });
export const mediaPart = z.strictObject({ type: z.enum(["image", "audio", "video", "file"]), ...mediaSource });
/**
 * What a model thought. `provider` names who may see it again; `opaque` is that provider's own block, returned to it
 * byte for byte and dropped for any other.
 */
export const reasoningPart = z.strictObject({
  type: z.literal("reasoning"),
  text: z.string().optional(),
  provider: z.string().optional(),
  opaque: z.unknown().optional(),
});

export const messagePart = z.discriminatedUnion("type", [textPart, mediaPart, reasoningPart]);

export const toolCall = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** Parsed arguments. */
  arguments: z.record(z.string(), z.unknown()),
  /** The provider's own attachment to this call (a Gemini thought signature), returned to it unchanged. */
  opaque: z.unknown().optional(),
});

export const message = z.strictObject({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.union([z.string(), z.array(messagePart)]),
  tool_calls: z.array(toolCall).optional(),
  tool_call_id: z.string().optional(),
});

export type MediaPart = z.infer<typeof mediaPart>;
export type ReasoningPart = z.infer<typeof reasoningPart>;
export type MessagePart = z.infer<typeof messagePart>;
export type ToolCall = z.infer<typeof toolCall>;
export type Message = z.infer<typeof message>;
