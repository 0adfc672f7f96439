import { createHash } from "node:crypto";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { canonicalJson } from "../core/json.ts";
import { memoryLimits } from "../core/limits.ts";
import type { MemoryFields, MemoryKind, MessageFields, RememberArgs } from "./arguments.ts";
import { parseInstant } from "./instant.ts";

/** How a memory came to be. */
export type MemoryOrigin = "remember" | "message" | "extract" | "import";

/** A memory that was checked and can be stored. Times are milliseconds since the epoch. */
export interface NewMemory {
  /** SHA-256, first 128 bits, of everything that makes it this memory and no other. */
  readonly identity: Uint8Array;
  readonly content: string;
  readonly kind: MemoryKind;
  readonly key: string | null;
  /** The key as keys are compared. */
  readonly topic: string | null;
  readonly session: string | null;
  readonly speaker: string | null;
  readonly occurredAt: number | null;
  readonly expiresAt: number | null;
  /** Canonical JSON. */
  readonly metadata: string | null;
  readonly via: MemoryOrigin;
  readonly generation: string | null;
  /** Id of the message it was extracted from. */
  readonly message: string | null;
}

/**
 * What a call of `remember` stores, checked.
 * @throws invalid_request naming the field; too_large past a bound.
 */
export function newMemories(args: RememberArgs): NewMemory[] {
  const { content, memories, messages } = args;
  if ([content, memories, messages].filter((given) => given !== undefined).length !== 1) {
    throw invalid("content", "give exactly one of content, memories and messages", "Put the text in one of the three");
  }
  const list =
    content !== undefined
      ? [newMemory({ ...args, content }, "content", "remember")]
      : memories !== undefined
        ? memories.map((item, index) => newMemory(withShared(item, args), `memories[${index}].content`, "remember"))
        : newMessages(messages ?? [], args);
  checkCallSize(list);
  return list;
}

/** Kind and session given beside `memories` hold for each that does not have its own. */
function withShared(item: MemoryFields, shared: RememberArgs): MemoryFields {
  if (shared.key !== undefined) {
    throw invalid("key", "key stands beside memories, but a key holds one memory", "Put a key in each memory");
  }
  return { ...item, kind: item.kind ?? shared.kind, session: item.session ?? shared.session };
}

function newMessages(messages: readonly MessageFields[], shared: RememberArgs): NewMemory[] {
  if (shared.key !== undefined) {
    throw invalid("key", "key stands beside messages, but a key holds one memory", "Leave the key out");
  }
  const session = shared.session ?? sessionOf(messages);
  // The same words said twice are two messages; sent again, they are the same two.
  const times = new Map<string, number>();
  return messages.map((message, index) => {
    const fields: MemoryFields = {
      content: message.content,
      kind: shared.kind ?? "event",
      session,
      speaker: message.name ?? message.role,
      occurred_at: message.at,
      ...(message.name !== undefined && { metadata: { role: message.role } }),
    };
    const same = canonicalJson([fields.speaker, fields.content, fields.occurred_at ?? null]);
    const ordinal = times.get(same) ?? 0;
    times.set(same, ordinal + 1);
    return newMemory(fields, `messages[${index}].content`, "message", { ordinal });
  });
}

/** A conversation without a session keeps the same one when it is sent again with more at its end. */
function sessionOf(messages: readonly MessageFields[]): string {
  const first = messages[0];
  return `session-${digest([first?.role, first?.name ?? null, first?.content, first?.at ?? null])
    .toString("hex")
    .slice(0, 16)}`;
}

