import type { NanoUsd } from "../core/money.ts";
import type { HoldRow } from "./holds.ts";
import type { LedgerTransaction } from "./transaction.ts";

const dayMs = 86_400_000;

/** The UTC day that a time is in, as days since the epoch. */
export function dayOf(at: number): number {
  return Math.floor(at / dayMs);
}

export function dayStart(day: number): number {
  return day * dayMs;
}

/** Adds to the daily sums that reports read. A refund counts on the day it is made. */
export function countSpend(
  tx: LedgerTransaction,
  hold: HoldRow,
  answered: { readonly provider?: string | undefined; readonly model?: string | undefined },
  change: { readonly calls: number; readonly spent: NanoUsd; readonly list: NanoUsd },
): void {
  tx.sql.run(
    `INSERT INTO spend (day, workspace, key, tool, provider, model, calls, spent, list) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, spent = spent + excluded.spent, list = list + excluded.list`,
    dayOf(tx.now),
    hold.workspace,
    hold.key ?? "",
    hold.tool,
    answered.provider ?? hold.provider ?? "",
    answered.model ?? hold.model ?? "",
    change.calls,
    change.spent,
    change.list,
  );
}
