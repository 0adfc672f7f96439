import { memoryLimits } from "../core/limits.ts";
import type { ForgetArgs, ForgetFilter } from "./arguments.ts";
import { parseInstant, parseRangeEnd } from "./instant.ts";
import { invalid, topicOf } from "./new-memory.ts";
import type { ProfileDatabase } from "./profile-database.ts";

/** What a call of `forget` means, checked. */
export interface ForgetPlan {
  readonly mode: "retract" | "erase";
  readonly dryRun: boolean;
  readonly where: string;
  readonly parameters: readonly (string | number)[];
  /** A filter that turns out to match everything is refused. */
  readonly isFilter: boolean;
  readonly isAll: boolean;
}

/** @throws invalid_request unless exactly one thing says what to forget. */
export function planForget(args: ForgetArgs): ForgetPlan {
  const given = [args.ids, args.key, args.session, args.filter, args.all].filter((value) => value !== undefined);
  if (given.length !== 1) {
    const next = "Give one of ids, key, session, filter and all: true";
    throw invalid("ids", "say what to forget in exactly one way", next);
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
    isAll: args.all === true,
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

/** The memories that match, and what was extracted from a message among them. */
export function matching(profile: ProfileDatabase, plan: ForgetPlan): { n: number; id: string }[] {
  const living = plan.mode === "retract" ? "AND d.ended IS NULL" : "";
  return profile
    .statement(
      `WITH chosen AS (SELECT m.id FROM memories m WHERE ${plan.where})
       SELECT d.n, d.id FROM memories d WHERE d.id IN chosen OR (d.message IN chosen ${living}) ORDER BY d.n`,
    )
    .all(...plan.parameters) as unknown as { n: number; id: string }[];
}