/** Checks one memory. `where` names its content in errors. */
export function newMemory(
  fields: MemoryFields,
  where: string,
  via: MemoryOrigin,
  extra: { readonly ordinal?: number; readonly message?: string } = {},
): NewMemory {
  const at = (field: string) => where.replace(/content$/, field);
  checkText(fields.content, where, memoryLimits.contentCharactersMax);
  if (fields.content.trim() === "") throw invalid(where, `${where} is empty`, "Give the text to remember");
  const key = label(fields.key, at("key"));
  const session = label(fields.session, at("session"));
  const speaker = label(fields.speaker, at("speaker"));
  const kind = fields.kind ?? "fact";
  const topic = key === null ? null : topicOf(key);
  const occurredAt = fields.occurred_at === undefined ? null : parseInstant(fields.occurred_at, at("occurred_at"));
  const identifying = [kind, topic, session, speaker, occurredAt, fields.content];
  return {
    identity: digest(extra.ordinal ? [...identifying, extra.ordinal] : identifying),
    content: fields.content,
    kind,
    key,
    topic,
    session,
    speaker,
    occurredAt,
    expiresAt: fields.expires_at === undefined ? null : parseInstant(fields.expires_at, at("expires_at")),
    metadata: fields.metadata === undefined ? null : metadataText(fields.metadata, at("metadata")),
    via,
    generation: label(fields.generation, at("generation")),
    message: extra.message ?? null,
  };
}

/** Keys are the same when they differ only in case, width or outer spaces. */
export function topicOf(key: string): string {
  return key.normalize("NFKC").trim().toLowerCase();
}

/** The id of the `version`th memory with this identity; later ones exist when an earlier one had ended. */
export function memoryId(identity: Uint8Array, version: number): string {
  const bytes = version === 0 ? identity : digest([Buffer.from(identity).toString("hex"), version]);
  return newId("mem", { bytes: () => bytes, fraction: () => 0 });
}

function digest(parts: readonly unknown[]): Buffer {
  return createHash("sha256").update(canonicalJson(parts)).digest().subarray(0, 16);
}

/** @throws invalid_request when text cannot be stored as given. */
export function checkText(text: string, field: string, charactersMax: number): void {
  if (text.length > charactersMax) {
    throw new SwitchyardError("too_large", `${field} has ${text.length} characters, more than ${charactersMax}`, {
      next: "Split it into smaller memories, or commit it as an artifact and remember where it is",
      details: { field, characters: text.length, characters_max: charactersMax },
    });
  }
  if (!text.isWellFormed()) {
    throw invalid(field, `${field} holds half a surrogate pair`, "Send well-formed Unicode text");
  }
  if (text.includes("\0"))
    throw invalid(field, `${field} holds a NUL character`, "Remove it, or encode binary as text");
}

function label(text: string | undefined, field: string): string | null {
  if (text === undefined) return null;
  checkText(text, field, memoryLimits.labelCharactersMax);
  if (text.trim() === "") throw invalid(field, `${field} is empty`, "Leave it out or give it a value");
  return text;
}

function metadataText(metadata: Record<string, unknown>, field: string): string {
  const text = canonicalJson(metadata);
  const bytes = Buffer.byteLength(text);
  if (bytes > memoryLimits.metadataBytesMax) {
    throw new SwitchyardError("too_large", `${field} has ${bytes} bytes, more than ${memoryLimits.metadataBytesMax}`, {
      next: "Keep metadata short; put text in content",
      details: { field, bytes, bytes_max: memoryLimits.metadataBytesMax },
    });
  }
  return text;
}

function checkCallSize(list: readonly NewMemory[]): void {
  const { memoriesPerCallMax, callCharactersMax } = memoryLimits;
  if (list.length === 0) throw invalid("memories", "there is nothing to remember", "Give at least one memory");
  const characters = list.reduce((sum, memory) => sum + memory.content.length, 0);
  if (list.length <= memoriesPerCallMax && characters <= callCharactersMax) return;
  throw new SwitchyardError(
    "too_large",
    `the call holds ${list.length} memories with ${characters} characters; the most is ${memoriesPerCallMax} with ${callCharactersMax}`,
    { next: "Send them in several calls", details: { count: list.length, characters } },
  );
}

export function invalid(field: string, message: string, next: string): SwitchyardError {
  return new SwitchyardError("invalid_request", message, { next, details: { field } });
}
