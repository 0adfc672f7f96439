import { SwitchyardError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { creditLimits } from "../core/limits.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";
import { poolAccount } from "./accounts.ts";
import { checkAmount, checkText } from "./amounts.ts";
import { type BudgetFilter, type BudgetRow, countsCharge, filterOfAll } from "./budget.ts";
import { budgetState } from "./budgets.ts";
import { type HoldRow, holdCharge } from "./holds.ts";
import { type LimitState, limitState } from "./limit-state.ts";
import type { LedgerTransaction } from "./transaction.ts";
import { type BudgetWindow, bucketMs, liveRows, parseWindow, windowStart } from "./windows.ts";

/** Which budget: there is one for each scope, window and filter. */
export interface BudgetKey {
  /** `pool`, `workspace:<name>` or `key:<id>`. */
  readonly scope: string;
  /** `total`, `day`, `month` or hours such as `5h`. */
  readonly window: string;
  readonly filter?: BudgetFilter | undefined;
}

export interface BudgetDefinition extends BudgetKey {
  readonly limit: NanoUsd;
}

export interface DefinedBudget extends LimitState {
  /** What the person who sets it should know; null: nothing. */
  readonly warning: string | null;
}

type Origin = "admin" | "settings";

interface WindowSums {
  readonly held: NanoUsd;
  readonly spent: NanoUsd;
}

type GroupRow = Pick<HoldRow, "tool" | "provider" | "model" | "metadata"> & WindowSums & { readonly at: bigint };

const filterNames: readonly (keyof BudgetFilter)[] = ["provider", "model", "tool", "metadata"];

/**
 * Sets a budget. A new one counts what its window has already seen, from the holds on record. One below what is already
 * held or spent is taken, so that spending can always be stopped, and says so.
 * @throws invalid_request for a scope, window, filter or limit that makes no sense.
 */
export function setBudget(tx: LedgerTransaction, definition: BudgetDefinition, origin: Origin): DefinedBudget {
  const { scope, window, filter } = checkBudgetKey(definition);
  const limit = checkAmount(definition.limit, "limit");
  const known = findBudget(tx, scope, window, filter);
  if (known) {
    tx.sql.run(
      'UPDATE budget SET "limit" = ?, origin = ?, updated_at = ? WHERE seq = ?',
      limit,
      origin,
      tx.now,
      known.seq,
    );
  } else {
    checkRoomForBudget(tx);
    tx.sql.run(
      'INSERT INTO budget (scope, "window", filter, "limit", origin, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      scope,
      window,
      filter,
      limit,
      origin,
      tx.now,
      tx.now,
    );
  }
  const budget = known ? { ...known, limit } : findBudget(tx, scope, window, filter);
  if (!budget) throw new Error("a budget that was just written is not there");
  if (!known) countHistory(tx, budget);
  return { ...limitState(tx, budget), warning: warningFor(tx, budget) };
}

/** Removes a budget. Answers whether there was one. */
export function removeBudget(tx: LedgerTransaction, key: BudgetKey): boolean {
  const { scope, window, filter } = checkBudgetKey(key);
  const known = findBudget(tx, scope, window, filter);
  if (known) tx.sql.run("DELETE FROM budget WHERE seq = ?", known.seq);
  return known !== undefined;
}

/** Whether the budgets that came from a settings file are other than these. */
export function areBudgetsNew(tx: LedgerTransaction, definitions: readonly BudgetDefinition[]): boolean {
  const known = tx.sql.all<BudgetRow>("SELECT * FROM budget WHERE origin = 'settings'");
  const isKnown = (definition: BudgetDefinition) =>
    known.some((budget) => isSame(budget, definition) && budget.limit === definition.limit);
  return known.length !== definitions.length || !definitions.every(isKnown);
}

/**
 * Makes the budgets of the settings file those in force: sets all that are given and removes those that an earlier file
 * had. Budgets set by command stay.
 */
export function declareBudgets(tx: LedgerTransaction, definitions: readonly BudgetDefinition[]): void {
  for (const definition of definitions) setBudget(tx, definition, "settings");
  for (const budget of tx.sql.all<BudgetRow>("SELECT * FROM budget WHERE origin = 'settings'")) {
    if (definitions.some((definition) => isSame(budget, definition))) continue;
    tx.sql.run("DELETE FROM budget WHERE seq = ?", budget.seq);
  }
}

/** All configured budgets with what counts against them now; those that calls name for themselves are left out. */
export function listBudgets(tx: LedgerTransaction): LimitState[] {
  return tx.sql
    .all<BudgetRow>("SELECT * FROM budget WHERE origin <> 'call' ORDER BY scope <> 'pool', scope, seq")
    .map((budget) => limitState(tx, budget));
}

/** What the holds on record add up to for a budget, by the row of `budget_window` that they count in. */
export function sumsOfHolds(tx: LedgerTransaction, budget: BudgetRow, since: number): Map<number, WindowSums> {
  const [kind, name] = splitScope(budget.scope);
  const where = { pool: "", workspace: "AND workspace = ?", key: "AND key = ?" }[kind];
  const step = bucketMs(budget.window);
  // Summed where the rows are: a ledger may have millions of holds, and few kinds of them.
  const kinds = budget.filter === filterOfAll ? "" : "tool, provider, model, metadata,";
  const groups = tx.sql.all<GroupRow>(
    `SELECT ${kinds} created_at / ?1 * ?1 AS at,
       sum(CASE state WHEN 'held' THEN amount ELSE 0 END) AS held,
       sum(CASE state WHEN 'held' THEN 0 ELSE actual - refunded END) AS spent
     FROM hold WHERE created_at >= ?2 ${where} GROUP BY ${kinds} at`,
    step,
    since,
    ...(kind === "pool" ? [] : [name]),
  );
  const sums = new Map<number, WindowSums>();
  for (const group of groups) {
    if (kinds !== "" && !countsCharge(budget, holdCharge(group))) continue;
    const start = windowStart(budget.window, Number(group.at));
    const sum = sums.get(start) ?? { held: 0n, spent: 0n };
    sums.set(start, { held: sum.held + group.held, spent: sum.spent + group.spent });
  }
  return sums;
}

function countHistory(tx: LedgerTransaction, budget: BudgetRow): void {
  const { first } = liveRows(budget.window, tx.now);
  for (const [start, { held, spent }] of sumsOfHolds(tx, budget, first)) {
    tx.sql.run(
      "INSERT INTO budget_window (budget, start, held, spent) VALUES (?, ?, ?, ?)",
      budget.seq,
      start,
      held,
      spent,
    );
  }
}

function isSame(budget: BudgetRow, key: BudgetKey): boolean {
  const { scope, window, filter } = checkBudgetKey(key);
  return budget.scope === scope && budget.window === window && budget.filter === filter;
}

function warningFor(tx: LedgerTransaction, budget: BudgetRow): string | null {
  const { held, spent, left } = budgetState(tx, budget);
  if (left >= 0n) return null;
  return (
    `$${formatUsd(spent)} is spent and $${formatUsd(held)} held already, $${formatUsd(-left)} more than this budget; ` +
    "running calls finish, new ones are refused"
  );
}

function checkBudgetKey(key: BudgetKey): { scope: string; window: BudgetWindow; filter: string } {
  splitScope(key.scope);
  const filter = key.filter ?? {};
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!filterNames.includes(name as keyof BudgetFilter)) refuse(`a budget cannot filter by ${name}`, "filter");
    if (name === "metadata") checkMetadata(value);
    else if (typeof value === "string") checkText(value, `filter.${name}`, creditLimits.nameCharactersMax);
    else refuse(`filter.${name} must be text`, "filter");
  }
  return { scope: key.scope, window: parseWindow(key.window), filter: canonicalJson(Object.fromEntries(given)) };
}

