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
  unsentHolds,
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
 * several at once; each hold still ends once. A hold that cannot be ended does not keep the others from it.
 * @throws the first failure, after everything else is done.
 */
export async function recover(options: RecoverOptions): Promise<Recovery> {
  const { read, write, policy } = options;
  if (!(await read(isRecoveryDue))) return nothing;
  const counts = { unsent: 0, known: 0, guessed: 0 };
  const failures: unknown[] = [];
  const count = async (end: Promise<keyof Recovery | undefined>) => {
    try {
      const ending = await end;
      if (ending) counts[ending]++;
    } catch (error) {
      failures.push(error);
    }
  };
  const endOne = async (id: string) => ((await write((tx) => endUnsent(tx, id))) ? ("unsent" as const) : undefined);
  // Together, so that they share commits.
  await Promise.all((await write(unsentHolds)).map((id) => count(endOne(id))));
  const lost = await read(lostHolds);
  const next = async () => {
    for (let hold = lost.shift(); hold; hold = lost.shift()) await count(endLostHold(options, hold, policy));
  };
  await Promise.all(Array.from({ length: creditLimits.lookUpsAtOnceMax }, next));
  if (failures.length > 0) throw failures[0];
  return counts;
}

async function endLostHold(
  options: RecoverOptions,
  hold: LostHold,
  policy: UnknownCostPolicy,
): Promise<"known" | "guessed" | undefined> {
  const settlement = await lookUp(options, hold);
  if (!settlement) return (await options.write((tx) => endLost(tx, hold.id, policy))) ? "guessed" : undefined;
  const { first } = await options.write((tx) => settle(tx, hold.id, settlement));
  return first ? "known" : undefined;
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
