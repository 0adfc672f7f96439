import { creditLimits } from "../core/limits.ts";
import { type AccountPath, keyAccount, poolAccount, workspaceAccount } from "./accounts.ts";
import { type Balance, balanceOf } from "./balance.ts";
import { type BreakdownRow, type SpendColumn, spendBy } from "./breakdown.ts";
import type { BudgetRow } from "./budget.ts";
import { callScope } from "./budgets.ts";
import { type Forecast, forecast } from "./forecast.ts";
import { type LimitState, limitState } from "./limit-state.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** What a caller may see: the money it can draw on, the limits on its own path, and its own spending. */
export interface CreditsReport extends Balance {
  readonly limits: readonly LimitState[];
  readonly forecast: Forecast;
  readonly breakdown?: readonly BreakdownRow[];
}

export interface ReportQuery {
  readonly by?: Exclude<SpendColumn, "workspace"> | undefined;
  /** Milliseconds since the epoch; counts whole UTC days. Absent: from the start. */
  readonly since?: number | undefined;
}

/** A path without a key is its whole workspace. */
export function reportFor(tx: LedgerTransaction, path: AccountPath, query: ReportQuery): CreditsReport {
  const balance = balanceOf(tx, path.workspace);
  const report = { ...balance, limits: limitsOn(tx, path), forecast: forecast(tx, balance.available) };
  return query.by === undefined ? report : { ...report, breakdown: spendBy(tx, query.by, path, query.since) };
}

/** Limits in force on a path: configured ones, then the latest that the caller's own calls named. */
export function limitsOn(tx: LedgerTransaction, path: AccountPath): LimitState[] {
  const configured = [
    poolAccount,
    workspaceAccount(path.workspace),
    ...(path.key === null ? [] : [keyAccount(path.key)]),
  ].flatMap((scope) => tx.sql.all<BudgetRow>("SELECT * FROM budget WHERE scope = ? ORDER BY seq", scope));
  const own = callScope(path, "");
  const called = tx.sql.all<BudgetRow>(
    "SELECT * FROM budget WHERE origin = 'call' AND scope > ? AND scope < ? ORDER BY updated_at DESC, seq DESC LIMIT ?",
    own,
    `${own}\u{10ffff}`,
    creditLimits.callBudgetsReportedMax,
  );
  return [...configured, ...called].map((budget) => limitState(tx, budget));
}
