import { inferLimits } from "../core/limits.ts";
import type { Statements } from "../store/statements.ts";

/** How long what was asked and answered is kept. */
export interface Retention {
  /** Whole, to be asked for again: events, output, idempotency key. */
  readonly resumeMs: number;
  /** The record of a call. */
  readonly keepMs: number;
  /** Of the file; the oldest calls go first. */
  readonly bytesMax: number;
  /** The output stays in the record as long as that is kept. */
  readonly keepsOutputs: boolean;
}

const noLongerKept = "the output of this call is no longer kept";

/** Calls in the order in which they began, which is that of their rows. */
const withContent = "SELECT id, state, created_at_ms, ended_at_ms FROM generation WHERE content = 1 ORDER BY rowid";
const all = "SELECT id, state, created_at_ms, ended_at_ms FROM generation ORDER BY rowid";
const oldest = "SELECT id FROM generation WHERE state <> 'running' ORDER BY rowid LIMIT ?";

/** The first calls of `query` that had ended before a time, at most `limit`. Stops at the first that began after it. */
function endedBefore(sql: Statements, query: string, time: number, limit: number): string[] {
  const ids: string[] = [];
  for (const { id, state, created_at_ms: began, ended_at_ms: ended } of sql.iterate(query)) {
    if (ids.length >= limit || Number(began) >= time) break;
    if (state !== "running" && Number(ended) < time) ids.push(String(id));
  }
  return ids;
}

/** Whether there is something to purge; asked without taking the lock. */
export function isPurgeDue(sql: Statements, retention: Retention, now: number): boolean {
  const { resumeMs, keepMs, bytesMax } = retention;
  if (endedBefore(sql, withContent, now - resumeMs, 1).length > 0) return true;
  if (endedBefore(sql, all, now - keepMs, 1).length > 0) return true;
  return (
    freePages(sql) >= inferLimits.purgeVacuumPages || (usedBytes(sql) > bytesMax && sql.get(oldest, 1) !== undefined)
  );
}

/**
 * One step of purging, in the caller's transaction: a bounded number of events and calls, and of free pages that are given
 * back to the system. Calls that run are left alone. Answers whether there may be more to do.
 */
export function purgeStep(sql: Statements, retention: Retention, now: number): boolean {
  const { resumeMs, keepMs, bytesMax, keepsOutputs } = retention;
  const { purgeGenerations: limit, purgeEvents, purgeVacuumPages } = inferLimits;
  let events: number = purgeEvents;
  /** Deletes a call's events as far as this step may. False: some are left for the next. */
  const deleteEvents = (id: string): boolean => {
    events -= sql.run(
      "DELETE FROM event WHERE generation = ? AND seq IN (SELECT seq FROM event WHERE generation = ? LIMIT ?)",
      id,
      id,
      events,
    );
    return events > 0;
  };

  for (const id of endedBefore(sql, all, now - keepMs, limit)) {
    if (!deleteEvents(id)) return true;
    sql.run("DELETE FROM generation WHERE id = ?", id);
  }
  for (const id of endedBefore(sql, withContent, now - resumeMs, limit)) {
    if (!deleteEvents(id)) return true;
    sql.run("UPDATE generation SET content = 0, idempotency_key = NULL, job = NULL WHERE id = ?", id);
    if (!keepsOutputs) {
      sql.run(
        `UPDATE generation SET result = json_insert(json_set(json_remove(result, '$.message'), '$.output', json('{}')), '$.warnings[#]', ?)
         WHERE id = ? AND result IS NOT NULL`,
        noLongerKept,
        id,
      );
    }
  }
  // Half of a step's calls at most go for size: what is deleted shows in the size only by the next step.
  if (usedBytes(sql) > bytesMax) {
    for (const id of sql.all(oldest, limit).map((row) => String(row.id))) {
      if (!deleteEvents(id)) return true;
      sql.run("DELETE FROM generation WHERE id = ?", id);
      if (usedBytes(sql) <= bytesMax) break;
    }
  }
  // The pragma frees as it is stepped: it must be read to its end.
  if (freePages(sql) >= purgeVacuumPages) sql.all(`PRAGMA incremental_vacuum(${purgeVacuumPages})`);
  return isPurgeDue(sql, retention, now);
}

function pragma(sql: Statements, name: string): number {
  return Number(Object.values(sql.get(`PRAGMA ${name}`) ?? {})[0] ?? 0);
}

/** Pages that hold nothing, in a file that can give them back. */
function freePages(sql: Statements): number {
  return pragma(sql, "auto_vacuum") === 2 ? pragma(sql, "freelist_count") : 0;
}

function usedBytes(sql: Statements): number {
  return (pragma(sql, "page_count") - pragma(sql, "freelist_count")) * pragma(sql, "page_size");
}
