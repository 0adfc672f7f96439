import { z } from "zod";

const cacheControl = z.looseObject({ type: z.string() }).nullish();

const source = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("base64"), media_type: z.string(), data: z.string() }),
  z.looseObject({ type: z.literal("url"), url: z.string() }),
  z.looseObject({ type: z.literal("text"), media_type: z.string(), data: z.string() }),
]);

export const textBlock = z.looseObject({ type: z.literal("text"), text: z.string(), cache_control: cacheControl });
const imageBlock = z.looseObject({ type: z.literal("image"), source, cache_control: cacheControl });
const documentBlock = z.looseObject({ type: z.literal("document"), source, cache_control: cacheControl });
const toolUseBlock = z.looseObject({
  type: z.literal("tool_use"),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheControl,
});
const mediaOrText = z.discriminatedUnion("type", [textBlock, imageBlock, documentBlock]);
const toolResultBlock = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(mediaOrText)]).nullish(),
  is_error: z.boolean().nullish(),
  cache_control: cacheControl,
});
const thinkingBlock = z.looseObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() });
const redactedThinkingBlock = z.looseObject({ type: z.literal("redacted_thinking"), data: z.string() });

/** The blocks of a message, as clients send them. https://docs.anthropic.com/en/api/messages */
export const contentBlock = z.discriminatedUnion("type", [
  textBlock,
  imageBlock,
  documentBlock,
  toolUseBlock,
  toolResultBlock,
  thinkingBlock,
  redactedThinkingBlock,
]);

export type ContentBlock = z.infer<typeof contentBlock>;
export type MediaOrTextBlock = z.infer<typeof mediaOrText>;
export type ThinkingBlock = z.infer<typeof thinkingBlock> | z.infer<typeof redactedThinkingBlock>;

export const conversationMessage = z.looseObject({
  role: z.enum(["user", "assistant", "system"]),
  content: z.union([z.string(), z.array(contentBlock)]),
});
