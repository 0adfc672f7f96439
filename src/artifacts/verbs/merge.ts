import type { Caller, CallOptions } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { mergeCommits } from "../merge-commits.ts";
import { branchRef, shortName } from "../names.ts";
import { formatCommit } from "../objects/commit.ts";
import { type IdentifiedObject, identify, type Oid } from "../objects/object.ts";
import { newPacer } from "../pacer.ts";
import { readCommit } from "../read-object.ts";
import { refuseReadOnly } from "../read-only.ts";
import { requireWrite } from "../rights.ts";
import { storeObjects } from "../storage.ts";
import { diskError } from "../store/durable-file.ts";
import { overlayObjects } from "../store/overlay-objects.ts";
import type { Repository } from "../store/repository.ts";
import { editTree } from "../tree-edit.ts";
import type { MergeConflict } from "../tree-merge.ts";
import { isAncestor } from "../walk/ancestry.ts";
import { CommitGraph } from "../walk/commit-graph.ts";
import { openDiskSource } from "../walk/disk-source.ts";
import { type Attempt, updateBranch } from "./branch-update.ts";
import { bringRevision } from "./bring.ts";
import { type CommitContent, type FileContent, readCommitContent } from "./commit-content.ts";
import { checkMessage, committerOf } from "./commit-message.ts";

export interface MergeArgs {
  readonly repo: string;
  /** The branch that takes the changes. */
  readonly into: string;
  /** The branch, tag or commit that brings them; of a fork as `fork:branch`. */
  readonly from: string;
  /** `auto` makes a merge commit only where it is needed. */
  readonly mode?: "auto" | "ff_only" | "no_ff" | undefined;
  readonly message?: string | undefined;
  readonly expected_head?: string | undefined;
  /** What conflicting paths become, as in a commit. */
  readonly resolve?: Readonly<Record<string, FileContent>> | undefined;
}

export interface MergeResult {
  readonly repo: string;
  readonly status: "merged" | "fast_forward" | "up_to_date" | "conflict";
  /** Where `into` is now. In a conflict that is where it was. */
  readonly commit: Oid;
  readonly tree: Oid;
  readonly theirs: Oid;
  readonly base?: Oid;
  readonly conflicts?: readonly MergeConflict[];
}

/**
 * Merges a revision into a branch. Conflicts are an answer, not an error, and leave the branch as it was: call again
 * with `resolve` to say what the conflicting paths become.
 * @throws conflict for unrelated histories, an impossible fast-forward, or a branch that is not at `expected_head`
 */
