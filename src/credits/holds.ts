import { SwitchyardError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { AccountPath } from "./accounts.ts";
import type { Charge } from "./budget.ts";
import type { BudgetedCall } from "./budgets.ts";
import type { LedgerTransaction } from "./transaction.ts";

export type HoldState = "held" | "settled" | "released" | "expired";

/** A reservation as it is stored. `actual` is null exactly while it is held. */
export interface HoldRow {
  readonly seq: bigint;
  readonly id: string;
  readonly request_hash: string | null;
  readonly workspace: string;
  readonly key: string | null;
  readonly budget_scope: string | null;
  readonly tool: string;
  readonly provider: string | null;
  readonly model: string | null;
  /** Who answered, when it was not whom the money was reserved for. */
  readonly answered_provider: string | null;
  readonly answered_model: string | null;
  readonly metadata: string | null;
  readonly amount: bigint;
  readonly state: HoldState;
  readonly actual: bigint | null;
  readonly list: bigint | null;
  readonly refunded: bigint;
  readonly owner: string;
  readonly dispatched_at: bigint | null;
  readonly progress: bigint;
  readonly unreconciled: bigint;
  readonly reason: string | null;
  readonly created_at: bigint;
  readonly expires_at: bigint;
}

/** @throws not_found for an id that no reservation has. */
export function findHold(tx: LedgerTransaction, id: string): HoldRow {
  const hold = tx.sql.get<HoldRow>("SELECT * FROM hold WHERE id = ?", id);
  if (hold) return hold;
  throw new SwitchyardError("not_found", `there is no hold ${JSON.stringify(id)}`, {
    next: "Use the id that reserve() answered with",
    details: { hold: id },
  });
}

/**
 * The id of a reservation by its own id or by that of the call it was made for, which is what a caller knows.
 * @throws not_found when neither is known.
 */
export function holdIdOf(tx: LedgerTransaction, id: string): string {
  const known = tx.sql.get<Pick<HoldRow, "id">>(
    "SELECT id FROM hold WHERE id = ?1 OR (idem IS NOT NULL AND substr(idem, -length(?1) - 1) = '/' || ?1) ORDER BY seq LIMIT 1",
    id,
  );
  if (known) return known.id;
  throw new SwitchyardError("not_found", `there is no call ${JSON.stringify(id)} in the ledger`, {
    next: "Take the id of the call (gen_…) or of its reservation (hold_…) from `switchyard credits history`",
    details: { call: id },
  });
}

export function holdPath(hold: HoldRow): AccountPath {
  return { workspace: hold.workspace, key: hold.key };
}

export function holdCharge(hold: Pick<HoldRow, "tool" | "provider" | "model" | "metadata">): Charge {
  return {
    tool: hold.tool,
    ...(hold.provider === null ? {} : { provider: hold.provider }),
    ...(hold.model === null ? {} : { model: hold.model }),
    ...(hold.metadata === null ? {} : { metadata: JSON.parse(hold.metadata) as Record<string, string> }),
  };
}

/** Metadata as a hold stores it: canonical JSON, or null for none. */
export function storedMetadata(charge: Charge): string | null {
  return charge.metadata && Object.keys(charge.metadata).length > 0 ? canonicalJson(charge.metadata) : null;
}

export function holdCall(hold: HoldRow): BudgetedCall {
  return { path: holdPath(hold), budgetScope: hold.budget_scope, charge: holdCharge(hold) };
}

/**
 * Records that bytes are about to leave for the provider, so that from here on the call may have cost something.
 * @throws conflict when the hold has ended: the call must not begin.
 */
export function dispatchHold(tx: LedgerTransaction, id: string): void {
  const hold = findHold(tx, id);
  if (hold.state !== "held") throw holdEnded(hold, "sent");
  tx.sql.run("UPDATE hold SET dispatched_at = coalesce(dispatched_at, ?) WHERE seq = ?", tx.now, hold.seq);
}

/** Extends the lease and records what the call has cost so far. A hold that has ended is left alone. */
export function recordProgress(tx: LedgerTransaction, id: string, costSoFar: bigint): void {
  const hold = findHold(tx, id);
  tx.sql.run(
    `UPDATE hold SET progress = max(progress, ?), expires_at = max(expires_at, ? + lease_ms),
       dispatched_at = coalesce(dispatched_at, ?)
     WHERE seq = ? AND state = 'held'`,
    costSoFar,
    tx.now,
    tx.now,
    hold.seq,
  );
}

/** Whether a process has reservations that have not ended. */
export function hasOpenHolds(tx: LedgerTransaction, owner: string): boolean {
  return tx.sql.get("SELECT 1 FROM hold WHERE state = 'held' AND owner = ? LIMIT 1", owner) !== undefined;
}

/**
 * Takes over a hold from a process that is gone, to finish its call: a media job that another process polls.
 * @throws conflict when the hold has ended.
 */
export function adoptHold(tx: LedgerTransaction, id: string, owner: string): void {
  const hold = findHold(tx, id);
  if (hold.state !== "held") throw holdEnded(hold, "adopted");
  tx.sql.run(
    "UPDATE hold SET owner = ?, expires_at = max(expires_at, ? + lease_ms) WHERE seq = ?",
    owner,
    tx.now,
    hold.seq,
  );
}

/** The error for a hold that has ended before what was asked of it. */
export function holdEnded(hold: HoldRow, before: string): SwitchyardError {
  return new SwitchyardError("conflict", `the reservation was ${hold.state} before the call was ${before}`, {
    next: "Call again: a new reservation is made",
    retryable: true,
    details: { hold: hold.id, state: hold.state },
  });
}
