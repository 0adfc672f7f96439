import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Charge } from "./budget.ts";
import { type HoldRow, holdCharge } from "./holds.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** A call that was charged by a guess. Reconciling it replaces the guess. */
export interface UnreconciledHold {
  readonly id: string;
  readonly workspace: string;
  readonly key: string | null;
  readonly charge: Charge;
  readonly held: NanoUsd;
  readonly charged: NanoUsd;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Calls that were charged by a guess, oldest first. */
export function unreconciled(tx: LedgerTransaction): UnreconciledHold[] {
  return tx.sql
    .all<HoldRow>("SELECT * FROM hold WHERE unreconciled = 1 ORDER BY seq LIMIT ?", creditLimits.historyEntriesMax)
    .map((hold) => ({
      id: hold.id,
      workspace: hold.workspace,
      key: hold.key,
      charge: holdCharge(hold),
      held: hold.amount,
      charged: (hold.actual ?? 0n) - hold.refunded,
      reason: hold.reason ?? "",
      createdAt: Number(hold.created_at),
    }));
}
