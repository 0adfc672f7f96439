import type { RecallArgs } from "../arguments.ts";
import { parseInstant, parseRangeEnd } from "../instant.ts";

/** Which memories count, as SQL over the row `m` and its parameters. */
export interface Scope {
  readonly where: string;
  readonly parameters: readonly (string | number)[];
  /** The moment whose beliefs are asked for, when it is not now. */
  readonly asOf: number | undefined;
}

/** @throws invalid_request for a date that does not parse. */
export function readScope(args: RecallArgs, now: number): Scope {
  const asOf = args.as_of === undefined ? undefined : parseInstant(args.as_of, "as_of");
  const at = asOf ?? now;
  const clauses = ["(m.expires_at IS NULL OR m.expires_at > ?)"];
  const parameters: (string | number)[] = [at];
  if (asOf === undefined) clauses.push("m.ended IS NULL");
  else {
    clauses.push("m.remembered_at <= ?", "(m.ended_at IS NULL OR m.ended_at > ?)");
    parameters.push(asOf, asOf);
  }
  if (args.kinds !== undefined) {
    clauses.push(`m.kind IN (${args.kinds.map(() => "?").join(", ")})`);
    parameters.push(...args.kinds);
  }
  if (args.session !== undefined) {
    clauses.push("m.session = ?");
    parameters.push(args.session);
  }
  if (args.since !== undefined) {
    clauses.push("coalesce(m.occurred_at, m.remembered_at) >= ?");
    parameters.push(parseInstant(args.since, "since"));
  }
  if (args.until !== undefined) {
    clauses.push("coalesce(m.occurred_at, m.remembered_at) < ?");
    parameters.push(parseRangeEnd(args.until, "until"));
  }
  return { where: clauses.join(" AND "), parameters, asOf };
}
