import { SwitchyardError } from "../core/errors.ts";
import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import { dayOf, dayStart } from "./spend.ts";
import type { LedgerTransaction } from "./transaction.ts";

const spendColumns = ["provider", "model", "key", "tool", "day", "workspace"] as const;

/** What spending can be broken down by. */
export type SpendColumn = (typeof spendColumns)[number];

export interface BreakdownRow {
  /** What the row is of; `(none)` where the calls had none, `(other)` for all rows past the limit. */
  readonly name: string;
  readonly calls: number;
  readonly spent: NanoUsd;
  /** By list price; more than `spent` where the caller's own provider keys paid. */
  readonly list: NanoUsd;
}

/** Spending, most first; days newest first. `since` counts whole UTC days. @throws invalid_request for an unknown `by`. */
export function spendBy(
  tx: LedgerTransaction,
  by: SpendColumn,
  of: { readonly workspace?: string; readonly key?: string | null },
  since: number | undefined,
): BreakdownRow[] {
  // The name goes into the statement, and types are erased at the library's edge.
  if (!spendColumns.includes(by)) {
    throw new SwitchyardError("invalid_request", `spending cannot be broken down by ${JSON.stringify(by)}`, {
      next: `Use one of ${spendColumns.join(", ")}`,
      details: { field: "by" },
    });
  }
  const rows = tx.sql.all<{ name: string | bigint; calls: bigint; spent: bigint; list: bigint }>(
    `SELECT ${by} AS name, sum(calls) AS calls, sum(spent) AS spent, sum(list) AS list FROM spend
     WHERE day >= ? AND (? IS NULL OR workspace = ?) AND (? IS NULL OR key = ?)
     GROUP BY ${by} ORDER BY ${by === "day" ? "day DESC" : "sum(spent) DESC, sum(calls) DESC, name"}`,
    since === undefined ? 0 : dayOf(since),
    of.workspace ?? null,
    of.workspace ?? null,
    of.key ?? null,
    of.key ?? null,
  );
  const named = rows.map((row) => ({ ...row, name: rowName(row.name), calls: Number(row.calls) }));
  if (named.length <= creditLimits.breakdownRowsMax) return named;
  const kept = named.slice(0, creditLimits.breakdownRowsMax - 1);
  return [...kept, sumRows(named.slice(kept.length))];
}

function rowName(name: string | bigint): string {
  if (typeof name === "bigint") return new Date(dayStart(Number(name))).toISOString().slice(0, 10);
  return name === "" ? "(none)" : name;
}

function sumRows(rows: readonly BreakdownRow[]): BreakdownRow {
  let [calls, spent, list] = [0, 0n, 0n];
  for (const row of rows) {
    calls += row.calls;
    spent += row.spent;
    list += row.list;
  }
  return { name: "(other)", calls, spent, list };
}
