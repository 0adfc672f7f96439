import type { Caller, CallOptions } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { branchRef, shortName } from "../names.ts";
import { formatCommit } from "../objects/commit.ts";
import { emptyTreeOid, type IdentifiedObject, identify, type Oid } from "../objects/object.ts";
import { readCommit } from "../read-object.ts";
import { refuseReadOnly } from "../read-only.ts";
import { resolveRevision } from "../revision.ts";
import { requireWrite } from "../rights.ts";
import { storeObjects } from "../storage.ts";
import { diskError } from "../store/durable-file.ts";
import { overlayObjects } from "../store/overlay-objects.ts";
import type { Repository } from "../store/repository.ts";
import { treeChanges } from "../tree-changes.ts";
import { mergeTrees } from "../tree-merge.ts";
import { type Attempt, updateBranch } from "./branch-update.ts";
import type { CommitResult } from "./commit.ts";
import { checkMessage, committerOf } from "./commit-message.ts";

export interface RevertArgs {
  readonly repo: string;
  readonly branch?: string | undefined;
  /** The commit whose change is undone; of a merge, what it brought to its first parent. */
  readonly commit: string;
  readonly message?: string | undefined;
  readonly expected_head?: string | null | undefined;
}

/**
 * Makes a commit that undoes another one's change and leaves what came after it.
 * @throws conflict naming the paths where later changes are in the way
 */
export async function revert(
  context: ArtifactContext,
  args: RevertArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<CommitResult> {
  requireWrite(caller);
  const ref = branchRef(args.branch ?? "main");
  const path = context.repositories.pathOf(caller.workspace, args.repo);
  try {
    return await context.queue.run(`${path}:${ref}`, () =>
      context.repositories.use(caller.workspace, args.repo, async (repository) => {
        refuseReadOnly(repository, args.repo);
        const attempt = (head: Oid | null) => attemptRevert(repository, { context, args, caller, ref }, head);
        const store = (objects: readonly IdentifiedObject[]) =>
          storeObjects(context, repository, args.repo, caller, objects);
        const result = await updateBranch(repository, { ref, expected: args.expected_head, attempt, store }, options);
        const [from = null, to] = [result.parents[0], result.commit];
        const { workspace, key: by } = caller;
        context.events.emit({ kind: "commit", workspace, repo: args.repo, ref, from, to, by });
        return result;
      }),
    );
  } catch (error) {
    throw diskError(error);
  }
}

async function attemptRevert(
  repository: Repository,
  plan: { readonly context: ArtifactContext; readonly args: RevertArgs; readonly caller: Caller; readonly ref: string },
  head: Oid | null,
): Promise<Attempt<CommitResult>> {
  const { context, args, caller, ref } = plan;
  const { objects } = repository;
  const parent = head ?? (await resolveRevision(repository, ref));
  const undone = await resolveRevision(repository, args.commit);
  const commit = await readCommit(objects, undone);
  const before = commit.parents[0] === undefined ? emptyTreeOid : (await readCommit(objects, commit.parents[0])).tree;
  const ours = (await readCommit(objects, parent)).tree;
  const labels = { ours: shortName(ref), theirs: `before ${undone.slice(0, 10)}` };
  const merged = await mergeTrees(objects, commit.tree, ours, before, labels);
  if (merged.conflicts.length > 0)
    throw inTheWay(
      undone,
      merged.conflicts.map((conflict) => conflict.path),
    );
  let changed = 0;
  for await (const _ of treeChanges(overlayObjects(objects, merged.objects), ours, merged.tree)) changed += 1;
  if (changed === 0) throw nothingToUndo(undone, parent);
  const by = committerOf(caller, context.clock.now());
  const subject = commit.message.split("\n")[0] ?? "";
  const message = checkMessage(args.message ?? `Revert "${subject}"\n\nThis reverts commit ${undone}.`);
  const parents = [parent];
  const made = identify("commit", formatCommit({ tree: merged.tree, parents, author: by, committer: by, message }));
  const remote = context.remote(caller.workspace, args.repo);
  return {
    objects: [...merged.objects, made],
    changes: [{ name: ref, from: parent, to: made.oid }],
    result: {
      repo: args.repo,
      branch: shortName(ref),
      commit: made.oid,
      tree: merged.tree,
      parents,
      changed,
      ...(remote === undefined ? {} : { remote }),
    },
  };
}

function inTheWay(commit: Oid, paths: readonly string[]): SwitchyardError {
  return new SwitchyardError("conflict", `commit ${commit} cannot be undone: later commits changed the same lines`, {
    next: "Write the files as they should be with artifact.commit; artifact.diff shows what the commit changed",
    details: { commit, paths: paths.slice(0, artifactLimits.mergeConflictsMax) },
  });
}

function nothingToUndo(commit: Oid, head: Oid): SwitchyardError {
  return new SwitchyardError("invalid_request", `nothing of commit ${commit} is left to undo`, {
    next: "The branch is already without it",
    details: { commit, head },
  });
}
