import type { Caller } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import { openGroupCommit } from "../store/group-commit.ts";
import { openSqlite } from "../store/sqlite.ts";
import { prepareStatements } from "../store/statements.ts";
import { storeError } from "../store/store-error.ts";
import { pathOf } from "./accounts.ts";
import { checkAmount, checkText } from "./amounts.ts";
import { type Balance, balanceOf } from "./balance.ts";
import type { CallBudget, Charge } from "./budget.ts";
import { accrue, addGrant, isAccrualDue, type NewGrant } from "./grants.ts";
import { dispatchHold, recordProgress } from "./holds.ts";
import { type CreditsReport, type ReportQuery, reportFor } from "./report.ts";
import { affordableOn, checkReserveRequest, type Hold, type ReserveRequest, reserve } from "./reserve.ts";
import { ledgerMigrations } from "./schema.ts";
import { release, type Settled, type Settlement, settle } from "./settle.ts";
import type { LedgerTransaction } from "./transaction.ts";

export type { Balance } from "./balance.ts";
export type { CallBudget, Charge } from "./budget.ts";
export type { NewGrant } from "./grants.ts";
export type { CreditsReport, ReportQuery } from "./report.ts";
export type { Hold, ReserveRequest } from "./reserve.ts";
export type { Settled, Settlement } from "./settle.ts";

export interface LedgerOptions {
  /** The ledger's file, shared by every process that draws on the pool. */
  readonly path: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Granted once, when the ledger is created. */
  readonly initialGrant?: NanoUsd | undefined;
}

/**
 * One prepaid pool that cannot be overspent: the worst case of a call is held before it is made, what it cost is settled after.
 * Every answer is given after the change behind it is on the disk. All methods throw `unavailable` when the file fails.
 */
export interface Ledger {
  /** @throws insufficient_credits or budget_exceeded naming what was short; conflict for a known key with another request. */
  reserve(request: ReserveRequest): Promise<Hold>;
  /** How much could be reserved now on this path. `reserve` with `atLeast` asks and takes in one step. */
  affordable(caller: Caller, budget?: CallBudget, charge?: Charge): Promise<NanoUsd>;
  /** Says that bytes are about to leave. @throws conflict when the hold has ended: the call must not begin. */
  dispatch(holdId: string): Promise<void>;
  /** Extends the lease and records what a stream has cost so far, for recovery. */
  progress(holdId: string, costSoFar: NanoUsd): Promise<void>;
  /** Ends a hold with what the call cost, once; later calls get the first one's answer. */
  settle(holdId: string, settlement: Settlement): Promise<Settled>;
  /** Ends a hold that cost nothing. */
  release(holdId: string, reason: string): Promise<void>;
  /** Adds money. @throws invalid_request for amounts, dates and priorities that make no sense. */
  grant(grant: NewGrant): Promise<{ readonly id: string; readonly balance: Balance }>;
  balance(caller: Caller): Promise<Balance>;
  /** Balance, limits and spending as far as they are the caller's own. */
  report(caller: Caller, query: ReportQuery): Promise<CreditsReport>;
  /** Commits what was asked for and closes the file. */
  close(): Promise<void>;
}

/**
 * Opens the ledger, creating it with its initial grant if it is not there.
 * @throws unavailable when the file cannot be opened or is not a ledger.
 */
export function openLedger(options: LedgerOptions): Ledger {
  const { path, clock, rng, initialGrant = 0n } = options;
  const transaction = (sql: LedgerTransaction["sql"]): LedgerTransaction => ({ sql, rng, now: clock.now() });
  const database = openSqlite(path, {
    synchronous: "FULL",
    migrations: ledgerMigrations,
    busyTimeoutMs: 0,
    onCreate(created) {
      if (initialGrant === 0n) return;
      addGrant(transaction(prepareStatements(created)), { amount: initialGrant, note: "initial grant" });
    },
  });
  const statements = prepareStatements(database);
  const { batchOperationsMax, queueOperationsMax, lockWaitMsMax } = creditLimits;
  const store = openGroupCommit({ database, path, clock, rng, batchOperationsMax, queueOperationsMax, lockWaitMsMax });
  const owner = Buffer.from(rng.bytes(8)).toString("hex");

  const write = <T>(operation: (tx: LedgerTransaction) => T) => store.write(() => operation(transaction(statements)));
  const read = async <T>(operation: (tx: LedgerTransaction) => T): Promise<T> => {
    try {
      if (isAccrualDue(transaction(statements))) await write(accrue);
      return operation(transaction(statements));
    } catch (error) {
      throw storeError(error, path);
    }
  };

  return {
    async reserve(request) {
      checkReserveRequest(request);
      return await write((tx) => reserve(tx, request, owner));
    },
    affordable: (caller, budget, charge) => read((tx) => affordableOn(tx, caller, budget, charge)),
    dispatch: (holdId) => write((tx) => dispatchHold(tx, holdId)),
    async progress(holdId, costSoFar) {
      checkAmount(costSoFar, "cost_so_far");
      await write((tx) => recordProgress(tx, holdId, costSoFar, creditLimits.holdLeaseMs));
    },
    async settle(holdId, settlement) {
      checkAmount(settlement.actual, "actual");
      if (settlement.list !== undefined) checkAmount(settlement.list, "list");
      return await write((tx) => settle(tx, holdId, settlement));
    },
    async release(holdId, reason) {
      checkText(reason, "reason", creditLimits.nameCharactersMax);
      await write((tx) => release(tx, holdId, reason));
    },
    grant: (grant) => write((tx) => ({ ...addGrant(tx, grant), balance: balanceOf(tx, grant.workspace ?? "default") })),
    balance: (caller) => read((tx) => balanceOf(tx, caller.workspace)),
    report: (caller, query) => read((tx) => reportFor(tx, pathOf(caller), query)),
    async close() {
      await store.close();
      if (database.isOpen) database.close();
    },
  };
}
