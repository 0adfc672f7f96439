import type { Caller, CallOptions } from "../../core/caller.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { branchRef, shortName } from "../names.ts";
import { addNote, metadataNotesRef } from "../notes.ts";
import { formatCommit } from "../objects/commit.ts";
import { type IdentifiedObject, identify, type Oid } from "../objects/object.ts";
import { parseAuthor } from "../objects/person.ts";
import { readCommit } from "../read-object.ts";
import { refuseReadOnly } from "../read-only.ts";
import { resolveRevision } from "../revision.ts";
import { requireWrite } from "../rights.ts";
import { storeObjects } from "../storage.ts";
import { diskError } from "../store/durable-file.ts";
import type { RefChange } from "../store/ref-store.ts";
import type { Repository } from "../store/repository.ts";
import { editTree } from "../tree-edit.ts";
import { type Attempt, updateBranch } from "./branch-update.ts";
import { type CommitContent, type FileContent, readCommitContent } from "./commit-content.ts";
import { checkMessage, committerOf } from "./commit-message.ts";

export interface CommitArgs {
  readonly repo: string;
  readonly branch?: string | undefined;
  readonly files: Readonly<Record<string, FileContent>>;
  readonly message: string;
  /** `Name <email>`. */
  readonly author?: string | undefined;
  /** The commit the branch must be at; null: the branch must not exist. Absent: whatever it is at. */
  readonly expected_head?: string | null | undefined;
  /** Where a branch that does not exist yet begins. */
  readonly from?: string | undefined;
  /** Kept as a git note on the commit. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

export interface CommitResult {
  readonly repo: string;
  readonly branch: string;
  readonly commit: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** How many paths are other than in the first parent. */
  readonly changed: number;
  readonly remote?: string;
}

/**
 * Makes one commit of several files on a branch, and the repository and the branch when they do not exist.
 * Without `expected_head` the files are applied to whatever the branch is at when it moves.
 * @throws conflict when the branch is not at `expected_head`; nothing was changed then.
 */
export async function commit(
  context: ArtifactContext,
  args: CommitArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<CommitResult> {
  requireWrite(caller);
  const ref = branchRef(args.branch ?? "main");
  const path = context.repositories.pathOf(caller.workspace, args.repo);
  const message = checkMessage(args.message);
  const note = args.metadata === undefined ? null : noteText(args.metadata);
  const content = await readCommitContent(args.files, context, caller.workspace);
  throwIfAborted(options.signal);
  try {
    return await context.queue.run(`${path}:${ref}`, async () => {
      const lease = await openForCommit(context, args, caller, ref, content);
      return context.repositories.during(lease, args.repo, async (repository) => {
        refuseReadOnly(repository, args.repo);
        const result = await commitTo(repository, { context, args, caller, options, ref, message, note, content });
        const { workspace, key } = caller;
        const [from = null, to] = [result.parents[0], result.commit];
        context.events.emit({ kind: "commit", workspace, repo: args.repo, ref, from, to, by: key });
        return result;
      });
    });
  } catch (error) {
    throw diskError(error);
  }
}

interface Plan {
  readonly context: ArtifactContext;
  readonly args: CommitArgs;
  readonly caller: Caller;
  readonly options: CallOptions;
  readonly ref: string;
  readonly message: string;
  readonly note: string | null;
  readonly content: CommitContent;
}

/** A repository comes into being only for a commit that can be made. */
async function openForCommit(
  context: ArtifactContext,
  args: CommitArgs,
  caller: Caller,
  ref: string,
  content: CommitContent,
) {
  const there = context.repositories.openIfThere(caller.workspace, args.repo);
  if (there) return there;
  if (typeof args.expected_head === "string" || args.from !== undefined) {
    return context.repositories.open(caller.workspace, args.repo);
  }
  const first = await editTree(nothing, null, content.edits);
  if (first.changed.length === 0) throw nothingToCommit(null);
  return context.repositories.openOrCreate(caller.workspace, args.repo, ref);
}

const nothing = {
  has: async () => false,
  get: async () => null,
  info: async () => null,
  putMany: async () => 0,
  withPrefix: async () => [],
};

function commitTo(repository: Repository, plan: Plan): Promise<CommitResult> {
  const { context, args, caller, ref } = plan;
  const attempt = (head: Oid | null) => attemptCommit(repository, plan, head);
  const store = (objects: readonly IdentifiedObject[]) => storeObjects(context, repository, args.repo, caller, objects);
  return updateBranch(repository, { ref, expected: args.expected_head, attempt, store }, plan.options);
}

async function attemptCommit(repository: Repository, plan: Plan, head: Oid | null): Promise<Attempt<CommitResult>> {
  const { args, caller, context, ref, content } = plan;
  const parent = head ?? (args.from === undefined ? null : await resolveRevision(repository, args.from));
  const base = parent === null ? null : (await readCommit(repository.objects, parent)).tree;
  const edited = await editTree(repository.objects, base, content.edits);
  if (parent !== null && edited.changed.length === 0) throw nothingToCommit(parent);
  const by = committerOf(caller, context.clock.now());
  const author = args.author === undefined ? by : { ...by, ...parseAuthor(args.author) };
  const parents = parent === null ? [] : [parent];
  const text = formatCommit({ tree: edited.tree, parents, author, committer: by, message: plan.message });
  const made = identify("commit", text);
  const objects: IdentifiedObject[] = [...content.blobs, ...edited.objects, made];
  const changes: RefChange[] = [{ name: ref, from: head, to: made.oid }];
  if (plan.note !== null) {
    const notesHead = await repository.refs.read(metadataNotesRef);
    const noted = await addNote(repository.objects, notesHead, made.oid, plan.note, by);
    objects.push(...noted.objects);
    changes.push({ name: metadataNotesRef, from: notesHead, to: noted.commit });
  }
  const remote = context.remote(caller.workspace, args.repo);
  const result = {
    repo: args.repo,
    branch: shortName(ref),
    commit: made.oid,
    tree: edited.tree,
    parents,
    changed: edited.changed.length,
    ...(remote === undefined ? {} : { remote }),
  };
  return { objects, changes, result };
}

function noteText(metadata: Readonly<Record<string, unknown>>): string {
  const text = `${JSON.stringify(metadata, null, 2)}\n`;
  if (Buffer.byteLength(text) <= artifactLimits.metadataBytesMax) return text;
  throw new SwitchyardError("too_large", `the metadata is larger than ${artifactLimits.metadataBytesMax} bytes`, {
    next: "Keep large facts in a file of the commit",
    details: { max_bytes: artifactLimits.metadataBytesMax },
  });
}

function nothingToCommit(head: Oid | null): SwitchyardError {
  return new SwitchyardError("invalid_request", "there is nothing to commit: no file would be other than it is", {
    next: head === null ? "Give at least one file" : `The content is already there at commit ${head}`,
    details: { head },
  });
}
