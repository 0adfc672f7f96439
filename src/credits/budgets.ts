import type { NanoUsd } from "../core/money.ts";
import { type AccountPath, keyAccount, poolAccount, workspaceAccount } from "./accounts.ts";
import { type BudgetRow, type BudgetState, type CallBudget, type Charge, countsCharge, filterOfAll } from "./budget.ts";
import { budgetExceeded } from "./refusal.ts";
import type { LedgerTransaction } from "./transaction.ts";
import { isRolling, liveRows, windowEnd, windowStart } from "./windows.ts";

/** Who pays and for what: all that decides which budgets count a call. */
export interface BudgetedCall {
  readonly path: AccountPath;
  readonly budgetScope: string | null;
  readonly charge: Charge;
}

/** The scope of a call's own budget. Its parts are escaped so that no two callers can name the same one. */
export function callScope(path: AccountPath, name: string): string {
  return `call:${encodeURIComponent(path.workspace)}/${encodeURIComponent(path.key ?? "")}/${name}`;
}

/** The scopes on a call's path, outermost first. */
export function scopesOf(path: AccountPath, budgetScope: string | null): string[] {
  const scopes = [poolAccount, workspaceAccount(path.workspace)];
  if (path.key !== null) scopes.push(keyAccount(path.key));
  if (budgetScope !== null) scopes.push(callScope(path, budgetScope));
  return scopes;
}

/** Budgets that count this call, outermost first. */
export function budgetsFor(tx: LedgerTransaction, call: BudgetedCall): BudgetRow[] {
  const scopes = scopesOf(call.path, call.budgetScope);
  const [pool = "", workspace = "", ...inner] = scopes;
  const budgets = tx.sql.all<BudgetRow>(
    "SELECT * FROM budget WHERE scope IN (?, ?, ?, ?) ORDER BY seq",
    pool,
    workspace,
    inner[0] ?? pool,
    inner[1] ?? pool,
  );
  return scopes
    .flatMap((scope) => budgets.filter((budget) => budget.scope === scope))
    .filter((budget) => countsCharge(budget, call.charge));
}

/** Opens the call's own budget or gives it the limit that this call names. */
export function openCallBudget(tx: LedgerTransaction, path: AccountPath, budget: CallBudget): void {
  tx.sql.run(
    `INSERT INTO budget (scope, "window", filter, "limit", origin, created_at, updated_at)
     VALUES (?, 'total', ?, ?, 'call', ?, ?)
     ON CONFLICT (scope, "window", filter) DO UPDATE SET "limit" = excluded."limit", updated_at = excluded.updated_at`,
    callScope(path, budget.scope),
    filterOfAll,
    budget.limit,
    tx.now,
    tx.now,
  );
}

export function budgetState(tx: LedgerTransaction, budget: BudgetRow): BudgetState {
  const { first, last } = liveRows(budget.window, tx.now);
  const sums = tx.sql.get<{ held: bigint; spent: bigint }>(
    `SELECT coalesce(sum(held), 0) AS held, coalesce(sum(spent), 0) AS spent
     FROM budget_window WHERE budget = ? AND start BETWEEN ? AND ?`,
    budget.seq,
    first,
    last,
  );
  const { held = 0n, spent = 0n } = sums ?? {};
  return { budget, held, spent, left: budget.limit - held - spent };
}

/**
 * The most that may be reserved, up to `amount` and no less than `atLeast`, given what is left in each budget.
 * @throws budget_exceeded naming the first budget on the path that lacks room.
 */
export function fitBudgets(
  tx: LedgerTransaction,
  states: readonly BudgetState[],
  amount: NanoUsd,
  atLeast: NanoUsd,
): NanoUsd {
  let fitting = amount;
  for (const state of states) {
    if (fitting === 0n || fitting <= state.left) continue;
    if (state.left < atLeast || state.left <= 0n) throw budgetExceeded(state, atLeast, resetsAt(tx, state, atLeast));
    fitting = state.left;
  }
  return fitting;
}

/** Counts a change against every budget, in the window in which the money was reserved. */
export function changeBudgets(
  tx: LedgerTransaction,
  budgets: readonly BudgetRow[],
  reservedAt: number,
  change: { readonly held?: NanoUsd; readonly spent?: NanoUsd },
): void {
  for (const budget of budgets) {
    const { held = 0n, spent = 0n } = change;
    const start = windowStart(budget.window, reservedAt);
    const changed = tx.sql.run(
      "UPDATE budget_window SET held = held + ?, spent = spent + ? WHERE budget = ? AND start = ?",
      held,
      spent,
      budget.seq,
      start,
    );
    if (changed > 0 || held < 0n || spent < 0n) continue;
    tx.sql.run(
      "INSERT INTO budget_window (budget, start, held, spent) VALUES (?, ?, ?, ?)",
      budget.seq,
      start,
      held,
      spent,
    );
  }
}

/** When `needed` would fit again if nothing more were spent; null: not by waiting. */
export function resetsAt(tx: LedgerTransaction, state: BudgetState, needed: NanoUsd): number | null {
  const { budget } = state;
  const { first, last } = liveRows(budget.window, tx.now);
  if (windowEnd(budget.window, first) === null) return null;
  const rows = tx.sql.all<{ start: bigint; used: bigint }>(
    "SELECT start, held + spent AS used FROM budget_window WHERE budget = ? AND start BETWEEN ? AND ? ORDER BY start",
    budget.seq,
    first,
    last,
  );
  if (rows.length === 0 && isRolling(budget.window)) return null;
  let left = state.left;
  for (const { start, used } of rows) {
    left += used;
    if (left >= needed) return windowEnd(budget.window, Number(start));
  }
  return windowEnd(budget.window, windowStart(budget.window, tx.now));
}
