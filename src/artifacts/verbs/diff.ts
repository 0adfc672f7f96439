import type { Caller, CallOptions } from "../../core/caller.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { formatCursor, parseCursor } from "../cursor.ts";
import { type ByteString, fromByteString } from "../objects/byte-string.ts";
import type { Oid } from "../objects/object.ts";
import { type EntryKind, entryKind } from "../objects/tree.ts";
import { parseDirectoryPath } from "../path.ts";
import { readCommit } from "../read-object.ts";
import { resolveRevision } from "../revision.ts";
import { requireRead } from "../rights.ts";
import type { Repository } from "../store/repository.ts";
import type { Hunk } from "../text/unified-diff.ts";
import { type TreeChange, treeChanges } from "../tree-changes.ts";
import { entryAt } from "../tree-walk.ts";
import { compareFile, type FileComparison, formatFileDiff } from "./diff-file.ts";

export interface DiffArgs {
  readonly repo: string;
  /** The older side: a branch, tag or commit. */
  readonly from: string;
  /** The newer side; HEAD's branch when absent. */
  readonly to?: string | undefined;
  /** Only what is at or under this path. */
  readonly path?: string | undefined;
  /** `unified` text that `git apply` takes (default), counts of lines alone, or hunks as data. */
  readonly format?: "unified" | "stat" | "data" | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface FileDiff {
  readonly path: string;
  readonly change: "added" | "deleted" | "modified";
  readonly type: EntryKind;
  readonly before?: Oid;
  readonly after?: Oid;
  /** Lines added and deleted; absent where the content is binary or too large to compare. */
  readonly added?: number;
  readonly deleted?: number;
  readonly binary?: true;
  readonly hunks?: readonly Hunk[];
}

export interface DiffResult {
  readonly repo: string;
  readonly from: { readonly commit: Oid; readonly tree: Oid };
  readonly to: { readonly commit: Oid; readonly tree: Oid };
  readonly files: readonly FileDiff[];
  readonly diff?: string;
  readonly next_cursor?: string;
}

/**
 * What changed between two commits, file by file. Renames appear as a deletion and an addition. A page ends at
 * `limit` files or when its text reaches its bound.
 * @throws not_found, invalid_request
 */
export async function diff(
  context: ArtifactContext,
  args: DiffArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<DiffResult> {
  requireRead(caller);
  const path = parseDirectoryPath(args.path);
  const cursor = args.cursor === undefined ? null : parseCursor(args.cursor);
  const limit = Math.min(args.limit ?? artifactLimits.diffFilesDefault, artifactLimits.diffFilesMax);
  const format = args.format ?? "unified";
  return context.repositories.use(caller.workspace, args.repo, async (repository) => {
    const from = await sideOf(repository, args.from, path);
    const to = await sideOf(repository, cursor?.commit ?? args.to ?? "HEAD", path);
    const head = { repo: args.repo, from: from.shown, to: to.shown };
    const page = newPage(format);
    let last: string | undefined;
    let isBehind = cursor === null;
    for await (const change of changesAt(repository, from, to, path)) {
      throwIfAborted(options.signal);
      // The two halves of a change of kind have one path and stay on one page.
      if (!isBehind && last === cursor?.after && change.path !== last) isBehind = true;
      if (!isBehind) {
        last = change.path;
        continue;
      }
      if (page.isFull(limit) && last !== undefined && change.path !== last) {
        return { ...head, ...page.content(), next_cursor: formatCursor({ commit: to.shown.commit, after: last }) };
      }
      page.add(change, await compareFile(repository.objects, change, format !== "stat"));
      last = change.path;
    }
    return { ...head, ...page.content() };
  });
}

interface Side {
  readonly shown: { readonly commit: Oid; readonly tree: Oid };
  /** What is at the path: a directory's tree, a file, or nothing. */
  readonly at: Awaited<ReturnType<typeof entryAt>>;
}

async function sideOf(repository: Repository, revision: string, path: readonly ByteString[]): Promise<Side> {
  const commit = await resolveRevision(repository, revision);
  const { tree } = await readCommit(repository.objects, commit);
  return { shown: { commit, tree }, at: await entryAt(repository.objects, tree, path) };
}

async function* changesAt(
  repository: Repository,
  from: Side,
  to: Side,
  path: readonly ByteString[],
): AsyncGenerator<TreeChange> {
  const here = path.join("/") as ByteString;
  const tree = (side: Side) => (side.at?.mode === "40000" ? side.at.oid : null);
  const file = (side: Side) => (side.at !== null && side.at.mode !== "40000" ? side.at : null);
  const [before, after] = [file(from), file(to)];
  if (before?.oid !== after?.oid || before?.mode !== after?.mode) yield { path: here, before, after };
  yield* treeChanges(repository.objects, tree(from), tree(to), here);
}

function newPage(format: "unified" | "stat" | "data") {
  const files: FileDiff[] = [];
  let text = "";
  let bytes = 0;
  return {
    isFull: (limit: number) => files.length >= limit || bytes >= artifactLimits.diffTextBytesMax,
    content: () => (format === "unified" ? { files, diff: text } : { files }),
    add(change: TreeChange, compared: FileComparison) {
      const shown = describe(change, compared);
      if (format === "unified") {
        const part = formatFileDiff(change, compared);
        text += part;
        bytes += Buffer.byteLength(part);
      }
      if (format !== "data") {
        files.push(shown);
        return;
      }
      bytes += compared.hunks.reduce((sum, hunk) => sum + hunk.lines.join("\n").length, 0);
      files.push({ ...shown, hunks: compared.hunks });
    },
  };
}

function describe({ path, before, after }: TreeChange, { added, deleted, isBinary }: FileComparison): FileDiff {
  const entry = after ?? before;
  return {
    path: fromByteString(path),
    change: before === null ? "added" : after === null ? "deleted" : "modified",
    type: entry === null ? "file" : entryKind(entry),
    ...(before === null ? {} : { before: before.oid }),
    ...(after === null ? {} : { after: after.oid }),
    ...(isBinary ? { binary: true as const } : { added, deleted }),
  };
}
