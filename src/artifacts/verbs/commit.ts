import type { Caller, CallOptions } from "../../core/caller.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { branchRef, shortName } from "../names.ts";
import { addNote, metadataNotesRef } from "../notes.ts";
import { formatCommit } from "../objects/commit.ts";
import { type IdentifiedObject, identify, type Oid } from "../objects/object.ts";
import { type Person, parseAuthor } from "../objects/person.ts";
import { readCommit } from "../read-object.ts";
import { resolveRevision } from "../revision.ts";
import { requireWrite } from "../rights.ts";
import { diskError } from "../store/durable-file.ts";
import { type RefChange, RefMoved } from "../store/ref-store.ts";
import type { Repository } from "../store/repository.ts";
import { type EditedTree, editTree } from "../tree-edit.ts";
import { type CommitContent, type FileContent, readCommitContent } from "./commit-content.ts";

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
  readonly metadata?: Readonly<Record<string, Json>> | undefined;
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
      try {
        return await commitTo(lease.repository, { context, args, caller, options, ref, message, note, content });
      } finally {
        lease.release();
      }
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
  putMany: async () => {},
  withPrefix: async () => [],
};

async function commitTo(repository: Repository, plan: Plan): Promise<CommitResult> {
  const { args, ref, content } = plan;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(plan.options.signal);
    const head = await repository.refs.read(ref);
    checkExpected(plan, head);
    const parent = head ?? (args.from === undefined ? null : await resolveRevision(repository, args.from));
    const base = parent === null ? null : (await readCommit(repository.objects, parent)).tree;
    const edited = await editTree(repository.objects, base, content.edits);
    if (parent !== null && edited.changed.length === 0) throw nothingToCommit(parent);
    try {
      return await write(repository, plan, { head, parent, edited });
    } catch (error) {
      if (!(error instanceof RefMoved)) throw error;
      if (error.clashesWith !== undefined) throw nameClash(error.clashesWith, ref);
      if (error.ref === ref) checkExpected(plan, error.actual);
      if (attempt >= artifactLimits.commitAttemptsMax) throw tooBusy(plan, error.actual);
    }
  }
}

async function write(
  repository: Repository,
  plan: Plan,
  at: { readonly head: Oid | null; readonly parent: Oid | null; readonly edited: EditedTree },
): Promise<CommitResult> {
  const { args, caller, context, ref } = plan;
  const { head, parent, edited } = at;
  const by = committer(caller, context.clock.now());
  const author = args.author === undefined ? by : { ...by, ...parseAuthor(args.author) };
  const parents = parent === null ? [] : [parent];
  const text = formatCommit({ tree: edited.tree, parents, author, committer: by, message: plan.message });
  const made = identify("commit", text);
  const objects: IdentifiedObject[] = [...plan.content.blobs, ...edited.objects, made];
  const changes: RefChange[] = [{ name: ref, from: head, to: made.oid }];
  if (plan.note !== null) {
    const notesHead = await repository.refs.read(metadataNotesRef);
    const noted = await addNote(repository.objects, notesHead, made.oid, plan.note, by);
    objects.push(...noted.objects);
    changes.push({ name: metadataNotesRef, from: notesHead, to: noted.commit });
  }
  await repository.objects.putMany(objects);
  throwIfAborted(plan.options.signal);
  await repository.refs.update(changes, plan.options.signal);
  const { workspace, key } = caller;
  context.events.emit({ kind: "commit", workspace, repo: args.repo, ref, from: head, to: made.oid, by: key });
  const remote = context.remote(caller.workspace, args.repo);
  return {
    repo: args.repo,
    branch: shortName(ref),
    commit: made.oid,
    tree: edited.tree,
    parents,
    changed: edited.changed.length,
    ...(remote === undefined ? {} : { remote }),
  };
}

/** Who a commit made by a tool is by, unless its author is given. */
export function committer(caller: Caller, nowMs: number): Person {
  const name = caller.key ?? "local";
  return {
    name: "Switchyard",
    email: `${name}@${caller.workspace}.invalid`,
    at: Math.floor(nowMs / 1000),
    zone: "+0000",
  };
}

function checkMessage(message: string): string {
  const trimmed = message.replace(/\s+$/, "");
  const problem =
    trimmed.trim() === ""
      ? "is empty"
      : !trimmed.isWellFormed() || trimmed.includes("\0")
        ? "has characters that git does not keep"
        : Buffer.byteLength(trimmed) > artifactLimits.messageBytesMax
          ? `is longer than ${artifactLimits.messageBytesMax} bytes`
          : null;
  if (problem === null) return `${trimmed}\n`;
  throw new SwitchyardError("invalid_request", `the message ${problem}`, {
    next: "Say in a line what the commit changes and why",
    details: { field: "message" },
  });
}

function noteText(metadata: Readonly<Record<string, Json>>): string {
  const text = `${JSON.stringify(metadata, null, 2)}\n`;
  if (Buffer.byteLength(text) <= artifactLimits.metadataBytesMax) return text;
  throw new SwitchyardError("too_large", `the metadata is larger than ${artifactLimits.metadataBytesMax} bytes`, {
    next: "Keep large facts in a file of the commit",
    details: { max_bytes: artifactLimits.metadataBytesMax },
  });
}

function checkExpected(plan: Plan, head: Oid | null): void {
  const { expected_head: expected } = plan.args;
  if (expected === undefined || expected === head) return;
  const branch = shortName(plan.ref);
  const is = head === null ? "does not exist" : `is at ${head}`;
  const wanted = expected === null ? "a branch that does not exist" : expected;
  throw new SwitchyardError("conflict", `branch ${branch} ${is}, not ${wanted}; nothing was committed`, {
    next: "Read what changed with artifact.diff or artifact.log, then commit again with the new head",
    details: { repo: plan.args.repo, branch, head, expected_head: expected },
  });
}

function nothingToCommit(head: Oid | null): SwitchyardError {
  return new SwitchyardError("invalid_request", "there is nothing to commit: no file would be other than it is", {
    next: head === null ? "Give at least one file" : `The content is already there at commit ${head}`,
    details: { head },
  });
}

function nameClash(existing: string, ref: string): SwitchyardError {
  const [there, wanted] = [shortName(existing), shortName(ref)];
  return new SwitchyardError("conflict", `${wanted} cannot be a branch beside ${there}`, {
    next: "Choose a name that is not a directory of the other",
    details: { branch: wanted, existing: there },
  });
}

function tooBusy(plan: Plan, head: Oid | null): SwitchyardError {
  return new SwitchyardError("conflict", `branch ${shortName(plan.ref)} moved faster than the commit could be made`, {
    next: "Call again, or commit to a branch of your own and merge it",
    retryable: true,
    details: { repo: plan.args.repo, branch: shortName(plan.ref), head },
  });
}
