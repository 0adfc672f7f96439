import { creditLimits } from "../core/limits.ts";
import { formatUsd } from "../core/money.ts";
import type { AuditProblem } from "./audit-problem.ts";
import type { LedgerTransaction } from "./transaction.ts";

interface WrongHold {
  readonly id: string;
  readonly state: string;
  readonly amount: bigint;
  readonly actual: bigint | null;
  readonly refunded: bigint;
  readonly reserved: bigint;
  readonly returned: bigint;
  readonly settled: bigint;
  readonly charged: bigint;
  readonly endings: bigint;
}

/** Every hold against its own entries: reserved once, ended once, charged what it says. */
export function auditHolds(tx: LedgerTransaction): AuditProblem[] {
  const wrong = tx.sql.all<WrongHold>(
    `SELECT hold.id, hold.state, hold.amount, hold.actual, hold.refunded, e.* FROM hold LEFT JOIN (
       SELECT hold,
         sum(CASE kind WHEN 'reserve' THEN amount ELSE 0 END) AS reserved,
         sum(CASE WHEN kind IN ('release', 'expire') THEN amount ELSE 0 END) AS returned,
         sum(CASE kind WHEN 'settle' THEN amount ELSE 0 END) AS settled,
         sum(CASE WHEN kind IN ('settle', 'overage', 'late_settle') THEN amount WHEN kind = 'refund' THEN -amount ELSE 0 END) AS charged,
         sum(kind IN ('settle', 'release', 'expire')) AS endings
       FROM entry WHERE hold IS NOT NULL GROUP BY hold) e ON e.hold = hold.seq
     WHERE e.hold IS NULL OR e.reserved <> hold.amount OR (hold.state = 'held') <> (e.endings = 0)
       OR (hold.state <> 'held' AND e.settled + e.returned <> hold.amount)
       OR (hold.state <> 'held' AND e.charged <> hold.actual - hold.refunded)
     LIMIT ?`,
    creditLimits.auditProblemsMax,
  );
  return wrong.map((hold) => ({ what: `hold ${hold.id} is ${stored(hold)}`, expected: journalled(hold) }));
}

function stored({ state, amount, actual, refunded }: WrongHold): string {
  const charge = actual === null ? "" : `, charged $${formatUsd(actual - refunded)}`;
  return `${state} with $${formatUsd(amount)}${charge}`;
}

function journalled(hold: WrongHold): string {
  if (hold.reserved === null) return "entries of its own, and there are none";
  const { reserved, returned, settled, charged, endings } = hold;
  const end = endings === 0n ? "not ended" : `$${formatUsd(settled)} settled and $${formatUsd(returned)} given back`;
  return `by its entries $${formatUsd(reserved)} reserved, ${end}, $${formatUsd(charged)} charged`;
}
