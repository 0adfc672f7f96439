import type { Artifacts } from "./artifacts/artifacts.ts";

/**
 * The composition root: everything an agent can use, opened once over one data directory. Grows a member for each
 * room: `{ infer, models, credits, memory, sandbox, artifacts, close }`.
 */
export interface Gateway {
  readonly artifacts: Artifacts;
  /** Stops what runs, settles what is open, closes every file. */
  close(): Promise<void>;
}
