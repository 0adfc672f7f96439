import type { NanoUsd } from "../core/money.ts";
import { type AuditProblem, differs } from "./audit-problem.ts";
import { type BudgetRow, scopeLabel } from "./budget.ts";
import { callScope } from "./budgets.ts";
import { sumsOfHolds } from "./define-budgets.ts";
import type { LedgerTransaction } from "./transaction.ts";
import { liveRows } from "./windows.ts";

interface Sums {
  held: NanoUsd;
  spent: NanoUsd;
}

/** What counts against each budget in its running window, against the holds themselves. */
export function auditBudgets(tx: LedgerTransaction): AuditProblem[] {
  const budgets = tx.sql.all<BudgetRow>("SELECT * FROM budget");
  const called = sumsOfCalls(tx);
  return budgets.flatMap((budget) => {
    const { first } = liveRows(budget.window, tx.now);
    const expected = budget.origin === "call" ? (called.get(budget.scope) ?? zero()) : sumsOf(tx, budget, first);
    const found = tx.sql.get<{ held: bigint; spent: bigint }>(
      "SELECT coalesce(sum(held), 0) AS held, coalesce(sum(spent), 0) AS spent FROM budget_window WHERE budget = ? AND start >= ?",
      budget.seq,
      first,
    );
    const name = `${budget.window} budget of ${scopeLabel(budget.scope)}`;
    return [
      ...differs(name, "held", found?.held ?? 0n, expected.held),
      ...differs(name, "spent", found?.spent ?? 0n, expected.spent),
    ];
  });
}

function sumsOf(tx: LedgerTransaction, budget: BudgetRow, first: number): Sums {
  const sums = zero();
  for (const { held, spent } of sumsOfHolds(tx, budget, first).values()) {
    sums.held += held;
    sums.spent += spent;
  }
  return sums;
}

function sumsOfCalls(tx: LedgerTransaction): Map<string, Sums> {
  const rows = tx.sql.all<Sums & { workspace: string; key: string | null; name: string }>(
    `SELECT workspace, key, budget_scope AS name, sum(CASE state WHEN 'held' THEN amount ELSE 0 END) AS held,
       sum(CASE state WHEN 'held' THEN 0 ELSE actual - refunded END) AS spent
     FROM hold WHERE budget_scope IS NOT NULL GROUP BY workspace, key, budget_scope`,
  );
  return new Map(
    rows.map(({ workspace, key, name, held, spent }) => [callScope({ workspace, key }, name), { held, spent }]),
  );
}

function zero(): Sums {
  return { held: 0n, spent: 0n };
}
