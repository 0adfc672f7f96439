import type { NanoUsd } from "../core/money.ts";
import type { AccountRow } from "./accounts.ts";
import type { Balance } from "./balance.ts";
import { type BreakdownRow, type SpendColumn, spendBy } from "./breakdown.ts";
import { type Forecast, forecast } from "./forecast.ts";
import type { LedgerTransaction } from "./transaction.ts";

export interface OverviewQuery {
  readonly by?: SpendColumn | undefined;
  /** Milliseconds since the epoch; counts whole UTC days. Absent: from the start. */
  readonly since?: number | undefined;
}

/** The pool as its owner sees it. */
export interface Overview extends Balance {
  /** The part of `spent` that no grant has paid for. */
  readonly debt: NanoUsd;
  readonly forecast: Forecast;
  readonly grants: readonly GrantState[];
  readonly breakdown?: readonly BreakdownRow[];
}

/** A grant that still has or will have money. */
export interface GrantState {
  readonly id: string;
  readonly workspace: string | null;
  readonly category: string;
  readonly note: string | null;
  readonly priority: number;
  readonly amount: NanoUsd;
  readonly left: NanoUsd;
  /** Milliseconds since the epoch. */
  readonly effectiveAt: number;
  readonly expiresAt: number | null;
}

export function overview(tx: LedgerTransaction, query: OverviewQuery): Overview {
  const pool = tx.sql.get<AccountRow>("SELECT * FROM account WHERE id = 'pool'");
  const { granted = 0n, held = 0n, spent = 0n, expired = 0n, debt = 0n } = pool ?? {};
  const available = granted - held - spent - expired;
  const everything = {
    granted,
    available,
    held,
    spent,
    expired,
    debt,
    forecast: forecast(tx, available),
    grants: grants(tx),
  };
  return query.by === undefined ? everything : { ...everything, breakdown: spendBy(tx, query.by, {}, query.since) };
}

function grants(tx: LedgerTransaction): GrantState[] {
  type Row = Omit<GrantState, "priority" | "effectiveAt" | "expiresAt"> & {
    readonly priority: bigint;
    readonly effective_at: bigint;
    readonly expires_at: bigint | null;
  };
  return tx.sql
    .all<Row>(
      `SELECT id, workspace, category, note, priority, amount, amount - held - used - expired AS left, effective_at, expires_at
       FROM credit_grant WHERE state = 'scheduled' OR (state = 'active' AND amount > used + expired) ORDER BY priority, seq`,
    )
    .map(({ priority, effective_at, expires_at, ...grant }) => ({
      ...grant,
      priority: Number(priority),
      effectiveAt: Number(effective_at),
      expiresAt: expires_at === null ? null : Number(expires_at),
    }));
}
