import { z } from "zod";

/** A part of a message, in any of the dialects. */
export type ChatPart =
  | { type: "text"; text: string; cache_control?: unknown }
  | { type: "image_url"; image_url: { url: string; detail?: string | undefined } }
  | { type: "video_url"; video_url: { url: string } }
  | { type: "video"; video: string[] }
  | { type: "input_audio"; input_audio: { data?: string | undefined; url?: string | undefined } }
  | { type: "file"; file: { file_id?: string | undefined; file_data?: string | undefined } }
  | { type: "refusal"; refusal: string };

export type ChatToolCall =
  | { id: string; type: "function"; function: { name: string; arguments: string } }
  | { id: string; type: "custom"; custom: { name: string; input: string } };

type Content = string | ChatPart[];

/** A message, in any of the dialects. */
export type ChatMessage =
  | { role: "system" | "developer"; content: Content; name?: string | undefined }
  | { role: "user"; content: Content; name?: string | undefined }
  | {
      role: "assistant";
      content?: Content | null | undefined;
      refusal?: string | null | undefined;
      name?: string | undefined;
      audio?: unknown;
      tool_calls?: ChatToolCall[] | null | undefined;
    }
  | { role: "tool"; content: Content; tool_call_id: string };

/** What a provider's messages differ in. */
export interface MessageOptions {
  readonly roles: readonly ChatMessage["role"][];
  /** What a user's message can hold besides text. */
  readonly parts: readonly ("image_url" | "video_url" | "video" | "input_audio" | "file")[];
  readonly imageDetails: readonly [string, ...string[]] | null;
  /** Fields of an image besides its URL and detail. */
  readonly imageFields?: readonly string[];
  /** Fields of a text part besides its text. */
  readonly textFields?: readonly string[];
  /** Fields of an assistant's message besides those that all have. */
  readonly assistantFields: readonly string[];
  /** Whether an assistant's content may be null or left out. */
  readonly nullContent: boolean;
  /** Whether audio may be given by URL, and its format left out. */
  readonly audioUrls?: boolean;
  readonly customTools?: boolean;
}

/** The schema of one provider's messages: strict, an unknown field is an error. */
export function messageSchema(options: MessageOptions): z.ZodType<ChatMessage> {
  const extra = (names: readonly string[] | undefined) =>
    Object.fromEntries((names ?? []).map((name) => [name, z.unknown().optional()]));
  const text = z.strictObject({ type: z.literal("text"), text: z.string(), ...extra(options.textFields) });
  const texts = z.union([z.string(), z.array(text).min(1)]);
  const userParts = partSchemas(options, extra(options.imageFields), extra(options.textFields)).filter(({ type }) =>
    (options.parts as readonly string[]).includes(type),
  );
  const userPart = z.discriminatedUnion("type", [text, ...userParts.map(({ schema }) => schema)]);
  const name = z.string().optional();
  const refusal = z.strictObject({ type: z.literal("refusal"), refusal: z.string() });
  const assistantContent = z.union([z.string(), z.array(z.discriminatedUnion("type", [text, refusal]))]);
  const functionCall = z.strictObject({
    id: z.string().min(1),
    type: z.literal("function"),
    function: z.strictObject({ name: z.string(), arguments: z.string() }),
  });
  const customCall = z.strictObject({
    id: z.string().min(1),
    type: z.literal("custom"),
    custom: z.strictObject({ name: z.string(), input: z.string() }),
  });
  const call = options.customTools ? z.discriminatedUnion("type", [functionCall, customCall]) : functionCall;
  const byRole = {
    system: z.strictObject({ role: z.literal("system"), content: texts, name }),
    developer: z.strictObject({ role: z.literal("developer"), content: texts, name }),
    user: z.strictObject({ role: z.literal("user"), content: z.union([z.string(), z.array(userPart).min(1)]), name }),
    assistant: z.strictObject({
      role: z.literal("assistant"),
      content: options.nullContent ? assistantContent.nullish() : assistantContent,
      name,
      tool_calls: z.array(call).min(1).nullish(),
      ...extra(options.assistantFields),
    }),
    tool: z.strictObject({ role: z.literal("tool"), content: texts, tool_call_id: z.string() }),
  };
  const [first, ...rest] = options.roles.map((role) => byRole[role]);
  if (!first) throw new RangeError("a dialect has at least one role");
  // The union is narrower than the type: each dialect takes a part of what the type holds.
  return z.discriminatedUnion("role", [first, ...rest]) as unknown as z.ZodType<ChatMessage>;
}

function partSchemas(options: MessageOptions, imageFields: z.ZodRawShape, textFields: z.ZodRawShape) {
  const detail = options.imageDetails === null ? {} : { detail: z.enum(options.imageDetails).optional() };
  const audio = options.audioUrls
    ? { data: z.string().optional(), url: z.string().optional(), format: z.string().optional() }
    : { data: z.string(), format: z.enum(["wav", "mp3"]) };
  return [
    {
      type: "image_url",
      schema: z.strictObject({
        type: z.literal("image_url"),
        image_url: z.strictObject({ url: z.string(), ...detail, ...imageFields }),
        ...textFields,
      }),
    },
    {
      type: "video_url",
      schema: z.strictObject({
        type: z.literal("video_url"),
        video_url: z.strictObject({ url: z.string(), fps: z.number().optional() }),
      }),
    },
    { type: "video", schema: z.strictObject({ type: z.literal("video"), video: z.array(z.string()).min(1) }) },
    {
      type: "input_audio",
      schema: z.strictObject({ type: z.literal("input_audio"), input_audio: z.strictObject(audio) }),
    },
    {
      type: "file",
      schema: z.strictObject({
        type: z.literal("file"),
        file: z.strictObject({
          file_id: z.string().optional(),
          file_data: z.string().optional(),
          filename: z.string().optional(),
        }),
      }),
    },
  ] as const;
}
