import { memoryId, type NewMemory } from "./new-memory.ts";
import type { ProfileDatabase } from "./profile-database.ts";
import type { RememberResult } from "./results.ts";
import type { MemoryRow } from "./row.ts";
import { type IndexedRow, updateIndex, withNeighbours } from "./search-index.ts";
import { rememberSpeakers } from "./speakers.ts";
import type { Analyzer } from "./text/analyzer.ts";

type Remembered = RememberResult["memories"][number];

export interface Writer {
  /** Id of the caller's key; null for the local user. */
  readonly key: string | null;
  readonly now: number;
}

const insert = `
  INSERT INTO memories (id, identity, content, kind, key, topic, session, speaker, occurred_at, remembered_at,
    expires_at, metadata, writer, via, generation, message, supersedes)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Stores memories in order, inside the caller's transaction. */
export function rememberAll(
  profile: ProfileDatabase,
  analyzer: Analyzer,
  memories: readonly NewMemory[],
  writer: Writer,
): Remembered[] {
  const changes: Changes = { added: [], removed: [] };
  const results = memories.map((memory) => rememberOne(profile, memory, writer, changes));
  rememberSpeakers(profile, memories);
  updateIndex(profile, analyzer, changes, withNeighbours(profile, [...changes.added, ...changes.removed]));
  return results;
}

interface Changes {
  readonly added: IndexedRow[];
  readonly removed: IndexedRow[];
}

function rememberOne(profile: ProfileDatabase, memory: NewMemory, writer: Writer, changes: Changes): Remembered {
  const same = profile
    .statement("SELECT * FROM memories WHERE identity = ? ORDER BY n DESC LIMIT 1")
    .get(memory.identity) as MemoryRow | undefined;
  if (same !== undefined && isStill(same, memory, writer.now)) {
    keepLonger(profile, same, memory.expiresAt);
    return { id: same.id, status: "duplicate" };
  }
  if (same?.ended === null) changes.removed.push(end(profile, same, "expired", writer.now));
  const previous = currentOf(profile, memory.topic);
  const versions = profile.statement("SELECT count(*) AS count FROM memories WHERE identity = ?").get(memory.identity);
  const id = memoryId(memory.identity, Number(versions?.count ?? 0));
  if (previous !== undefined) changes.removed.push(end(profile, previous, "superseded", writer.now, id));
  const { lastInsertRowid } = profile
    .statement(insert)
    .run(
      id,
      memory.identity,
      memory.content,
      memory.kind,
      memory.key,
      memory.topic,
      memory.session,
      memory.speaker,
      memory.occurredAt,
      writer.now,
      memory.expiresAt,
      memory.metadata,
      writer.key,
      memory.via,
      memory.generation,
      memory.message,
      previous?.id ?? null,
    );
  const { content, key, session } = memory;
  changes.added.push({ n: Number(lastInsertRowid), content, key, session, ended: null });
  return previous === undefined ? { id, status: "created" } : { id, status: "superseded", supersedes: previous.id };
}

/**
 * Whether the same memory is still held. A message or a proposal that was retracted stays so when its conversation is
 * sent again; what a caller states anew is remembered anew.
 */
function isStill(same: MemoryRow, memory: NewMemory, now: number): boolean {
  if (same.ended === null) return same.expires_at === null || same.expires_at > now;
  return same.ended === "retracted" && (memory.via === "message" || memory.via === "extract");
}

function currentOf(profile: ProfileDatabase, topic: string | null): MemoryRow | undefined {
  if (topic === null) return undefined;
  return profile.statement("SELECT * FROM memories WHERE topic = ? AND ended IS NULL").get(topic) as
    | MemoryRow
    | undefined;
}

/** Said again with a later end, or none, a memory is kept until then. */
function keepLonger(profile: ProfileDatabase, row: MemoryRow, expiresAt: number | null): void {
  if (row.ended !== null || row.expires_at === null || (expiresAt !== null && expiresAt <= row.expires_at)) return;
  profile.run("UPDATE memories SET expires_at = ? WHERE n = ?", expiresAt, row.n);
}

/** Marks how and when a memory ended; its text stays. The caller updates the index. */
export function end(
  profile: ProfileDatabase,
  row: MemoryRow,
  how: "superseded" | "retracted" | "expired",
  now: number,
  by: string | null = null,
): MemoryRow {
  const at = how === "expired" ? Math.min(row.expires_at ?? now, now) : now;
  profile.run("UPDATE memories SET ended = ?, ended_at = ?, superseded_by = ? WHERE n = ?", how, at, by, row.n);
  return row;
}
