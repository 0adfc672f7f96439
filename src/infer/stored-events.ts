import type { Statements } from "../store/statements.ts";
import type { GenerationEvent } from "./generation.ts";

/** Writes events of one generation, as one row: what came between two writes. Those that are there are left as they are. */
export function writeEvents(sql: Statements, id: string, events: readonly GenerationEvent[]): void {
  sql.run(
    "INSERT OR IGNORE INTO event (generation, seq, body) VALUES (?, ?, ?)",
    id,
    events[0]?.seq ?? 0,
    JSON.stringify(events.map(storable)),
  );
}

/** Events from `from` on, at most `limit`. */
export function readEvents(sql: Statements, id: string, from: number, limit: number): GenerationEvent[] {
  const events: GenerationEvent[] = [];
  // The batch that `from` is in may have begun before it.
  const batches = sql.iterate(
    `SELECT seq, body FROM event WHERE generation = ?1
     AND seq >= (SELECT coalesce(max(seq), 0) FROM event WHERE generation = ?1 AND seq <= ?2) ORDER BY seq`,
    id,
    from,
  );
  for (const batch of batches) {
    for (const event of eventsIn(batch)) if (event.seq === from + events.length) events.push(event);
    if (events.length >= limit) break;
  }
  return events.slice(0, limit);
}

/** How many events of a generation there are. */
export function countEvents(sql: Statements, id: string): number {
  const last = sql.get("SELECT seq, body FROM event WHERE generation = ? ORDER BY seq DESC LIMIT 1", id);
  return last ? (eventsIn(last).at(-1)?.seq ?? 0) + 1 : 0;
}

/** The events of one row, which holds what came between two writes. */
function eventsIn(batch: Record<string, unknown>): GenerationEvent[] {
  const events = JSON.parse(String(batch.body)) as GenerationEvent["event"][];
  return events.map((event, index) => ({ seq: Number(batch.seq) + index, event }));
}

/** An event as JSON can hold it: the provider's own figure becomes text. */
export function storable({ event }: GenerationEvent): object {
  if (event.type !== "usage" || event.usage.providerCostNanoUsd === undefined) return event;
  return { ...event, usage: { ...event.usage, providerCostNanoUsd: event.usage.providerCostNanoUsd.toString() } };
}
