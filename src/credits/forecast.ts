import type { NanoUsd } from "../core/money.ts";
import { dayOf } from "./spend.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** When the money ends if spending goes on as it did. */
export interface Forecast {
  /** Over the last seven days, or since the very first call if that is less. */
  readonly perDay: NanoUsd;
  /** Milliseconds since the epoch; null: nothing is being spent, or nothing is left. */
  readonly emptyAt: number | null;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const daysBack = 7;
/** A rate further out than this says nothing. */
const horizonMs = 100 * 365 * dayMs;

/** Looks at all spending of the pool, for that is what empties it. */
export function forecast(tx: LedgerTransaction, available: NanoUsd): Forecast {
  const firstDay = dayOf(tx.now) - daysBack + 1;
  const sums = tx.sql.get<{ spent: bigint; first: bigint | null }>(
    `SELECT coalesce(sum(spent), 0) AS spent, (SELECT created_at FROM hold ORDER BY seq LIMIT 1) AS first
     FROM spend WHERE day >= ?`,
    firstDay,
  );
  const { spent = 0n, first = null } = sums ?? {};
  if (spent <= 0n || first === null) return { perDay: 0n, emptyAt: null };
  const elapsedMs = BigInt(Math.max(tx.now - Math.max(Number(first), firstDay * dayMs), hourMs));
  const perDay = (spent * BigInt(dayMs)) / elapsedMs;
  if (available <= 0n) return { perDay, emptyAt: null };
  const leftMs = (available * elapsedMs) / spent;
  return { perDay, emptyAt: leftMs > BigInt(horizonMs) ? null : tx.now + Number(leftMs) };
}
