import type { NanoUsd } from "../core/money.ts";
import { checkAmount } from "./amounts.ts";
import {
  areBudgetsNew,
  type BudgetDefinition,
  type BudgetKey,
  type DefinedBudget,
  declareBudgets,
  listBudgets,
  removeBudget,
  setBudget,
} from "./define-budgets.ts";
import { exportCsv, type HistoryPage, type HistoryQuery, history } from "./history.ts";
import { holdIdOf } from "./holds.ts";
import type { LimitState } from "./limit-state.ts";
import { type Overview, type OverviewQuery, overview } from "./overview.ts";
import { type Refunded, refund } from "./refund.ts";
import { reconcile, type Settled } from "./settle.ts";
import type { LedgerTransaction } from "./transaction.ts";
import { type UnreconciledHold, unreconciled } from "./unreconciled.ts";

/** What the person who owns the ledger may do with it: for the command, never for an agent's tool. */
export interface LedgerAdmin {
  /** Balance of the whole pool, forecast, and spending of all workspaces. */
  overview(query: OverviewQuery): Promise<Overview>;
  /** Movements of money, newest first. */
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** The whole journal as CSV lines, each with its line end. */
  exportCsv(): AsyncIterable<string>;
  /** Gives back a call's charge, or a part of it. The call is named by its own id or its reservation's. @throws conflict, invalid_request, not_found. */
  refund(call: string, amount?: NanoUsd): Promise<Refunded>;
  budgets(): Promise<readonly LimitState[]>;
  /** Sets or changes a budget. @throws invalid_request. */
  setBudget(definition: BudgetDefinition): Promise<DefinedBudget>;
  /** Answers whether there was such a budget. */
  removeBudget(key: BudgetKey): Promise<boolean>;
  /** Makes these the budgets that come from the settings file; those set by command stay. */
  declareBudgets(definitions: readonly BudgetDefinition[]): Promise<void>;
  /** Calls that were charged by a guess: lost ones, and those whose provider did not say what they cost. */
  unreconciled(): Promise<readonly UnreconciledHold[]>;
  /** Replaces a guess by what the call really cost. */
  reconcile(call: string, actual: NanoUsd): Promise<Settled>;
}

/** How an admin's verbs reach the store. */
export interface LedgerAccess {
  read<T>(operation: (tx: LedgerTransaction) => T): Promise<T>;
  write<T>(operation: (tx: LedgerTransaction) => T): Promise<T>;
}

export function ledgerAdmin({ read, write }: LedgerAccess): LedgerAdmin {
  return {
    overview: (query) => read((tx) => overview(tx, query)),
    history: (query) => read((tx) => history(tx, query)),
    exportCsv: () => exportCsv(read),
    refund: (call, amount) => write((tx) => refund(tx, holdIdOf(tx, call), amount)),
    budgets: () => read(listBudgets),
    setBudget: (definition) => write((tx) => setBudget(tx, definition, "admin")),
    removeBudget: (key) => write((tx) => removeBudget(tx, key)),
    async declareBudgets(definitions) {
      // Every process says them when it starts; nearly always they are what they were.
      if (await read((tx) => areBudgetsNew(tx, definitions))) await write((tx) => declareBudgets(tx, definitions));
    },
    unreconciled: () => read(unreconciled),
    async reconcile(call, actual) {
      checkAmount(actual, "actual");
      return await write((tx) => reconcile(tx, holdIdOf(tx, call), actual));
    },
  };
}
