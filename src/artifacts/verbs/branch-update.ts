import type { CallOptions } from "../../core/caller.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { shortName } from "../names.ts";
import type { IdentifiedObject, Oid } from "../objects/object.ts";
import { type RefChange, RefMoved } from "../store/ref-store.ts";
import type { Repository } from "../store/repository.ts";

/** What one attempt at moving a branch wants written, for the head it was made from. */
export interface Attempt<Result> {
  readonly objects: readonly IdentifiedObject[];
  /** Empty when there is nothing to move. */
  readonly changes: readonly RefChange[];
  readonly result: Result;
}

export interface BranchUpdate<Result> {
  /** In full. */
  readonly ref: string;
  /** What the branch must be at; null: it must not exist; undefined: whatever it is at. */
  readonly expected: Oid | null | undefined;
  /** Called again for the new head each time another process was faster. */
  readonly attempt: (head: Oid | null) => Promise<Attempt<Result>>;
  /** Writes an attempt's objects, durably. */
  readonly store: (objects: readonly IdentifiedObject[]) => Promise<void>;
}

/**
 * Moves a branch by compare-and-swap: objects first, durably, then the references together.
 * @throws conflict when the branch is not where it is expected; nothing was changed then.
 */
export async function updateBranch<Result>(
  repository: Repository,
  update: BranchUpdate<Result>,
  options: CallOptions,
): Promise<Result> {
  const { ref, expected } = update;
  for (let tries = 1; ; tries++) {
    throwIfAborted(options.signal);
    const head = await repository.refs.read(ref);
    checkExpected(ref, expected, head);
    const { objects, changes, result } = await update.attempt(head);
    if (changes.length === 0) return result;
    await update.store(objects);
    throwIfAborted(options.signal);
    try {
      await repository.refs.update(changes, options.signal);
      return result;
    } catch (error) {
      if (!(error instanceof RefMoved)) throw error;
      if (error.clashesWith !== undefined) throw nameClash(error.clashesWith, error.ref);
      if (error.ref === ref) checkExpected(ref, expected, error.actual);
      if (tries >= artifactLimits.commitAttemptsMax) throw tooBusy(ref, error.actual);
    }
  }
}

function checkExpected(ref: string, expected: Oid | null | undefined, head: Oid | null): void {
  if (expected === undefined || expected === head) return;
  const branch = shortName(ref);
  const is = head === null ? "does not exist" : `is at ${head}`;
  const wanted = expected === null ? "a branch that does not exist" : expected;
  throw new SwitchyardError("conflict", `branch ${branch} ${is}, not ${wanted}; nothing was changed`, {
    next: "Read what changed with artifact.diff or artifact.log, then try again with the new head",
    details: { branch, head, expected_head: expected },
  });
}

/** Two references of which one is the other's directory. */
export function nameClash(existing: string, ref: string): SwitchyardError {
  const [there, wanted] = [shortName(existing), shortName(ref)];
  return new SwitchyardError("conflict", `${wanted} cannot be beside ${there}`, {
    next: "Choose a name that is not a directory of the other",
    details: { branch: wanted, existing: there },
  });
}

function tooBusy(ref: string, head: Oid | null): SwitchyardError {
  return new SwitchyardError("conflict", `branch ${shortName(ref)} moved faster than the change could be made`, {
    next: "Call again, or commit to a branch of your own and merge it",
    retryable: true,
    details: { branch: shortName(ref), head },
  });
}
