import { canonicalJson } from "../core/json.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import { changePath, leafAccount } from "./accounts.ts";
import { smaller } from "./amounts.ts";
import { budgetsFor, changeBudgets } from "./budgets.ts";
import { appendEntry, type EntryKind, type EntryRow } from "./entries.ts";
import { accrue, changeGrant, chooseGrants, coverDebts } from "./grants.ts";
import { findHold, type HoldRow, type HoldState, holdCall, holdPath } from "./holds.ts";
import { countSpend } from "./spend.ts";
import type { LedgerTransaction } from "./transaction.ts";

export interface Settlement {
  /** What the call is charged: usage by price, or what the provider said. Zero for a call on the caller's own provider key. */
  readonly actual: NanoUsd;
  /** What it costs by list price; `actual` when absent. */
  readonly list?: NanoUsd | undefined;
  readonly usage?: Usage | undefined;
  /** The provider and model that answered, when they are not those of the reservation. */
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
}

export interface Settled {
  readonly actual: NanoUsd;
  /** The part of `actual` that was not held. */
  readonly overage: NanoUsd;
  /** False for every settlement after the first: the answer is the first one's. */
  readonly first: boolean;
}

/** How a hold ends. */
interface Ending extends Settlement {
  readonly state: Exclude<HoldState, "held">;
  /** What the part that was not used is called. */
  readonly restKind: Extract<EntryKind, "release" | "expire">;
  readonly reason?: string;
  readonly unreconciled?: boolean;
}

/** Ends a hold with what the call cost. The first ending wins; money that was really spent is never dropped. */
export function settle(tx: LedgerTransaction, id: string, settlement: Settlement): Settled {
  const hold = findHold(tx, id);
  if (hold.state === "held") {
    endHold(tx, hold, { ...settlement, state: "settled", restKind: "release" });
    return { actual: settlement.actual, overage: overageOf(hold, settlement.actual), first: true };
  }
  const actual = hold.actual ?? 0n;
  return { actual, overage: overageOf(hold, actual), first: false };
}

/** Ends a hold that cost nothing. A hold that has ended is left alone. */
export function release(tx: LedgerTransaction, id: string, reason: string): void {
  const hold = findHold(tx, id);
  if (hold.state === "held") endHold(tx, hold, { actual: 0n, state: "released", restKind: "release", reason });
}

/** Turns a hold into what was spent and gives the rest back to the grants it came from, in one step on the whole path. */
export function endHold(tx: LedgerTransaction, hold: HoldRow, ending: Ending): void {
  accrue(tx);
  const { actual } = ending;
  // The accounts first: money given back to an expired grant leaves the pool again at once, and must be there to leave.
  changePath(tx, holdPath(hold), { held: -hold.amount, spent: smaller(actual, hold.amount) });
  closeParts(tx, hold, actual, ending);
  chargeUnheld(tx, hold, overageOf(hold, actual), "overage");
  changeBudgets(tx, budgetsFor(tx, holdCall(hold)), Number(hold.created_at), { held: -hold.amount, spent: actual });
  coverDebts(tx);
  tx.sql.run(
    `UPDATE hold SET state = ?, actual = ?, list = ?, usage = ?, reason = ?, unreconciled = ?, ended_at = ?,
       answered_provider = ?, answered_model = ?
     WHERE seq = ? AND state = 'held'`,
    ending.state,
    actual,
    ending.list ?? actual,
    ending.usage === undefined ? null : canonicalJson(ending.usage),
    ending.reason ?? null,
    ending.unreconciled === true ? 1 : 0,
    tx.now,
    ending.provider ?? null,
    ending.model ?? null,
    hold.seq,
  );
  if (ending.state !== "released")
    countSpend(tx, hold, ending, { calls: 1, spent: actual, list: ending.list ?? actual });
}

/** Settles what is used of each grant's share, in the order in which they were reserved, and gives back what is not. */
function closeParts(tx: LedgerTransaction, hold: HoldRow, actual: NanoUsd, ending: Ending): void {
  const account = leafAccount(holdPath(hold));
  const parts = tx.sql.all<Pick<EntryRow, "credit_grant" | "amount">>(
    "SELECT credit_grant, amount FROM entry WHERE hold = ? AND kind = 'reserve' ORDER BY seq",
    hold.seq,
  );
  let unpaid = actual;
  let recorded = false;
  for (const { credit_grant: grant, amount } of parts) {
    const used = smaller(unpaid, amount);
    unpaid -= used;
    if (grant !== null) changeGrant(tx, grant, { held: -amount, used });
    if (used > 0n) appendEntry(tx, { kind: "settle", account, hold: hold.seq, grant, amount: used });
    if (amount > used)
      appendEntry(tx, { kind: ending.restKind, account, hold: hold.seq, grant, amount: amount - used });
    recorded ||= used > 0n;
  }
  // Every ending leaves its mark, also one of nothing.
  if (recorded || (ending.state !== "settled" && hold.amount > 0n)) return;
  const kind = ending.state === "settled" ? "settle" : ending.restKind;
  appendEntry(tx, { kind, account, hold: hold.seq, grant: null, amount: 0n });
}

/** Charges what no hold covered to whatever grants there are; the rest is debt, which the next money pays first. */
export function chargeUnheld(
  tx: LedgerTransaction,
  hold: HoldRow,
  amount: NanoUsd,
  kind: Extract<EntryKind, "overage" | "late_settle">,
): void {
  if (amount === 0n) return;
  const path = holdPath(hold);
  const parts = chooseGrants(tx, hold.workspace, amount);
  const debt = parts.reduce((unpaid, part) => unpaid - part.amount, amount);
  changePath(tx, path, { spent: amount, debt });
  for (const part of debt > 0n ? [...parts, { grant: null, amount: debt }] : parts) {
    if (part.grant !== null) changeGrant(tx, part.grant, { used: part.amount });
    appendEntry(tx, { kind, account: leafAccount(path), hold: hold.seq, ...part });
  }
}

function overageOf(hold: HoldRow, actual: NanoUsd): NanoUsd {
  return actual > hold.amount ? actual - hold.amount : 0n;
}
