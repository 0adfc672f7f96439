import { formatUsd, type NanoUsd } from "../core/money.ts";

/** One thing that is not as the journal says it should be. */
export interface AuditProblem {
  /** What is wrong, in a line: `grant grant_x: held is $5`. */
  readonly what: string;
  /** What the entries, or the rules, make of it. */
  readonly expected: string;
}

/** The one way a wrong number is told. */
export function differs(name: string, what: string, found: NanoUsd, expected: NanoUsd): AuditProblem[] {
  if (found === expected) return [];
  return [{ what: `${name}: ${what} is $${formatUsd(found)}`, expected: `$${formatUsd(expected)}` }];
}
