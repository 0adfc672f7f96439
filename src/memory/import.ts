import type { PortableRow } from "./portable.ts";
import type { ProfileDatabase } from "./profile-database.ts";
import type { MemoryRow } from "./row.ts";
import { type IndexedRow, updateIndex, withNeighbours } from "./search-index.ts";
import { rememberSpeakers } from "./speakers.ts";
import type { Analyzer } from "./text/analyzer.ts";

const columns = [
  "id",
  "identity",
  "content",
  "kind",
  "key",
  "topic",
  "session",
  "speaker",
  "occurred_at",
  "remembered_at",
  "expires_at",
  "metadata",
  "writer",
  "via",
  "generation",
  "message",
  "supersedes",
  "superseded_by",
  "ended",
  "ended_at",
] as const satisfies readonly (keyof PortableRow)[];

const insert = `INSERT INTO memories (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;

/**
 * Stores rows as they are, with their ids and times, inside the caller's transaction. A row that is there already, or
 * says what a current one says, is left out. Of two current memories under one key the one remembered last stays so.
 * Answers how many were stored.
 */
export function importRows(profile: ProfileDatabase, analyzer: Analyzer, rows: readonly PortableRow[]): number {
  const changes: Changes = { added: [], removed: [], past: [] };
  const stored = rows.filter((row) => importRow(profile, row, changes));
  rememberSpeakers(profile, stored);
  const touched = [...changes.added, ...changes.removed, ...changes.past];
  updateIndex(profile, analyzer, changes, withNeighbours(profile, touched));
  return stored.length;
}

interface Changes {
  readonly added: IndexedRow[];
  readonly removed: IndexedRow[];
  /** Imported as they had ended. */
  readonly past: IndexedRow[];
}

function importRow(profile: ProfileDatabase, row: PortableRow, changes: Changes): boolean {
  const known = profile.statement("SELECT 1 FROM memories WHERE id = ?").get(row.id);
  const same = profile.statement("SELECT 1 FROM memories WHERE identity = ? AND ended IS NULL").get(row.identity);
  if (known !== undefined || (row.ended === null && same !== undefined)) return false;
  const settled = row.ended === null && row.topic !== null ? settle(profile, row, row.topic, changes) : row;
  const values = columns.map((column) => settled[column]);
  const { lastInsertRowid } = profile.statement(insert).run(...values);
  (settled.ended === null ? changes.added : changes.past).push({ ...settled, n: Number(lastInsertRowid) });
  return true;
}

/** Decides which of two memories under one key is current, and links the other to it. */
function settle(profile: ProfileDatabase, row: PortableRow, topic: string, changes: Changes): PortableRow {
  const current = profile.statement("SELECT * FROM memories WHERE topic = ? AND ended IS NULL").get(topic) as
    | MemoryRow
    | undefined;
  if (current === undefined) return row;
  if (current.remembered_at > row.remembered_at) {
    return { ...row, ended: "superseded", ended_at: current.remembered_at, superseded_by: current.id };
  }
  profile.run(
    "UPDATE memories SET ended = 'superseded', ended_at = ?, superseded_by = ? WHERE n = ?",
    row.remembered_at,
    row.id,
    current.n,
  );
  changes.removed.push(current);
  return { ...row, supersedes: row.supersedes ?? current.id };
}
