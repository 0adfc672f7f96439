import { compileGlob } from "../glob.ts";

/** What pushes to some branches must keep to. All policies whose patterns match a branch hold for it. */
export interface PushPolicy {
  /** Repositories, as a glob; all when absent. */
  readonly repo?: string | undefined;
  /** Branches without `refs/heads/`, as a glob: `main`, `release/*`. */
  readonly branch: string;
  /** The branch only moves forward, and is not deleted. */
  readonly fast_forward_only?: boolean | undefined;
  /** The branch is not pushed to at all: it changes by artifact.merge and artifact.commit alone. */
  readonly protected?: boolean | undefined;
  /** The largest file that a push may bring. */
  readonly max_file_bytes?: number | undefined;
}

/** What holds for one branch. */
export interface BranchPolicy {
  readonly fastForwardOnly: boolean;
  readonly isProtected: boolean;
  readonly maxFileBytes: number;
}

export function policyFor(policies: readonly PushPolicy[], repo: string, ref: string): BranchPolicy {
  const branch = ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : null;
  const holding =
    branch === null
      ? []
      : policies.filter(
          (policy) =>
            (policy.repo === undefined || compileGlob(policy.repo)(repo)) && compileGlob(policy.branch)(branch),
        );
  return {
    fastForwardOnly: holding.some((policy) => policy.fast_forward_only === true),
    isProtected: holding.some((policy) => policy.protected === true),
    maxFileBytes: Math.min(
      ...holding.map((policy) => policy.max_file_bytes ?? Number.POSITIVE_INFINITY),
      Number.POSITIVE_INFINITY,
    ),
  };
}
