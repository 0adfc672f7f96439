import { z } from "zod";

/**
 * What the four verbs take. Shapes only: lengths, dates and characters are checked by the verbs themselves, so that
 * the library, the tools and the sandbox answer alike.
 */
export const memoryKinds = ["fact", "instruction", "event", "task"] as const;
export type MemoryKind = (typeof memoryKinds)[number];

const kind = z.enum(memoryKinds);
const kinds = z.array(kind).optional();
const profile = z.string().optional();
const session = z.string().optional();
const time = z.string();
const metadata = z.record(z.string(), z.unknown());

const shorthand = {
  kind: kind.optional(),
  key: z.string().optional(),
  session,
};

const memoryItem = z.strictObject({
  content: z.string(),
  ...shorthand,
  speaker: z.string().optional(),
  occurred_at: time.optional(),
  expires_at: time.optional(),
  metadata: metadata.optional(),
  generation: z.string().optional(),
});
const message = z.strictObject({
  role: z.string(),
  content: z.string(),
  name: z.string().optional(),
  at: time.optional(),
});

export const rememberArgs = z.strictObject({
  profile,
  content: z.string().optional(),
  memories: z.array(memoryItem).optional(),
  messages: z.array(message).optional(),
  extract: z.string().optional().describe("Model to read facts from messages"),
  ...shorthand,
});

export const recallArgs = z.strictObject({
  query: z.string(),
  profile,
  profiles: z.array(z.string()).optional(),
  kinds,
  session,
  since: time.optional(),
  until: time.optional(),
  as_of: time.optional().describe("What was believed then"),
  reference_date: time.optional().describe('Today, for "last week"'),
  limit: z.int().min(1).optional(),
  max_tokens: z.int().min(1).optional(),
  neighbours: z.int().min(0).optional().describe("Turns around each hit"),
});

const forgetFilter = z.strictObject({
  kinds,
  session,
  speaker: z.string().optional(),
  since: time.optional(),
  until: time.optional(),
  text: z.string().optional(),
});

export const forgetArgs = z.strictObject({
  profile,
  ids: z.array(z.string()).optional(),
  key: z.string().optional(),
  session,
  filter: forgetFilter.optional(),
  all: z.literal(true).optional(),
  mode: z.enum(["retract", "erase"]).optional(),
  dry_run: z.boolean().optional(),
});

export const listArgs = z.strictObject({
  profile,
  id: z.string().optional(),
  kinds,
  session,
  key: z.string().optional(),
  include_superseded: z.boolean().optional(),
  limit: z.int().min(1).optional(),
  cursor: z.string().optional(),
});

export type RememberArgs = z.infer<typeof rememberArgs>;
export type MemoryFields = z.infer<typeof memoryItem>;
export type MessageFields = z.infer<typeof message>;
export type RecallArgs = z.infer<typeof recallArgs>;
export type ForgetArgs = z.infer<typeof forgetArgs>;
export type ForgetFilter = z.infer<typeof forgetFilter>;
export type ListArgs = z.infer<typeof listArgs>;
