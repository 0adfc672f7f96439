import { isoTime } from "../core/clock.ts";
import type { MemoryKind } from "./arguments.ts";
import type { MemoryOrigin } from "./new-memory.ts";
import type { MemoryItem } from "./results.ts";

/** A row of `memories`, as SQLite gives it. Times are milliseconds since the epoch. */
export interface MemoryRow {
  readonly n: number;
  readonly id: string;
  readonly identity: Uint8Array;
  readonly content: string;
  readonly kind: MemoryKind;
  readonly key: string | null;
  readonly topic: string | null;
  readonly session: string | null;
  readonly speaker: string | null;
  readonly occurred_at: number | null;
  readonly remembered_at: number;
  readonly expires_at: number | null;
  readonly metadata: string | null;
  readonly writer: string | null;
  readonly via: MemoryOrigin;
  readonly generation: string | null;
  readonly message: string | null;
  readonly supersedes: string | null;
  readonly superseded_by: string | null;
  readonly ended: "superseded" | "retracted" | "expired" | null;
  readonly ended_at: number | null;
}

/** A row as callers see it; what does not apply is left out. */
export function toItem(row: MemoryRow, profile: string): MemoryItem {
  return {
    id: row.id,
    content: row.content,
    kind: row.kind,
    ...(row.key !== null && { key: row.key }),
    profile,
    ...(row.session !== null && { session: row.session }),
    ...(row.speaker !== null && { speaker: row.speaker }),
    ...(row.occurred_at !== null && { occurred_at: isoTime(row.occurred_at) }),
    remembered_at: isoTime(row.remembered_at),
    ...(row.expires_at !== null && { expires_at: isoTime(row.expires_at) }),
    ...(row.metadata !== null && { metadata: JSON.parse(row.metadata) as Record<string, unknown> }),
    provenance: {
      ...(row.writer !== null && { key: row.writer }),
      via: row.via,
      ...(row.generation !== null && { generation: row.generation }),
      ...(row.message !== null && { message: row.message }),
    },
  };
}