export async function merge(
  context: ArtifactContext,
  args: MergeArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<MergeResult> {
  requireWrite(caller);
  const ref = branchRef(args.into);
  const message = checkMessage(args.message ?? `Merge ${shortName(args.from)} into ${shortName(ref)}`);
  const resolution = await readCommitContent(args.resolve ?? {}, context, caller.workspace);
  const path = context.repositories.pathOf(caller.workspace, args.repo);
  try {
    return await context.queue.run(`${path}:${ref}`, () =>
      context.repositories.use(caller.workspace, args.repo, async (repository) => {
        refuseReadOnly(repository, args.repo);
        const theirs = await bringRevision(context, repository, args.repo, args.from, caller, options.signal);
        const plan = { context, args, caller, theirs, options, ref, message, resolution };
        const before = await repository.refs.read(ref);
        const attempt = (head: Oid | null) => attemptMerge(repository, plan, head);
        const store = (objects: readonly IdentifiedObject[]) =>
          storeObjects(context, repository, args.repo, caller, objects);
        const result = await updateBranch(repository, { ref, expected: args.expected_head, attempt, store }, options);
        if (result.status === "merged" || result.status === "fast_forward") {
          const { workspace, key: by } = caller;
          context.events.emit({ kind: "merge", workspace, repo: args.repo, ref, from: before, to: result.commit, by });
        }
        return result;
      }),
    );
  } catch (error) {
    throw diskError(error);
  }
}

interface Plan {
  readonly context: ArtifactContext;
  readonly args: MergeArgs;
  readonly caller: Caller;
  readonly theirs: Oid;
  readonly options: CallOptions;
  readonly ref: string;
  readonly message: string;
  readonly resolution: CommitContent;
}

async function attemptMerge(repository: Repository, plan: Plan, head: Oid | null): Promise<Attempt<MergeResult>> {
  const { args, ref, theirs } = plan;
  if (head === null) throw noSuchBranch(shortName(ref));
  repository.objects.packs.refresh();
  const graph = new CommitGraph(openDiskSource(repository.objects));
  const pacer = newPacer(plan.context.clock, plan.options.signal);
  const { tree } = await readCommit(repository.objects, head);
  const still = (status: MergeResult["status"], more: Partial<MergeResult> = {}): Attempt<MergeResult> => ({
    objects: [],
    changes: [],
    result: { repo: args.repo, status, commit: head, tree, theirs, ...more },
  });
  if (await isAncestor(graph, theirs, head, pacer)) return still("up_to_date");
  const canAdvance = await isAncestor(graph, head, theirs, pacer);
  if (canAdvance && args.mode !== "no_ff") {
    const changes = [{ name: ref, from: head, to: theirs }];
    const { result } = still("fast_forward", { commit: theirs, tree: graph.get(theirs).tree, base: head });
    return { objects: [], changes, result };
  }
  if (args.mode === "ff_only") throw cannotAdvance(shortName(ref), head, theirs);
  const labels = { ours: shortName(ref), theirs: shortName(args.from) };
  const merged = await mergeCommits(repository.objects, graph, head, theirs, labels, pacer);
  if (merged === null) throw unrelated(head, theirs);
  const [base] = merged.bases;
  const open = unresolved(merged.conflicts, args.resolve ?? {});
  const at = base === undefined ? {} : { base };
  if (open.length > 0) return still("conflict", { ...at, conflicts: bounded(open) });
  return conclude(repository, plan, { head, theirs, merged, at });
}

async function conclude(
  repository: Repository,
  plan: Plan,
  made: {
    readonly head: Oid;
    readonly theirs: Oid;
    readonly merged: { readonly tree: Oid; readonly objects: readonly IdentifiedObject[] };
    readonly at: { readonly base?: Oid };
  },
): Promise<Attempt<MergeResult>> {
  const { args, caller, context, ref, resolution } = plan;
  const { head, theirs, merged } = made;
  const store = overlayObjects(repository.objects, merged.objects);
  const edited = await editTree(store, merged.tree, resolution.edits);
  const by = committerOf(caller, context.clock.now());
  const fields = { tree: edited.tree, parents: [head, theirs], author: by, committer: by, message: plan.message };
  const commit = identify("commit", formatCommit(fields));
  return {
    objects: [...merged.objects, ...resolution.blobs, ...edited.objects, commit],
    changes: [{ name: ref, from: head, to: commit.oid }],
    result: { repo: args.repo, status: "merged", commit: commit.oid, tree: edited.tree, theirs, ...made.at },
  };
}

/** Conflicts that `resolve` does not settle. @throws invalid_request when it names a path that is in no conflict. */
function unresolved(
  conflicts: readonly MergeConflict[],
  resolve: Readonly<Record<string, FileContent>>,
): readonly MergeConflict[] {
  const paths = new Set(conflicts.map((conflict) => conflict.path));
  const stray = Object.keys(resolve).find((path) => !paths.has(path));
  if (stray !== undefined) {
    throw new SwitchyardError("invalid_request", `${stray} is in no conflict of this merge`, {
      next: "Resolve only the paths that the conflict named; change others in a commit of their own",
      details: { path: stray, conflicts: [...paths].slice(0, artifactLimits.mergeConflictsMax) },
    });
  }
  return conflicts.filter((conflict) => !Object.hasOwn(resolve, conflict.path));
}

/** The first conflicts, with their texts as far as the bound goes. */
function bounded(conflicts: readonly MergeConflict[]): MergeConflict[] {
  let left: number = artifactLimits.mergeTextBytesMax;
  return conflicts.slice(0, artifactLimits.mergeConflictsMax).map(({ text, ...conflict }) => {
    left -= text === undefined ? 0 : Buffer.byteLength(text);
    return text === undefined || left < 0 ? conflict : { ...conflict, text };
  });
}

function noSuchBranch(branch: string): SwitchyardError {
  return new SwitchyardError("not_found", `there is no branch ${branch} to merge into`, {
    next: "Make it with artifact.commit and from, or list branches with artifact.list",
    details: { branch },
  });
}

function cannotAdvance(branch: string, head: Oid, theirs: Oid): SwitchyardError {
  return new SwitchyardError("conflict", `${branch} has commits of its own, so it cannot be moved forward`, {
    next: "Merge with mode auto, or merge the branch into the other first",
    details: { head, theirs },
  });
}

function unrelated(head: Oid, theirs: Oid): SwitchyardError {
  return new SwitchyardError("conflict", "the two histories have no commit in common", {
    next: "Commit the files of one onto a branch of the other with artifact.checkout and artifact.commit",
    details: { head, theirs },
  });
}
