import type { NanoUsd } from "../core/money.ts";
import { leafAccount } from "./accounts.ts";
import type { BudgetRow } from "./budget.ts";
import { budgetsFor, changeBudgets } from "./budgets.ts";
import { type Ending, endHold, isCall, overageOf, recordEnding, type Settlement } from "./end-hold.ts";
import { appendEntry } from "./entries.ts";
import { giveBack } from "./give-back.ts";
import { accrue } from "./grants.ts";
import { findHold, type HoldRow, holdCall, holdPath } from "./holds.ts";
import { countSpend } from "./spend.ts";
import type { LedgerTransaction } from "./transaction.ts";
import { chargeUnheld } from "./unheld.ts";
import { type SpendWarning, warningsAfter } from "./warnings.ts";

const notSaid = "the provider did not say what it cost";

export interface Settled {
  readonly actual: NanoUsd;
  /** The part of `actual` that was not held. */
  readonly overage: NanoUsd;
  /** False for every settlement after the first: the answer is the first one's. */
  readonly first: boolean;
  /** Levels of the path that this settlement took past 50, 80 or 95 % of what they have. */
  readonly warnings: readonly SpendWarning[];
}

/**
 * Ends a hold with what the call cost. The first ending wins. A hold that ran out before is settled late, once: what was
 * charged then is corrected to what was spent, so that money really spent is never dropped and a guess never stays.
 */
export function settle(tx: LedgerTransaction, id: string, settlement: Settlement): Settled {
  const hold = findHold(tx, id);
  if (hold.state === "held" || hold.state === "expired") {
    const reason = settlement.unreconciled === true ? { reason: notSaid } : {};
    return first(tx, hold, { ...settlement, ...reason, state: "settled" });
  }
  const actual = hold.actual ?? 0n;
  return { actual, overage: overageOf(hold, actual), first: false, warnings: [] };
}

/** Replaces a guess by what the call really cost. Where nothing was guessed, the answer is the first settlement's. */
export function reconcile(tx: LedgerTransaction, id: string, actual: NanoUsd): Settled {
  const hold = findHold(tx, id);
  if (hold.state === "settled" && hold.unreconciled === 1n) return first(tx, hold, { actual, state: "settled" });
  return settle(tx, id, { actual });
}

/** Ends a hold that cost nothing. A hold that has ended is left alone, unless it ended with a guess. */
export function release(tx: LedgerTransaction, id: string, reason: string): void {
  const hold = findHold(tx, id);
  const ending: Ending = { actual: 0n, state: "released", reason };
  if (hold.state === "held") endHold(tx, hold, ending);
  else if (hold.state === "expired" && hold.unreconciled === 1n) correct(tx, hold, ending);
}

function first(tx: LedgerTransaction, hold: HoldRow, ending: Ending): Settled {
  const { actual } = ending;
  const budgets = hold.state === "held" ? endHold(tx, hold, ending) : correct(tx, hold, ending);
  const charged = actual - (hold.actual ?? 0n);
  return { actual, overage: overageOf(hold, actual), first: true, warnings: warningsAfter(tx, hold, budgets, charged) };
}

/** Corrects the guess that a hold ended with. Answers the budgets that counted it. */
function correct(tx: LedgerTransaction, hold: HoldRow, ending: Ending): readonly BudgetRow[] {
  accrue(tx);
  const more = ending.actual - (hold.actual ?? 0n) + hold.refunded;
  const list = (ending.list ?? ending.actual) - (hold.list ?? 0n);
  if (more > 0n) chargeUnheld(tx, hold, more, "late_settle");
  else if (more < 0n) giveBack(tx, hold, -more);
  else
    appendEntry(tx, {
      kind: "late_settle",
      account: leafAccount(holdPath(hold)),
      hold: hold.seq,
      grant: null,
      amount: 0n,
    });
  const budgets = budgetsFor(tx, holdCall(hold));
  changeBudgets(tx, budgets, Number(hold.created_at), { spent: more });
  tx.sql.run("UPDATE hold SET refunded = 0 WHERE seq = ?", hold.seq);
  recordEnding(tx, hold, ending);
  const calls = Number(isCall(hold, ending.state)) - Number(isCall(hold, hold.state));
  const provider = ending.provider ?? hold.answered_provider ?? undefined;
  const model = ending.model ?? hold.answered_model ?? undefined;
  countSpend(tx, hold, { provider, model }, { calls, spent: more, list });
  return budgets;
}
