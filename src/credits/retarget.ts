import type { Charge } from "./budget.ts";
import { budgetState, budgetsFor, changeBudgets, fitBudgets } from "./budgets.ts";
import { findHold, holdCall, holdEnded, storedMetadata } from "./holds.ts";
import type { LedgerTransaction } from "./transaction.ts";

/**
 * Says that the call goes to another model than it was reserved for (a fallback), with the same money: budgets that filter
 * by provider or model lose or gain it, and those that gain it must have room.
 * @throws budget_exceeded, and the hold stays as it was; conflict when it has ended.
 */
export function retarget(tx: LedgerTransaction, id: string, charge: Charge): void {
  const hold = findHold(tx, id);
  if (hold.state !== "held") throw holdEnded(hold, "sent to another model");
  const call = holdCall(hold);
  const before = budgetsFor(tx, call);
  const after = budgetsFor(tx, { ...call, charge });
  const inBoth = new Set(before.map((budget) => budget.seq).filter((seq) => after.some((other) => other.seq === seq)));
  const gained = after.filter((budget) => !inBoth.has(budget.seq));
  const states = gained.map((budget) => budgetState(tx, budget));
  fitBudgets(tx, states, hold.amount, hold.amount);
  changeBudgets(tx, gained, Number(hold.created_at), { held: hold.amount });
  const lost = before.filter((budget) => !inBoth.has(budget.seq));
  changeBudgets(tx, lost, Number(hold.created_at), { held: -hold.amount });
  tx.sql.run(
    "UPDATE hold SET tool = ?, provider = ?, model = ?, metadata = ? WHERE seq = ?",
    charge.tool,
    charge.provider ?? null,
    charge.model ?? null,
    storedMetadata(charge),
    hold.seq,
  );
}
