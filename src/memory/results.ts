import { z } from "zod";
import type { MemoryKind } from "./arguments.ts";
import type { MemoryOrigin } from "./new-memory.ts";

/** Where a memory came from. */
export type Provenance = {
  /** Id of the key that wrote it; absent for the local user. */
  readonly key?: string;
  readonly via: MemoryOrigin;
  /** Id of the generation that said it. */
  readonly generation?: string;
  /** Id of the message it was extracted from. */
  readonly message?: string;
};

/** A memory as callers see it. Times are ISO 8601 in UTC; what does not apply is absent. */
export type MemoryItem = {
  readonly id: string;
  readonly content: string;
  readonly kind: MemoryKind;
  readonly key?: string;
  readonly profile: string;
  readonly session?: string;
  readonly speaker?: string;
  readonly occurred_at?: string;
  readonly remembered_at: string;
  readonly expires_at?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
};

/** A turn near a hit in the same session. */
export type NeighbourItem = {
  readonly id: string;
  /** Turns after the hit; negative before it. */
  readonly offset: number;
  readonly content: string;
  readonly speaker?: string;
  readonly occurred_at?: string;
};

export type RememberedMemory = {
  readonly id: string;
  readonly status: "created" | "duplicate" | "superseded";
  /** The id of the memory this one took the place of. */
  readonly supersedes?: string;
};

export type RememberResult = {
  readonly memories: RememberedMemory[];
  /** The session that messages were kept under. */
  readonly session?: string;
  /** Messages that wait to be read for facts. */
  readonly extracting?: number;
};

export type RecalledMemory = MemoryItem & {
  /** 0 to 1: how well words, key, speaker and time fit the query. Comparable within one answer. */
  readonly score: number;
  readonly why: string[];
  /** Ids of memories that say nearly the same and were left out. */
  readonly duplicates?: string[];
  readonly neighbours?: NeighbourItem[];
};

export type RecallResult = {
  readonly memories: RecalledMemory[];
  /** What recall had to do without. */
  readonly warnings?: string[];
};

export type ForgetResult = {
  readonly count: number;
  readonly ids: string[];
  readonly mode: "retract" | "erase";
  readonly dry_run: boolean;
  /** Of a dry run: the beginnings of some that would go. */
  readonly preview?: { readonly id: string; readonly content: string }[];
  /** There are more ids than `ids` holds. */
  readonly truncated?: boolean;
};

export type ListedMemory = MemoryItem & {
  /** The content was cut; list it by `id` for the whole. */
  readonly truncated?: boolean;
  readonly ended?: "superseded" | "retracted" | "expired";
  readonly ended_at?: string;
  readonly supersedes?: string;
  readonly superseded_by?: string;
};

export type ListResult = { readonly memories: ListedMemory[]; readonly next_cursor?: string };

export type ImportResult = {
  readonly imported: number;
  /** Already there, or said already by a current memory. */
  readonly duplicates: number;
  /** Lines that could not be read, the first of them with what is wrong. */
  readonly skipped: number;
  readonly problems: { readonly line: number; readonly problem: string }[];
};

/**
 * What the tools publish of these: brief, since every host pays for each word of it. Members beyond those named are
 * allowed; the types above are complete.
 */
export const rememberResult = z.looseObject({
  memories: z.array(z.looseObject({ id: z.string(), status: z.enum(["created", "duplicate", "superseded"]) })),
});

export const recallResult = z.looseObject({
  memories: z.array(z.looseObject({ id: z.string(), content: z.string(), score: z.number() })),
});

export const forgetResult = z.looseObject({ count: z.int(), ids: z.array(z.string()) });

export const listResult = z.looseObject({
  memories: z.array(z.looseObject({ id: z.string(), content: z.string() })),
  next_cursor: z.string().optional(),
});
