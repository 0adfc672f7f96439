import { memoryLimits } from "../core/limits.ts";
import { type ForgetPlan, matching } from "./forget-plan.ts";
import { invalid } from "./new-memory.ts";
import type { ProfileDatabase } from "./profile-database.ts";
import { end } from "./remember.ts";
import type { ForgetResult } from "./results.ts";
import type { MemoryRow } from "./row.ts";
import { migrations, tables } from "./schema.ts";
import { markForScrub } from "./scrub.ts";
import { updateIndex, withNeighbours } from "./search-index.ts";
import { forgetSpeakers } from "./speakers.ts";
import type { Analyzer } from "./text/analyzer.ts";

/** What a call will forget, and what it will answer. */
export interface Chosen {
  readonly numbers: readonly number[];
  readonly result: ForgetResult;
}

/**
 * Finds what a plan means, changing nothing.
 * @throws invalid_request when a filter matches every memory there is.
 */
export function chooseMemories(profile: ProfileDatabase, plan: ForgetPlan): Chosen {
  const rows = matching(profile, plan);
  if (plan.isFilter && rows.length > 1 && rows.length === countOf(profile, plan.mode)) {
    throw invalid(
      "filter",
      `the filter matches all ${rows.length} memories of the profile; nothing was forgotten`,
      "Narrow the filter, or pass all: true instead of it",
    );
  }
  const { forgetIdsMax, forgetPreviewMax } = memoryLimits;
  const beginning = profile.statement("SELECT substr(content, 1, 120) AS content FROM memories WHERE n = ?");
  const preview = rows.slice(0, plan.dryRun ? forgetPreviewMax : 0).map(({ n, id }) => {
    return { id, content: String(beginning.get(n)?.content ?? "") };
  });
  return {
    numbers: rows.map((row) => row.n),
    result: {
      count: rows.length,
      ids: rows.slice(0, forgetIdsMax).map((row) => row.id),
      mode: plan.mode,
      dry_run: plan.dryRun,
      ...(rows.length > forgetIdsMax && { truncated: true }),
      ...(plan.dryRun && { preview }),
    },
  };
}

function countOf(profile: ProfileDatabase, mode: ForgetPlan["mode"]): number {
  const where = mode === "retract" ? "WHERE ended IS NULL" : "";
  return Number(profile.statement(`SELECT count(*) AS count FROM memories ${where}`).get()?.count ?? 0);
}

/** Ends these memories, keeping their history. Inside the caller's transaction. */
export function retract(profile: ProfileDatabase, analyzer: Analyzer, numbers: readonly number[], now: number): void {
  const rows = rowsOf(profile, numbers).filter((row) => row.ended === null);
  const affected = withNeighbours(profile, rows);
  for (const row of rows) end(profile, row, "retracted", now);
  updateIndex(profile, analyzer, { added: [], removed: rows }, affected);
}

/** Takes these memories out of every table and mends the chains around them. The caller scrubs the file. */
export function erase(profile: ProfileDatabase, analyzer: Analyzer, numbers: readonly number[]): void {
  markForScrub(profile);
  const rows = rowsOf(profile, numbers);
  const affected = withNeighbours(profile, rows);
  for (const row of rows) {
    profile.run("DELETE FROM memories WHERE n = ?", row.n);
    if (row.superseded_by !== null) {
      profile.run("UPDATE memories SET supersedes = ? WHERE id = ?", row.supersedes, row.superseded_by);
    }
    if (row.supersedes !== null) {
      profile.run("UPDATE memories SET superseded_by = ? WHERE id = ?", row.superseded_by, row.supersedes);
    }
  }
  forgetSpeakers(profile, rows);
  const removed = rows.filter((row) => row.ended === null);
  updateIndex(profile, analyzer, { added: [], removed }, affected);
}

/**
 * Empties the profile by making its tables anew, which costs the same however full they are. The file stays: another
 * process may have it open, and would write to a removed one in vain.
 */
export function eraseAll(profile: ProfileDatabase): void {
  const { database } = profile;
  const numbers = database.prepare("SELECT name, seq FROM sqlite_sequence").all();
  for (const table of tables) database.exec(`DROP TABLE IF EXISTS ${table}`);
  for (const script of migrations) database.exec(script);
  // Numbers are not given twice: a cursor or another process's vectors may still know the old ones.
  const keep = database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)");
  for (const { name, seq } of numbers) keep.all(name ?? null, seq ?? null);
  markForScrub(profile);
}

function rowsOf(profile: ProfileDatabase, numbers: readonly number[]): MemoryRow[] {
  return profile
    .statement("SELECT * FROM memories WHERE n IN (SELECT value FROM json_each(?)) ORDER BY n")
    .all(JSON.stringify(numbers)) as unknown as MemoryRow[];
}
