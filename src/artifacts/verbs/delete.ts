import { renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Caller, CallOptions } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { ArtifactContext } from "../context.ts";
import { branchRef, shortName, tagRef } from "../names.ts";
import type { Oid } from "../objects/object.ts";
import { readCommit } from "../read-object.ts";
import { refuseReadOnly } from "../read-only.ts";
import { resolveRevision } from "../revision.ts";
import { requireWrite } from "../rights.ts";
import { diskError, fileErrorCode, syncDirectory } from "../store/durable-file.ts";
import { RefMoved } from "../store/ref-store.ts";
import type { Repository } from "../store/repository.ts";
import { defaultRevision } from "./checkout.ts";

export interface DeleteArgs {
  readonly repo: string;
  readonly kind: "branch" | "tag" | "repo";
  /** The branch's or the tag's name. */
  readonly name?: string | undefined;
  /** The commit the branch, or the repository's main branch, must be at. */
  readonly expected_head?: string | null | undefined;
}

export interface DeleteResult {
  readonly repo: string;
  readonly deleted: "branch" | "tag" | "repo";
  readonly name?: string;
  /** What it was at: a branch deleted by mistake is made again from it. */
  readonly commit?: Oid;
  readonly tree?: Oid;
}

/** Deletes a branch, a tag or a whole repository; forks of it are not touched. @throws not_found, conflict */
export async function deleteArtifact(
  context: ArtifactContext,
  args: DeleteArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<DeleteResult> {
  requireWrite(caller);
  try {
    const result = await (args.kind === "repo"
      ? deleteRepository(context, args, caller)
      : context.repositories.use(caller.workspace, args.repo, (repository) =>
          deleteRef(repository, context, args, options.signal),
        ));
    const ref = args.kind === "repo" ? null : nameOf(args);
    const { workspace, key: by } = caller;
    const from = result.commit ?? null;
    context.events.emit({ kind: "delete", workspace, repo: args.repo, ref, from, to: null, by });
    return result;
  } catch (error) {
    throw diskError(error);
  }
}

function nameOf(args: DeleteArgs): string {
  if (args.name !== undefined) return args.kind === "tag" ? tagRef(args.name) : branchRef(args.name);
  throw new SwitchyardError("invalid_request", `the ${args.kind} to delete is not named`, {
    next: `Give its name as ${args.kind}`,
    details: { field: args.kind },
  });
}

async function deleteRef(
  repository: Repository,
  context: ArtifactContext,
  args: DeleteArgs,
  signal: AbortSignal | undefined,
): Promise<DeleteResult> {
  refuseReadOnly(repository, args.repo);
  const ref = nameOf(args);
  const policy = context.policyOf(args.repo, ref);
  if (policy.isProtected || policy.fastForwardOnly) throw isGuarded(shortName(ref));
  const at = await repository.refs.read(ref);
  if (at === null) throw noSuch(args.kind, shortName(ref));
  const commit = await resolveRevision(repository, ref);
  checkExpected(args, commit);
  if ((await repository.refs.readSymbolic("HEAD")) === ref) throw isMain(shortName(ref));
  try {
    await repository.refs.update([{ name: ref, from: at, to: null }], signal);
  } catch (error) {
    if (error instanceof RefMoved) throw moved(shortName(ref), error.actual);
    throw error;
  }
  const { tree } = await readCommit(repository.objects, commit);
  return { repo: args.repo, deleted: args.kind, name: shortName(ref), commit, tree };
}

/** Out of sight in one step; what is then removed nobody can open any more. */
async function deleteRepository(context: ArtifactContext, args: DeleteArgs, caller: Caller): Promise<DeleteResult> {
  const path = context.repositories.pathOf(caller.workspace, args.repo);
  const commit = await context.repositories.use(caller.workspace, args.repo, async (repository) => {
    const revision = await defaultRevision(repository);
    return resolveRevision(repository, revision).catch(() => null);
  });
  checkExpected(args, commit);
  const parent = dirname(path);
  const gone = join(parent, `.deleted-${Buffer.from(context.rng.bytes(9)).toString("base64url")}`);
  try {
    renameSync(path, gone);
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") throw noSuch("repo", args.repo);
    throw error;
  }
  await syncDirectory(parent);
  context.repositories.forget(caller.workspace, args.repo);
  context.tokens.forgetRepository(caller.workspace, args.repo);
  rmSync(gone, { recursive: true, force: true });
  return { repo: args.repo, deleted: "repo", ...(commit === null ? {} : { commit }) };
}

function checkExpected(args: DeleteArgs, commit: Oid | null): void {
  if (args.expected_head === undefined || args.expected_head === commit) return;
  throw moved(args.name ?? args.repo, commit);
}

function moved(name: string, commit: Oid | null): SwitchyardError {
  return new SwitchyardError("conflict", `${name} is at ${commit ?? "no commit"} now; nothing was deleted`, {
    next: "Look at what changed, then delete it with the new head",
    details: { head: commit },
  });
}

function isGuarded(branch: string): SwitchyardError {
  return new SwitchyardError("forbidden", `the push policy keeps ${branch} from being deleted`, {
    next: "Leave the branch, or ask the operator to change the policy",
    details: { branch },
  });
}

function isMain(branch: string): SwitchyardError {
  return new SwitchyardError("conflict", `${branch} is the branch that clones check out and is not deleted`, {
    next: "Delete the repository, or leave the branch",
    details: { branch },
  });
}

function noSuch(kind: string, name: string): SwitchyardError {
  return new SwitchyardError("not_found", `there is no ${kind} ${name}`, {
    next: "List what there is with artifact.list",
    details: { [kind]: name },
  });
}
