import { SwitchyardError } from "../core/errors.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";
import { checkAmount } from "./amounts.ts";
import { budgetsFor, changeBudgets } from "./budgets.ts";
import { giveBack } from "./give-back.ts";
import { findHold, holdCall } from "./holds.ts";
import { countSpend } from "./spend.ts";
import type { LedgerTransaction } from "./transaction.ts";

export interface Refunded {
  readonly refunded: NanoUsd;
  /** What is left of the charge. */
  readonly charged: NanoUsd;
}

/**
 * Gives back what a call was charged, all or a part: as new entries, to the grants and budgets it came from.
 * @throws conflict while the call runs; invalid_request for more than is left of its charge.
 */
export function refund(tx: LedgerTransaction, id: string, amount: NanoUsd | undefined): Refunded {
  const hold = findHold(tx, id);
  if (hold.state === "held") {
    throw new SwitchyardError("conflict", "this call is still running and has not been charged", {
      next: "Refund it when it has ended",
      retryable: true,
      details: { hold: id },
    });
  }
  const charged = (hold.actual ?? 0n) - hold.refunded;
  const refunded = amount === undefined ? charged : checkAmount(amount, "amount", 1n);
  if (refunded > charged || refunded === 0n) {
    throw new SwitchyardError("invalid_request", `$${formatUsd(charged)} of this call's charge is left to refund`, {
      next: "Refund that or less",
      details: { hold: id, charged: formatUsd(charged), refunded: formatUsd(hold.refunded) },
    });
  }
  giveBack(tx, hold, refunded);
  changeBudgets(tx, budgetsFor(tx, holdCall(hold)), Number(hold.created_at), { spent: -refunded });
  tx.sql.run("UPDATE hold SET refunded = refunded + ? WHERE seq = ?", refunded, hold.seq);
  const answered = { provider: hold.answered_provider ?? undefined, model: hold.answered_model ?? undefined };
  countSpend(tx, hold, answered, { calls: 0, spent: -refunded, list: 0n });
  return { refunded, charged: charged - refunded };
}
