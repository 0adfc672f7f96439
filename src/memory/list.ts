import { isoTime } from "../core/clock.ts";
import { memoryLimits } from "../core/limits.ts";
import type { ListArgs } from "./arguments.ts";
import { bounded } from "./bounded.ts";
import { cursorAfter, readCursor } from "./cursor.ts";
import { topicOf } from "./new-memory.ts";
import type { ProfileDatabase } from "./profile-database.ts";
import type { ListedMemory, ListResult } from "./results.ts";
import { type MemoryRow, toItem } from "./row.ts";

/** A page of a profile's memories, newest first. With `id` one memory in full, whatever became of it. */
export function listMemories(profile: ProfileDatabase, name: string, args: ListArgs, now: number): ListResult {
  const limit = bounded("limit", args.limit ?? memoryLimits.listLimitDefault, memoryLimits.listLimitMax);
  const { where, parameters } = conditions(args, now);
  const rows = profile
    .statement(`SELECT * FROM memories m WHERE m.n < ? ${where} ORDER BY m.n DESC LIMIT ?`)
    .all(readCursor(args.cursor), ...parameters, limit + 1) as unknown as MemoryRow[];
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    memories: page.map((row) => toListed(row, name, now, args.id === undefined)),
    ...(rows.length > limit && last !== undefined && { next_cursor: cursorAfter(last.n) }),
  };
}

function conditions(args: ListArgs, now: number): { where: string; parameters: (string | number)[] } {
  const clauses: string[] = [];
  const parameters: (string | number)[] = [];
  if (args.id !== undefined) {
    clauses.push("m.id = ?");
    parameters.push(args.id);
  } else if (args.include_superseded !== true) {
    clauses.push("m.ended IS NULL AND (m.expires_at IS NULL OR m.expires_at > ?)");
    parameters.push(now);
  }
  if (args.kinds !== undefined) {
    clauses.push(`m.kind IN (${args.kinds.map(() => "?").join(", ")})`);
    parameters.push(...args.kinds);
  }
  if (args.session !== undefined) {
    clauses.push("m.session = ?");
    parameters.push(args.session);
  }
  if (args.key !== undefined) {
    clauses.push("m.topic = ?");
    parameters.push(topicOf(args.key));
  }
  return { where: clauses.map((clause) => `AND ${clause}`).join(" "), parameters };
}

function toListed(row: MemoryRow, name: string, now: number, cut: boolean): ListedMemory {
  const item = toItem(row, name);
  const charactersMax = memoryLimits.listContentCharactersMax;
  const isCut = cut && item.content.length > charactersMax;
  const expired = row.ended === null && row.expires_at !== null && row.expires_at <= now;
  const ended = row.ended ?? (expired ? "expired" : null);
  const endedAt = row.ended_at ?? (expired ? row.expires_at : null);
  return {
    ...item,
    // A cut may fall inside a surrogate pair.
    ...(isCut && { content: item.content.slice(0, charactersMax).toWellFormed(), truncated: true }),
    ...(ended !== null && { ended }),
    ...(endedAt !== null && { ended_at: isoTime(endedAt) }),
    ...(row.supersedes !== null && { supersedes: row.supersedes }),
    ...(row.superseded_by !== null && { superseded_by: row.superseded_by }),
  };
}
