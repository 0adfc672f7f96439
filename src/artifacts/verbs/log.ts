import type { Caller, CallOptions } from "../../core/caller.ts";
import { isoTime } from "../../core/clock.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { formatCursor, parseCursor } from "../cursor.ts";
import { type HistoryEntry, walkHistory } from "../history.ts";
import { defaultNotesRef, metadataNotesRef, readNote } from "../notes.ts";
import type { Oid } from "../objects/object.ts";
import { parseDirectoryPath } from "../path.ts";
import { readCommit } from "../read-object.ts";
import { resolveRevision } from "../revision.ts";
import { requireRead } from "../rights.ts";
import type { Repository } from "../store/repository.ts";
import { defaultRevision } from "./checkout.ts";

export interface LogArgs {
  readonly repo: string;
  readonly ref?: string | undefined;
  /** Only commits that change this file or directory. */
  readonly path?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface LogEntry {
  readonly commit: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** `Name <email>`. */
  readonly author: string;
  /** When it was committed, ISO 8601 in UTC. */
  readonly at: string;
  readonly message: string;
  /** What `artifact.commit` was given as metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What a person wrote with `git notes`. */
  readonly note?: string;
}

export interface LogResult {
  readonly repo: string;
  readonly commits: readonly LogEntry[];
  readonly next_cursor?: string;
}

/** Commits reachable from a revision, newest first. @throws not_found */
export async function log(
  context: ArtifactContext,
  args: LogArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<LogResult> {
  requireRead(caller);
  const path = parseDirectoryPath(args.path);
  const cursor = args.cursor === undefined ? null : parseCursor(args.cursor);
  const skip = cursor === null ? 0 : Number(cursor.after);
  const limit = Math.min(args.limit ?? artifactLimits.logEntriesDefault, artifactLimits.logEntriesMax);
  return context.repositories.use(caller.workspace, args.repo, async (repository) => {
    const tip = await resolveRevision(repository, cursor?.commit ?? args.ref ?? (await defaultRevision(repository)));
    const notes = await openNotes(repository);
    const commits: LogEntry[] = [];
    let walked = 0;
    for await (const entry of walkHistory(repository.objects, tip, path)) {
      throwIfAborted(options.signal);
      const isOver = commits.length >= limit || walked - skip >= artifactLimits.logWalkCommitsMax;
      if (isOver)
        return { repo: args.repo, commits, next_cursor: formatCursor({ commit: tip, after: String(walked) }) };
      walked += 1;
      if (walked > skip && entry.isShown) commits.push(await show(entry, notes));
    }
    return { repo: args.repo, commits };
  });
}

type NotesReader = (oid: Oid) => Promise<Pick<LogEntry, "metadata" | "note">>;

async function openNotes(repository: Repository): Promise<NotesReader> {
  const treeOf = async (ref: string) => {
    const head = await repository.refs.read(ref);
    return head === null ? null : (await readCommit(repository.objects, head)).tree;
  };
  const [ours, theirs] = [await treeOf(metadataNotesRef), await treeOf(defaultNotesRef)];
  return async (oid) => {
    const metadata = ours === null ? null : parseMetadata(await readNote(repository.objects, ours, oid));
    const note = theirs === null ? null : await readNote(repository.objects, theirs, oid);
    return { ...(metadata === null ? {} : { metadata }), ...(note === null ? {} : { note: note.trimEnd() }) };
  };
}

/** The notes can be pushed by anyone who may write: what is not an object of ours is left out. */
function parseMetadata(text: string | null): Readonly<Record<string, unknown>> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

async function show({ oid, commit }: HistoryEntry, notes: NotesReader): Promise<LogEntry> {
  const { author, committer } = commit;
  return {
    commit: oid,
    tree: commit.tree,
    parents: commit.parents,
    author: author.email === "" ? author.name : `${author.name} <${author.email}>`,
    at: isoTime(Math.max(-8.64e15, Math.min(8.64e15, committer.at * 1000))),
    message: commit.message.trimEnd(),
    ...(await notes(oid)),
  };
}
