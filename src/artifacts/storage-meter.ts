import { SwitchyardError } from "../core/errors.ts";

/** Whose key pays for what is stored. */
export interface Payer {
  readonly workspace: string;
  /** Null for the local user. */
  readonly key: string | null;
}

/** Charges for what is written to repositories, whoever writes: a tool or a git client. */
export interface StorageMeter {
  /**
   * Runs a write and charges what it answers to have put on the disk.
   * @param bytesMax the most that it can put there.
   * @throws insufficient_credits, budget_exceeded before the write begins
   */
  store(payer: Payer, repo: string, bytesMax: number, write: () => Promise<number>): Promise<number>;
}

export const freeStorage: StorageMeter = { store: (_payer, _repo, _bytesMax, write) => write() };

export function overQuota(bytesLeft: number): SwitchyardError {
  return new SwitchyardError("too_large", `this is larger than the ${bytesLeft} bytes this repository has left`, {
    next: "Delete repositories that are no longer needed, or ask the operator for a higher quota",
    details: { max_bytes: bytesLeft },
  });
}