function checkMetadata(metadata: unknown): void {
  const pairs = Object.entries((metadata ?? {}) as Record<string, unknown>);
  if (pairs.length === 0 || pairs.length > creditLimits.metadataPairsMax) {
    refuse(`filter.metadata must have 1 to ${creditLimits.metadataPairsMax} pairs`, "filter");
  }
  for (const [name, value] of pairs) {
    if (typeof value !== "string") refuse(`filter.metadata.${name} must be text`, "filter");
  }
}

function splitScope(scope: string): ["pool" | "workspace" | "key", string] {
  checkText(scope, "scope", creditLimits.nameCharactersMax);
  if (scope === poolAccount) return ["pool", ""];
  const [, kind, name] = /^(workspace|key):(.+)$/.exec(scope) ?? [];
  if ((kind === "workspace" || kind === "key") && name !== undefined) return [kind, name];
  return refuse(`${JSON.stringify(scope)} is not a level that can have a budget`, "scope");
}

function findBudget(tx: LedgerTransaction, scope: string, window: string, filter: string): BudgetRow | undefined {
  return tx.sql.get<BudgetRow>(
    'SELECT * FROM budget WHERE scope = ? AND "window" = ? AND filter = ?',
    scope,
    window,
    filter,
  );
}

function checkRoomForBudget(tx: LedgerTransaction): void {
  const row = tx.sql.get<{ count: bigint }>("SELECT count(*) AS count FROM budget WHERE origin <> 'call'");
  if (Number(row?.count ?? 0n) < creditLimits.budgetsMax) return;
  refuse(`there are ${creditLimits.budgetsMax} budgets already`, "budget");
}

function refuse(message: string, field: string): never {
  throw new SwitchyardError("invalid_request", message, {
    next: "Give a scope of pool, workspace:<name> or key:<id>, and a filter of provider, model, tool or metadata",
    details: { field },
  });
}
