import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Charge } from "./budget.ts";
import { endHold, type Settlement } from "./end-hold.ts";
import { type HoldRow, holdCharge } from "./holds.ts";
import { forgetOwners, lostSince, silentSince } from "./owners.ts";
import type { LedgerTransaction } from "./transaction.ts";

/**
 * What a call that was sent and never settled is charged, when nothing else is known of it: all that was held for it, or
 * nothing. Either way it is on the unreconciled list until someone settles it.
 */
export type UnknownCostPolicy = "charge_estimate" | "release";

/** A hold whose call may have cost something and whose process is gone or late. */
export interface LostHold {
  readonly id: string;
  readonly workspace: string;
  readonly key: string | null;
  readonly charge: Charge;
  readonly amount: NanoUsd;
  /** What a stream had cost when it was last heard of. */
  readonly progress: NanoUsd;
  readonly idempotencyKey: string | null;
  readonly createdAt: number;
}

/** Asks whoever may know (a generation's record, the provider) what a lost call cost. Undefined: nobody knows. */
export type LookUpCost = (hold: LostHold, signal: AbortSignal) => Promise<Settlement | undefined>;

export interface Recovery {
  /** Ended without a charge: they had not been sent. */
  readonly unsent: number;
  /** Ended with what someone knew they cost. */
  readonly known: number;
  /** Ended with a guess, and unreconciled. */
  readonly guessed: number;
}

type LostRow = HoldRow & { readonly idem: string | null };

/** Nobody is expected to end these: the lease is over, or the process has been silent for too long. Takes two times. */
const isAbandoned = "(expires_at <= ? OR owner NOT IN (SELECT id FROM owner WHERE beat_at >= ?))";

/** Whether there is anything to recover, without taking the lock. */
export function isRecoveryDue(tx: LedgerTransaction): boolean {
  const due = tx.sql.get(
    `SELECT 1 FROM hold WHERE state = 'held' AND (created_at > ? OR ${isAbandoned}) LIMIT 1`,
    tx.now,
    tx.now,
    silentSince(tx.now),
  );
  return due !== undefined;
}

/** Puts leases and owners in order, and answers the holds that were not sent and that nobody will send. */
export function unsentHolds(tx: LedgerTransaction): string[] {
  rebaseLeases(tx);
  forgetOwners(tx);
  return tx.sql
    .all<Pick<HoldRow, "id">>(
      `SELECT id FROM hold WHERE state = 'held' AND dispatched_at IS NULL AND ${isAbandoned} LIMIT ?`,
      tx.now,
      silentSince(tx.now),
      creditLimits.recoveryHoldsMax,
    )
    .map((hold) => hold.id);
}

/** Ends a hold that was not sent. False: it has ended, was sent or lives again. */
export function endUnsent(tx: LedgerTransaction, id: string): boolean {
  const unsent = tx.sql.get<HoldRow>(
    `SELECT * FROM hold WHERE id = ? AND state = 'held' AND dispatched_at IS NULL AND ${isAbandoned}`,
    id,
    tx.now,
    silentSince(tx.now),
  );
  if (unsent) endHold(tx, unsent, { actual: 0n, state: "expired", reason: "never sent" });
  return unsent !== undefined;
}

/** Holds that were sent and that nobody is expected to settle. */
export function lostHolds(tx: LedgerTransaction): LostHold[] {
  return tx.sql
    .all<LostRow>(
      `SELECT * FROM hold WHERE state = 'held' AND dispatched_at IS NOT NULL AND ${isAbandoned} LIMIT ?`,
      tx.now,
      lostSince(tx.now),
      creditLimits.recoveryHoldsMax,
    )
    .map((hold) => ({
      id: hold.id,
      workspace: hold.workspace,
      key: hold.key,
      charge: holdCharge(hold),
      amount: hold.amount,
      progress: hold.progress,
      idempotencyKey: hold.idem === null ? null : hold.idem.split("/").slice(2).join("/"),
      createdAt: Number(hold.created_at),
    }));
}

/** Ends a lost hold with what it had cost when last heard of, else by the policy. False: it has ended or lives again. */
export function endLost(tx: LedgerTransaction, id: string, policy: UnknownCostPolicy): boolean {
  const lost = tx.sql.get<HoldRow>(
    `SELECT * FROM hold WHERE id = ? AND state = 'held' AND ${isAbandoned}`,
    id,
    tx.now,
    lostSince(tx.now),
  );
  if (!lost) return false;
  const guess = policy === "charge_estimate" ? lost.amount : 0n;
  const actual = lost.progress > 0n ? lost.progress : guess;
  const reason = lost.progress > 0n ? "lost: charged what had been delivered" : `lost: ${policy}`;
  endHold(tx, lost, { actual, state: "expired", reason, unreconciled: true });
  return true;
}

/** After the clock has gone back, a lease ends as far ahead as it is long, not as far as the clock was wrong. */
function rebaseLeases(tx: LedgerTransaction): void {
  tx.sql.run(
    "UPDATE hold SET expires_at = min(expires_at, ? + lease_ms) WHERE state = 'held' AND created_at > ?",
    tx.now,
    tx.now,
  );
}
