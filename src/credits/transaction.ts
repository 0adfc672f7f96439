import type { Rng } from "../core/clock.ts";
import type { Statements } from "../store/statements.ts";

/** What a ledger operation works with while it is inside the store's transaction. */
export interface LedgerTransaction {
  readonly sql: Statements;
  readonly rng: Rng;
  /** Wall clock when the operation began; one operation has one time. */
  readonly now: number;
}
