import { memoryLimits } from "../core/limits.ts";
import type { ForgetArgs, ForgetFilter } from "./arguments.ts";
import { parseInstant, parseRangeEnd } from "./instant.ts";
import { invalid, topicOf } from "./new-memory.ts";
import type { ProfileDatabase } from "./profile-database.ts";
import { end } from "./remember.ts";
import type { ForgetResult } from "./results.ts";
import type { MemoryRow } from "./row.ts";
import { reindex, withNeighbours } from "./search-index.ts";
import { forgetSpeakers } from "./speakers.ts";
import type { Analyzer } from "./text/analyzer.ts";

/** What a call of `forget` means, checked. */
export interface ForgetPlan {
  readonly mode: "retract" | "erase";
  readonly dryRun: boolean;
  readonly where: string;
  readonly parameters: readonly (string | number)[];
  /** A filter that turns out to match everything is refused. */
  readonly isFilter: boolean;
}

/** @throws invalid_request unless exactly one thing says what to forget. */
export function planForget(args: ForgetArgs): ForgetPlan {
  const given = [args.ids, args.key, args.session, args.filter, args.all].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw invalid(
      "ids",
      "say what to forget in exactly one way",
      "Give one of ids, key, session, filter and all: true",
    );
  }
  const mode = args.mode ?? "retract";
  const clauses: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (clause: string, ...values: (string | number)[]) => {
    clauses.push(clause);
    parameters.push(...values);
  };
  if (args.ids !== undefined) {
    if (args.ids.length > memoryLimits.forgetIdsMax) {
      throw invalid("ids", `ids holds more than ${memoryLimits.forgetIdsMax} ids`, "Forget them in several calls");
    }
    add("m.id IN (SELECT value FROM json_each(?))", JSON.stringify(args.ids));
  }
  if (args.key !== undefined) add("m.topic = ?", topicOf(args.key));
  if (args.session !== undefined) add("m.session = ?", args.session);
  if (args.filter !== undefined) addFilter(args.filter, add);
  // Retracting ends what is current; erasing takes history with it.
  if (mode === "retract") clauses.push("m.ended IS NULL");
  return {
    mode,
    dryRun: args.dry_run ?? false,
    where: clauses.length === 0 ? "TRUE" : clauses.join(" AND "),
    parameters,
    isFilter: args.filter !== undefined,
  };
}

function addFilter(filter: ForgetFilter, add: (clause: string, ...values: (string | number)[]) => void): void {
  const { kinds, session, speaker, since, until, text } = filter;
  if ([kinds, session, speaker, since, until, text].every((value) => value === undefined)) {
    throw invalid("filter", "the filter is empty and would match everything", "Narrow it, or pass all: true instead");
  }
  if (text?.trim() === "") throw invalid("filter.text", "filter.text is empty", "Give some text, or leave it out");
  if (kinds !== undefined) add(`m.kind IN (${kinds.map(() => "?").join(", ")})`, ...kinds);
  if (session !== undefined) add("m.session = ?", session);
  if (speaker !== undefined) add("m.speaker = ?", speaker);
  if (since !== undefined) {
    add("coalesce(m.occurred_at, m.remembered_at) >= ?", parseInstant(since, "filter.since"));
  }
  if (until !== undefined) {
    add("coalesce(m.occurred_at, m.remembered_at) < ?", parseRangeEnd(until, "filter.until"));
  }
  if (text !== undefined) add("instr(lower(m.content), lower(?)) > 0", text);
}

/**
 * Carries a plan out inside the caller's transaction. Erased rows leave the tables here; the caller scrubs the file.
 * @throws invalid_request when a filter matches every memory there is.
 */
export function forgetMemories(
  profile: ProfileDatabase,
  analyzer: Analyzer,
  plan: ForgetPlan,
  now: number,
): ForgetResult {
  const rows = matching(profile, plan);
  if (plan.isFilter && rows.length > 1 && rows.length === countOf(profile, plan.mode)) {
    throw invalid(
      "filter",
      `the filter matches all ${rows.length} memories of the profile; nothing was forgotten`,
      "Narrow the filter, or pass all: true instead of it",
    );
  }
  if (!plan.dryRun) carryOut(profile, analyzer, plan, rows, now);
  const { forgetIdsMax, forgetPreviewMax } = memoryLimits;
  return {
    count: rows.length,
    ids: rows.slice(0, forgetIdsMax).map((row) => row.id),
    mode: plan.mode,
    dry_run: plan.dryRun,
    ...(rows.length > forgetIdsMax && { truncated: true }),
    ...(plan.dryRun && {
      preview: rows
        .slice(0, forgetPreviewMax)
        .map(({ id, content }) => ({ id, content: content.slice(0, 120).toWellFormed() })),
    }),
  };
}

/** The memories that match, and what was extracted from a message among them. */
function matching(profile: ProfileDatabase, plan: ForgetPlan): MemoryRow[] {
  const living = plan.mode === "retract" ? "AND d.ended IS NULL" : "";
  return profile
    .statement(
      `WITH chosen AS (SELECT m.id FROM memories m WHERE ${plan.where})
       SELECT d.* FROM memories d WHERE d.id IN chosen OR (d.message IN chosen ${living}) ORDER BY d.n`,
    )
    .all(...plan.parameters) as unknown as MemoryRow[];
}

function countOf(profile: ProfileDatabase, mode: ForgetPlan["mode"]): number {
  const where = mode === "retract" ? "WHERE ended IS NULL" : "";
  return Number(profile.statement(`SELECT count(*) AS count FROM memories ${where}`).get()?.count ?? 0);
}

function carryOut(
  profile: ProfileDatabase,
  analyzer: Analyzer,
  plan: ForgetPlan,
  rows: readonly MemoryRow[],
  now: number,
): void {
  const affected = withNeighbours(
    profile,
    rows.map((row) => row.n),
  );
  for (const row of rows) {
    if (plan.mode === "retract") end(profile, row, "retracted", now);
    else erase(profile, row);
  }
  if (plan.mode === "erase") forgetSpeakers(profile, rows);
  reindex(profile, analyzer, affected);
}

/** Takes a row out and mends the chain around it. */
function erase(profile: ProfileDatabase, row: MemoryRow): void {
  profile.statement("DELETE FROM memories WHERE n = ?").run(row.n);
  if (row.superseded_by !== null) {
    profile.statement("UPDATE memories SET supersedes = ? WHERE id = ?").run(row.supersedes, row.superseded_by);
  }
  if (row.supersedes !== null) {
    profile.statement("UPDATE memories SET superseded_by = ? WHERE id = ?").run(row.superseded_by, row.supersedes);
  }
}
