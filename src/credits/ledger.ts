import type { Caller } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import { pathOf } from "./accounts.ts";
import { type LedgerAdmin, ledgerAdmin } from "./admin.ts";
import { checkAmount, checkText } from "./amounts.ts";
import { runInBackground } from "./background.ts";
import { type Balance, balanceOf } from "./balance.ts";
import { type Book, openBook } from "./book.ts";
import type { CallBudget, Charge } from "./budget.ts";
import type { Settlement } from "./end-hold.ts";
import { addGrant, type NewGrant } from "./grants.ts";
import { adoptHold, dispatchHold, hasOpenHolds, recordProgress } from "./holds.ts";
import { beat } from "./owners.ts";
import { recover } from "./recover.ts";
import type { LookUpCost, Recovery, UnknownCostPolicy } from "./recovery.ts";
import { type CreditsReport, type ReportQuery, reportFor } from "./report.ts";
import { affordableOn, type Hold, reserve } from "./reserve.ts";
import { checkCharge, checkReserveRequest, type ReserveRequest } from "./reserve-request.ts";
import { retarget } from "./retarget.ts";
import { release, type Settled, settle } from "./settle.ts";
import { warningText } from "./warnings.ts";

export type { Balance } from "./balance.ts";
export type { CallBudget, Charge } from "./budget.ts";
export type { Settlement } from "./end-hold.ts";
export type { NewGrant } from "./grants.ts";
export type { LookUpCost } from "./recovery.ts";
export type { CreditsReport, ReportQuery } from "./report.ts";
export type { Hold } from "./reserve.ts";
export type { ReserveRequest } from "./reserve-request.ts";
export type { Settled } from "./settle.ts";

export interface LedgerOptions {
  /** The ledger's file, shared by every process that draws on the pool. */
  readonly path: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Granted once, when the ledger is created. */
  readonly initialGrant?: NanoUsd | undefined;
  /** What a lost call of unknown cost is charged; `charge_estimate` when absent, which never overspends. */
  readonly unknownCost?: UnknownCostPolicy | undefined;
  /** Asked what a lost call cost before it is guessed. */
  readonly lookUpCost?: LookUpCost | undefined;
  /** Takes lines for the log: passed thresholds, recovered calls, failed background work. */
  readonly log?: ((line: string) => void) | undefined;
  /** False: nothing runs by itself, `recover` is called by hand. */
  readonly background?: boolean | undefined;
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
  /** Moves a hold to another provider or model before it is sent there. @throws budget_exceeded, conflict. */
  retarget(holdId: string, charge: Charge): Promise<void>;
  /** Extends the lease and records what a stream has cost so far, for recovery. */
  progress(holdId: string, costSoFar: NanoUsd): Promise<void>;
  /** Takes over a hold of a process that is gone, to finish its call. @throws conflict when it has ended. */
  adopt(holdId: string): Promise<void>;
  /** Ends a hold with what the call cost, once; later calls get the first one's answer. */
  settle(holdId: string, settlement: Settlement): Promise<Settled>;
  /** Ends a hold that cost nothing. */
  release(holdId: string, reason: string): Promise<void>;
  /** Adds money. @throws invalid_request for amounts, dates and priorities that make no sense. */
  grant(grant: NewGrant): Promise<{ readonly id: string; readonly balance: Balance }>;
  balance(caller: Caller): Promise<Balance>;
  /** Balance, limits and spending as far as they are the caller's own. */
  report(caller: Caller, query: ReportQuery): Promise<CreditsReport>;
  /** Ends the holds of processes that are gone and of leases that are over. Runs by itself every half minute. */
  recover(): Promise<Recovery>;
  /** For the command, never for an agent. */
  readonly admin: LedgerAdmin;
  /** Commits what was asked for and closes the file. */
  close(): Promise<void>;
}

/**
 * Opens the ledger, creating it with its initial grant if it is not there.
 * @throws unavailable when the file cannot be opened or is not a ledger.
 */
export function openLedger(options: LedgerOptions): Ledger {
  return ledgerOver(openBook(options), options);
}

/** The ledger over a book that is open already. */
export function ledgerOver(book: Book, options: Omit<LedgerOptions, "path" | "initialGrant">): Ledger {
  const { clock, rng, log = () => undefined } = options;
  const { read, write } = book;
  const owner = Buffer.from(rng.bytes(8)).toString("hex");
  let beatAt = Number.NEGATIVE_INFINITY;

  /** Whether this process must say again that it is alive; also when the clock has gone back. */
  const isBeatDue = (now: number) => now - beatAt >= creditLimits.ownerBeatMs || now < beatAt;
  const beatIfNeeded = async () => {
    const now = clock.now();
    if (!isBeatDue(now) || !(await read((tx) => hasOpenHolds(tx, owner)))) return;
    await write((tx) => beat(tx, owner, process.pid));
    beatAt = now;
  };
  const recoverNow = async () => {
    // First of all this process is alive: it may have been stopped for long.
    await beatIfNeeded();
    const { lookUpCost, unknownCost = "charge_estimate" } = options;
    const found = await recover({ lookUpCost, policy: unknownCost, read, write });
    const ended = found.unsent + found.known + found.guessed;
    if (ended > 0) log(`recovered ${ended} lost calls: ${JSON.stringify(found)}`);
    return found;
  };
  const stopBackground = runInBackground(
    options.background === false
      ? []
      : [
          { everyMs: creditLimits.ownerBeatMs, run: beatIfNeeded },
          { everyMs: creditLimits.recoveryEveryMs, run: recoverNow },
        ],
    rng,
    (error) => log(`the ledger's background work failed: ${error instanceof Error ? error.message : String(error)}`),
  );

  return {
    async reserve(request) {
      checkReserveRequest(request);
      const now = clock.now();
      const beating = isBeatDue(now);
      const hold = await write((tx) => {
        const made = reserve(tx, request, owner);
        if (beating) beat(tx, owner, process.pid);
        return made;
      });
      if (beating) beatAt = now;
      return hold;
    },
    affordable: (caller, budget, charge) => read((tx) => affordableOn(tx, caller, budget, charge)),
    dispatch: (holdId) => write((tx) => dispatchHold(tx, holdId)),
    async retarget(holdId, charge) {
      checkCharge(charge);
      await write((tx) => retarget(tx, holdId, charge));
    },
    async progress(holdId, costSoFar) {
      checkAmount(costSoFar, "cost_so_far");
      await write((tx) => recordProgress(tx, holdId, costSoFar));
    },
    async adopt(holdId) {
      await write((tx) => {
        adoptHold(tx, holdId, owner);
        beat(tx, owner, process.pid);
      });
    },
    async settle(holdId, settlement) {
      checkAmount(settlement.actual, "actual");
      if (settlement.list !== undefined) checkAmount(settlement.list, "list");
      const settled = await write((tx) => settle(tx, holdId, settlement));
      for (const warning of settled.warnings) log(warningText(warning));
      return settled;
    },
    async release(holdId, reason) {
      checkText(reason, "reason", creditLimits.nameCharactersMax);
      await write((tx) => release(tx, holdId, reason));
    },
    grant: (grant) => write((tx) => ({ ...addGrant(tx, grant), balance: balanceOf(tx, grant.workspace ?? "default") })),
    balance: (caller) => read((tx) => balanceOf(tx, caller.workspace)),
    report: (caller, query) => read((tx) => reportFor(tx, pathOf(caller), query)),
    recover: recoverNow,
    admin: ledgerAdmin(book),
    async close() {
      await stopBackground();
      await book.close();
    },
  };
}
