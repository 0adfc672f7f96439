import type { Caller } from "../core/caller.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Charge } from "./budget.ts";
import type { Ledger } from "./ledger.ts";

/** Work that is charged by what it uses. */
export interface MeteredWork<T> {
  readonly caller: Caller;
  readonly charge: Charge;
  /** The most that it can cost. Zero: it is free, and nothing is recorded of it. */
  readonly worst: NanoUsd;
  /** How long it may take at most, and some more. */
  readonly leaseMs: number;
  run(): Promise<T>;
  /** What it did cost, from its result; also when that is a failure of the work itself. */
  costOf(result: T): NanoUsd;
}

/**
 * Runs work of our own (a sandbox's CPU time, an artifact's storage) on the same pool and budgets as everything else: its
 * worst case is held before it begins and what it used is settled after. Work that throws has cost nothing.
 * @throws insufficient_credits, budget_exceeded, and what the work throws.
 */
export async function metered<T>(ledger: Ledger, work: MeteredWork<T>): Promise<T> {
  const { caller, charge, worst, leaseMs } = work;
  if (worst === 0n) return await work.run();
  const hold = await ledger.reserve({ caller, charge, amount: worst, leaseMs, dispatched: true });
  let result: T;
  try {
    result = await work.run();
  } catch (error) {
    await ledger.release(hold.id, "failed");
    throw error;
  }
  await ledger.settle(hold.id, { actual: work.costOf(result) });
  return result;
}
