import { isoTime } from "../core/clock.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";
import { type AccountRow, poolAccount } from "./accounts.ts";
import { type BudgetRow, scopeLabel } from "./budget.ts";
import { budgetState, resetsAt } from "./budgets.ts";
import type { HoldRow } from "./holds.ts";
import type { LedgerTransaction } from "./transaction.ts";
import { type BudgetWindow, liveRows, windowStart } from "./windows.ts";

/** Shares of a limit, in percent, that are worth a word when they are passed. */
const thresholds = [95, 80, 50] as const;

/** A level on the path that a call has taken past 50, 80 or 95 % of what it may spend. */
export interface SpendWarning {
  readonly scope: string;
  readonly window: BudgetWindow;
  readonly percent: (typeof thresholds)[number];
  /** For the pool: what it had when it was last granted money. */
  readonly limit: NanoUsd;
  readonly spent: NanoUsd;
  /** Milliseconds since the epoch; null: it does not reset. */
  readonly resetsAt: number | null;
}

/** One line for a person or a model. */
export function warningText(warning: SpendWarning): string {
  const { scope, window, percent, limit, spent } = warning;
  const of = scope === poolAccount && window === "total" ? "credit in the pool" : `${window} budget of ${scope}`;
  const reset = warning.resetsAt === null ? "" : `; it resets at ${isoTime(warning.resetsAt)}`;
  return `more than ${percent} % of the ${of} is spent: $${formatUsd(spent)} of $${formatUsd(limit)}${reset}`;
}

/** What there is to say after `charged` more was spent by this hold of these budgets: once for each threshold and level. */
export function warningsAfter(
  tx: LedgerTransaction,
  hold: HoldRow,
  budgets: readonly BudgetRow[],
  charged: NanoUsd,
): SpendWarning[] {
  if (charged <= 0n) return [];
  const warnings: SpendWarning[] = [];
  const say = (warning: Omit<SpendWarning, "percent">) => {
    const percent = thresholds.find((threshold) => {
      const mark = warning.limit * BigInt(threshold);
      return warning.spent * 100n > mark && (warning.spent - charged) * 100n <= mark;
    });
    if (percent !== undefined) warnings.push({ ...warning, percent });
  };
  say(poolSpending(tx));
  for (const budget of budgets) {
    const { first, last } = liveRows(budget.window, tx.now);
    const start = windowStart(budget.window, Number(hold.created_at));
    if (start < first || start > last) continue;
    const state = budgetState(tx, budget);
    say({
      scope: scopeLabel(budget.scope),
      window: budget.window,
      limit: budget.limit,
      spent: state.spent,
      resetsAt: resetsAt(tx, state, budget.limit),
    });
  }
  return warnings;
}

/** The pool as a tank: full is what was in it, held money included, after the last grant. */
function poolSpending(tx: LedgerTransaction): Omit<SpendWarning, "percent"> {
  const pool = tx.sql.get<AccountRow>("SELECT * FROM account WHERE id = 'pool'");
  const { granted = 0n, spent = 0n, expired = 0n, filled = 0n } = pool ?? {};
  return {
    scope: poolAccount,
    window: "total",
    limit: filled,
    spent: filled - (granted - spent - expired),
    resetsAt: null,
  };
}
