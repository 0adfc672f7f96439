import { isoTime } from "../../core/clock.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import type { NeighbourItem } from "../results.ts";
import type { MemoryRow } from "../row.ts";

/** Up to `count` living turns before a memory and as many after it, in the order of its session. */
export function neighbourItems(profile: ProfileDatabase, row: MemoryRow, count: number): NeighbourItem[] {
  if (row.session === null) return [];
  const before = profile.statement(
    "SELECT * FROM memories WHERE session = ? AND n < ? AND ended IS NULL ORDER BY n DESC LIMIT ?",
  );
  const after = profile.statement(
    "SELECT * FROM memories WHERE session = ? AND n > ? AND ended IS NULL ORDER BY n LIMIT ?",
  );
  const earlier = before.all(row.session, row.n, count) as unknown as MemoryRow[];
  const later = after.all(row.session, row.n, count) as unknown as MemoryRow[];
  return [
    ...earlier.map((turn, index) => toNeighbour(turn, -1 - index)).reverse(),
    ...later.map((turn, index) => toNeighbour(turn, 1 + index)),
  ];
}

function toNeighbour(turn: MemoryRow, offset: number): NeighbourItem {
  return {
    id: turn.id,
    offset,
    content: turn.content,
    ...(turn.speaker !== null && { speaker: turn.speaker }),
    ...(turn.occurred_at !== null && { occurred_at: isoTime(turn.occurred_at) }),
  };
}
