import type { NanoUsd } from "../core/money.ts";
import { type BudgetFilter, type BudgetRow, filterOfAll, scopeLabel } from "./budget.ts";
import { budgetState, resetsAt } from "./budgets.ts";
import type { LedgerTransaction } from "./transaction.ts";
import type { BudgetWindow } from "./windows.ts";

/** A budget and what counts against it now, as it is shown. */
export interface LimitState {
  /** `pool`, `workspace:<name>`, `key:<id>`, or `call:<name>` for a scope that calls name themselves. */
  readonly scope: string;
  readonly window: BudgetWindow;
  readonly filter?: BudgetFilter;
  readonly limit: NanoUsd;
  readonly spent: NanoUsd;
  readonly held: NanoUsd;
  /** Milliseconds since the epoch; null: it does not reset. */
  readonly resetsAt: number | null;
}

export function limitState(tx: LedgerTransaction, budget: BudgetRow): LimitState {
  const state = budgetState(tx, budget);
  return {
    scope: scopeLabel(budget.scope),
    window: budget.window,
    ...(budget.filter === filterOfAll ? {} : { filter: JSON.parse(budget.filter) as BudgetFilter }),
    limit: budget.limit,
    spent: state.spent,
    held: state.held,
    resetsAt: resetsAt(tx, state, budget.limit),
  };
}
