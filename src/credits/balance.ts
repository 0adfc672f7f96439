import type { NanoUsd } from "../core/money.ts";
import { workspaceAccount } from "./accounts.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** The money a workspace can draw on, shared grants and its own. `granted = available + held + spent + expired`, always. */
export interface Balance {
  readonly granted: NanoUsd;
  /** Below zero when actual costs passed what there was. */
  readonly available: NanoUsd;
  readonly held: NanoUsd;
  readonly spent: NanoUsd;
  readonly expired: NanoUsd;
}

export function balanceOf(tx: LedgerTransaction, workspace: string): Balance {
  const sums = tx.sql.get<{ granted: bigint; held: bigint; used: bigint; expired: bigint; debt: bigint }>(
    `SELECT coalesce(sum(amount), 0) AS granted, coalesce(sum(held), 0) AS held, coalesce(sum(used), 0) AS used,
       coalesce(sum(expired), 0) AS expired, coalesce((SELECT debt FROM account WHERE id = ?), 0) AS debt
     FROM credit_grant WHERE state <> 'scheduled' AND (workspace IS NULL OR workspace = ?)`,
    workspaceAccount(workspace),
    workspace,
  );
  const { granted = 0n, held = 0n, used = 0n, expired = 0n, debt = 0n } = sums ?? {};
  const spent = used + debt;
  return { granted, available: granted - held - spent - expired, held, spent, expired };
}
