import { deadline } from "../core/deadline.ts";
import { creditLimits } from "../core/limits.ts";
import type { Settlement } from "./end-hold.ts";
import {
  endLost,
  endUnsent,
  isRecoveryDue,
  type LookUpCost,
  type LostHold,
  lostHolds,
  type Recovery,
  type UnknownCostPolicy,
} from "./recovery.ts";
import { settle } from "./settle.ts";
import type { LedgerTransaction } from "./transaction.ts";

export interface RecoverOptions {
  readonly lookUpCost: LookUpCost | undefined;
  readonly policy: UnknownCostPolicy;
  readonly read: <T>(operation: (tx: LedgerTransaction) => T) => Promise<T>;
  readonly write: <T>(operation: (tx: LedgerTransaction) => T) => Promise<T>;
}

const nothing: Recovery = { unsent: 0, known: 0, guessed: 0 };

/**
 * Ends the holds that nobody will: of processes that are gone and of leases that are over. Any process may do it at any time,
 * several at once; each hold still ends once.
 */
export async function recover(options: RecoverOptions): Promise<Recovery> {
  const { read, write, policy } = options;
  if (!(await read(isRecoveryDue))) return nothing;
  const unsent = await write(endUnsent);
  let [known, guessed] = [0, 0];
  for (const hold of await read(lostHolds)) {
    const settlement = await lookUp(options, hold);
    if (settlement) {
      const { first } = await write((tx) => settle(tx, hold.id, settlement));
      known += first ? 1 : 0;
    } else {
      guessed += (await write((tx) => endLost(tx, hold.id, policy))) ? 1 : 0;
    }
  }
  return { unsent, known, guessed };
}

/** A look-up that fails or takes too long knows nothing: the hold must end all the same. */
async function lookUp(options: RecoverOptions, hold: LostHold): Promise<Settlement | undefined> {
  if (!options.lookUpCost) return undefined;
  const timer = deadline(creditLimits.lookUpMsMax);
  try {
    return await options.lookUpCost(hold, timer.signal);
  } catch {
    return undefined;
  } finally {
    timer[Symbol.dispose]();
  }
}
