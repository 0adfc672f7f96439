import type { Ledger } from "./credits/ledger.ts";

/**
 * The composition root: everything an agent can use, opened once over one data directory. Grows a member for each
 * room: `{ infer, models, credits, memory, sandbox, artifacts, close }`.
 */
export interface Gateway {
  readonly credits: Ledger;
  /** Stops what runs, settles what is open, closes every file. */
  close(): Promise<void>;
}
