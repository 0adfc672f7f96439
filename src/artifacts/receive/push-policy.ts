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

/** What holds for a reference of a repository. */
export type PolicyOf = (repo: string, ref: string) => BranchPolicy;

/** @throws invalid_request for a pattern that is none. */
export function compilePolicies(policies: readonly PushPolicy[]): PolicyOf {
  const compiled = policies.map((policy) => ({
    policy,
    isForRepo: policy.repo === undefined ? () => true : compileGlob(policy.repo),
    isForBranch: compileGlob(policy.branch),
  }));
  return (repo, ref) => {
    const branch = ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : null;
    if (branch === null) return combined([]);
    const holding = compiled.filter(({ isForRepo, isForBranch }) => isForRepo(repo) && isForBranch(branch));
    return combined(holding.map(({ policy }) => policy));
  };
}

function combined(holding: readonly PushPolicy[]): BranchPolicy {
  return {
    fastForwardOnly: holding.some((policy) => policy.fast_forward_only === true),
    isProtected: holding.some((policy) => policy.protected === true),
    maxFileBytes: Math.min(
      ...holding.map((policy) => policy.max_file_bytes ?? Number.POSITIVE_INFINITY),
      Number.POSITIVE_INFINITY,
    ),
  };
}
