import { creditLimits } from "../core/limits.ts";
import type { LedgerTransaction } from "./transaction.ts";

/**
 * Says that a process is alive. A process beats with its reservations and, while it has any open, by the clock; so silence
 * of a process with open holds means that it is gone.
 */
export function beat(tx: LedgerTransaction, owner: string, pid: number): void {
  tx.sql.run(
    `INSERT INTO owner (id, pid, started_at, beat_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at`,
    owner,
    pid,
    tx.now,
    tx.now,
  );
}

/** The last time by which a living owner must have beaten. */
export function silentSince(now: number): number {
  return now - creditLimits.ownerSilenceMsMax;
}

/** The last time by which an owner must have beaten for its sent calls to be still expected back. */
export function lostSince(now: number): number {
  return now - creditLimits.ownerLostMs;
}

/** Forgets owners that are gone and have nothing open. */
export function forgetOwners(tx: LedgerTransaction): void {
  tx.sql.run(
    `DELETE FROM owner WHERE beat_at < ? AND NOT EXISTS (SELECT 1 FROM hold WHERE state = 'held' AND owner = owner.id)`,
    tx.now - creditLimits.ownerForgottenMs,
  );
}
