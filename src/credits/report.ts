import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import { type AccountPath, keyAccount, poolAccount, workspaceAccount } from "./accounts.ts";
import { type Balance, balanceOf } from "./balance.ts";
import { type BudgetFilter, type BudgetRow, scopeLabel } from "./budget.ts";
import { budgetState, callScope, resetsAt } from "./budgets.ts";
import { dayOf, dayStart } from "./spend.ts";
import type { LedgerTransaction } from "./transaction.ts";
import type { BudgetWindow } from "./windows.ts";

export type BreakdownBy = "provider" | "model" | "key" | "tool" | "day";

/** A limit on the caller's path and what counts against it now. */
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

export interface BreakdownRow {
  /** What the row is of; `(none)` where the calls had none, `(other)` for all rows past the limit. */
  readonly name: string;
  readonly calls: number;
  readonly spent: NanoUsd;
  /** By list price; more than `spent` where the caller's own provider keys paid. */
  readonly list: NanoUsd;
}

/** What a caller may see: the money it can draw on, the limits on its own path, and its own spending. */
export interface CreditsReport extends Balance {
  readonly limits: readonly LimitState[];
  readonly breakdown?: readonly BreakdownRow[];
}

export interface ReportQuery {
  readonly by?: BreakdownBy | undefined;
  /** Milliseconds since the epoch; counts whole UTC days. Absent: from the start. */
  readonly since?: number | undefined;
}

const columns: Record<BreakdownBy, string> = {
  provider: "provider",
  model: "model",
  key: "key",
  tool: "tool",
  day: "day",
};

export function reportFor(tx: LedgerTransaction, path: AccountPath, query: ReportQuery): CreditsReport {
  const report = { ...balanceOf(tx, path.workspace), limits: limitsOn(tx, path) };
  return query.by === undefined ? report : { ...report, breakdown: breakdown(tx, path, query.by, query.since) };
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

export function limitState(tx: LedgerTransaction, budget: BudgetRow): LimitState {
  const state = budgetState(tx, budget);
  return {
    scope: scopeLabel(budget.scope),
    window: budget.window,
    ...(budget.filter === "{}" ? {} : { filter: JSON.parse(budget.filter) as BudgetFilter }),
    limit: budget.limit,
    spent: state.spent,
    held: state.held,
    resetsAt: resetsAt(tx, state, budget.limit),
  };
}

/** Spending of one path, most first; days in order. A path without a key is its whole workspace. */
function breakdown(
  tx: LedgerTransaction,
  path: AccountPath,
  by: BreakdownBy,
  since: number | undefined,
): BreakdownRow[] {
  const column = columns[by];
  const rows = tx.sql.all<{ name: string | bigint; calls: bigint; spent: bigint; list: bigint }>(
    `SELECT ${column} AS name, sum(calls) AS calls, sum(spent) AS spent, sum(list) AS list FROM spend
     WHERE day >= ? AND workspace = ? AND (? IS NULL OR key = ?)
     GROUP BY ${column} ORDER BY ${by === "day" ? "day DESC" : "sum(spent) DESC, sum(calls) DESC, name"}`,
    since === undefined ? 0 : dayOf(since),
    path.workspace,
    path.key,
    path.key,
  );
  const named = rows.map((row) => ({ ...row, name: rowName(row.name), calls: Number(row.calls) }));
  if (named.length <= creditLimits.breakdownRowsMax) return named;
  const kept = named.slice(0, creditLimits.breakdownRowsMax - 1);
  return [...kept, sumRows(named.slice(kept.length))];
}

function rowName(name: string | bigint): string {
  if (typeof name === "bigint") return new Date(dayStart(Number(name))).toISOString().slice(0, 10);
  return name === "" ? "(none)" : name;
}

function sumRows(rows: readonly BreakdownRow[]): BreakdownRow {
  let [calls, spent, list] = [0, 0n, 0n];
  for (const row of rows) {
    calls += row.calls;
    spent += row.spent;
    list += row.list;
  }
  return { name: "(other)", calls, spent, list };
}
