import { canonicalJson } from "../core/json.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import { changePath, leafAccount } from "./accounts.ts";
import { smaller } from "./amounts.ts";
import type { BudgetRow } from "./budget.ts";
import { budgetsFor, changeBudgets } from "./budgets.ts";
import { appendEntry, type EntryKind, type EntryRow } from "./entries.ts";
import { accrue, changeGrant, coverDebts } from "./grants.ts";
import { type HoldRow, type HoldState, holdCall, holdPath } from "./holds.ts";
import { countSpend } from "./spend.ts";
import type { LedgerTransaction } from "./transaction.ts";
import { chargeUnheld } from "./unheld.ts";

export interface Settlement {
  /** What the call is charged: usage by price, or what the provider said. Zero for a call on the caller's own provider key. */
  readonly actual: NanoUsd;
  /** What it costs by list price; `actual` when absent. */
  readonly list?: NanoUsd | undefined;
  readonly usage?: Usage | undefined;
  /** The provider and model that answered, when they are not those of the reservation. */
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** The provider did not say what it cost, or not of every attempt: the call goes onto the list of those to look at. */
  readonly unreconciled?: boolean | undefined;
}

/** How a hold ends. */
export interface Ending extends Settlement {
  readonly state: Exclude<HoldState, "held">;
  readonly reason?: string;
}

/**
 * Turns a hold into what was spent and gives the rest back to the grants it came from, in one step on the whole path.
 * Answers the budgets that counted it.
 */
export function endHold(tx: LedgerTransaction, hold: HoldRow, ending: Ending): readonly BudgetRow[] {
  accrue(tx);
  const { actual, state } = ending;
  // The accounts first: money given back to an expired grant leaves the pool again at once, and must be there to leave.
  changePath(tx, holdPath(hold), { held: -hold.amount, spent: smaller(actual, hold.amount) });
  closeParts(tx, hold, actual, state);
  chargeUnheld(tx, hold, overageOf(hold, actual), "overage");
  const budgets = budgetsFor(tx, holdCall(hold));
  changeBudgets(tx, budgets, Number(hold.created_at), { held: -hold.amount, spent: actual });
  coverDebts(tx);
  recordEnding(tx, hold, ending);
  const calls = isCall(hold, state) ? 1 : 0;
  if (calls > 0 || actual > 0n) countSpend(tx, hold, ending, { calls, spent: actual, list: ending.list ?? actual });
  return budgets;
}

/** Writes how a hold ended; what replaces a guess writes it anew. */
export function recordEnding(tx: LedgerTransaction, hold: HoldRow, ending: Ending): void {
  tx.sql.run(
    `UPDATE hold SET state = ?, actual = ?, list = ?, usage = ?, reason = ?, unreconciled = ?, ended_at = ?,
       answered_provider = coalesce(?, answered_provider), answered_model = coalesce(?, answered_model)
     WHERE seq = ? AND (state IN ('held', 'expired') OR unreconciled = 1)`,
    ending.state,
    ending.actual,
    ending.list ?? ending.actual,
    ending.usage === undefined ? null : canonicalJson(ending.usage),
    ending.reason ?? null,
    ending.unreconciled === true ? 1 : 0,
    tx.now,
    ending.provider ?? null,
    ending.model ?? null,
    hold.seq,
  );
}

/** Whether a hold that ends like this was a call that reports count: it was settled, or ran out after it was sent. */
export function isCall(hold: HoldRow, state: HoldState): boolean {
  return state === "settled" || (state === "expired" && hold.dispatched_at !== null);
}

/** The part of a cost that its hold did not cover. */
export function overageOf(hold: HoldRow, actual: NanoUsd): NanoUsd {
  return actual > hold.amount ? actual - hold.amount : 0n;
}

/** Settles what is used of each grant's share, in the order in which they were reserved, and gives back what is not. */
function closeParts(tx: LedgerTransaction, hold: HoldRow, actual: NanoUsd, state: HoldState): void {
  const account = leafAccount(holdPath(hold));
  const restKind: EntryKind = state === "expired" ? "expire" : "release";
  const parts = tx.sql.all<Pick<EntryRow, "credit_grant" | "amount">>(
    "SELECT credit_grant, amount FROM entry WHERE hold = ? AND kind = 'reserve' ORDER BY seq",
    hold.seq,
  );
  let unpaid = actual;
  let recorded = false;
  for (const { credit_grant: grant, amount } of parts) {
    const used = smaller(unpaid, amount);
    const rest = amount - used;
    unpaid -= used;
    if (grant !== null) changeGrant(tx, grant, { held: -amount, used });
    if (used > 0n) appendEntry(tx, { kind: "settle", account, hold: hold.seq, grant, amount: used });
    if (rest > 0n) appendEntry(tx, { kind: restKind, account, hold: hold.seq, grant, amount: rest });
    recorded ||= used > 0n || (rest > 0n && state !== "settled");
  }
  // Every ending leaves its mark, also one of nothing.
  if (recorded) return;
  const kind = state === "settled" ? "settle" : restKind;
  appendEntry(tx, { kind, account, hold: hold.seq, grant: null, amount: 0n });
}
