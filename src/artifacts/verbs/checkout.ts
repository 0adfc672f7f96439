import type { Caller, CallOptions } from "../../core/caller.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { formatCursor, parseCursor } from "../cursor.ts";
import { compileGlob } from "../glob.ts";
import { type ByteString, fromByteString } from "../objects/byte-string.ts";
import type { Oid } from "../objects/object.ts";
import { type EntryKind, entryKind, isDirectory, type TreeEntry } from "../objects/tree.ts";
import { parseDirectoryPath } from "../path.ts";
import { readCommit } from "../read-object.ts";
import { resolveRevision } from "../revision.ts";
import { requireRead } from "../rights.ts";
import type { Repository } from "../store/repository.ts";
import { entryAt, type WalkedEntry, walkTree } from "../tree-walk.ts";
import { type LineRange, parseLines, type ShownFile, showFile } from "./file-content.ts";

export interface CheckoutArgs {
  readonly repo: string;
  /** A branch, tag or commit; HEAD's branch when absent. */
  readonly ref?: string | undefined;
  /** A file, whose content is shown, or a directory, whose files are listed. */
  readonly path?: string | undefined;
  /** Files under `path` whose content is shown. */
  readonly glob?: string | undefined;
  /** `10-40`: only these lines of each file shown. */
  readonly lines?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface CheckoutEntry {
  readonly path: string;
  readonly type: EntryKind;
  readonly mode: string;
  /** Absent for a submodule. */
  readonly bytes?: number;
  readonly oid: Oid;
}

export interface CheckoutResult {
  readonly repo: string;
  readonly commit: Oid;
  readonly tree: Oid;
  readonly entries: readonly CheckoutEntry[];
  readonly files: Readonly<Record<string, ShownFile>>;
  readonly next_cursor?: string;
}

/**
 * Reads a tree or files at a commit. A file's path or a glob shows content; a directory, or nothing, lists files.
 * A page ends at `limit` entries or when the content shown reaches its bound, whichever is first.
 * @throws not_found, invalid_request
 */
export async function checkout(
  context: ArtifactContext,
  args: CheckoutArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<CheckoutResult> {
  requireRead(caller);
  const range = args.lines === undefined ? null : parseLines(args.lines);
  const matches = args.glob === undefined ? null : compileGlob(args.glob);
  const components = parseDirectoryPath(args.path);
  const cursor = args.cursor === undefined ? null : parseCursor(args.cursor);
  const limit = Math.min(args.limit ?? artifactLimits.checkoutEntriesDefault, artifactLimits.checkoutEntriesMax);
  return context.repositories.use(caller.workspace, args.repo, async (repository) => {
    const commit = await resolveRevision(repository, cursor?.commit ?? args.ref ?? (await defaultRevision(repository)));
    const { tree } = await readCommit(repository.objects, commit);
    const at = await entryAt(repository.objects, tree, components);
    if (at === null) throw nothingAt(args.path ?? "", commit);

    const page = newPage(repository, range);
    const top = components.join("/") as ByteString;
    if (!isDirectory(at)) {
      await page.add({ path: top, entry: at }, true);
      return { repo: args.repo, commit, tree, ...page.content() };
    }
    const after = cursor === null || cursor.after === "" ? [] : cursor.after.split("/").slice(components.length);
    let walked = 0;
    let last: ByteString | undefined;
    for await (const found of walkTree(repository.objects, at.oid, top, after)) {
      throwIfAborted(options.signal);
      if (page.isFull(limit) || walked++ >= artifactLimits.walkEntriesMax) {
        const next_cursor = formatCursor({ commit, after: last ?? "" });
        return { repo: args.repo, commit, tree, ...page.content(), next_cursor };
      }
      last = found.path;
      const relative = top === "" ? found.path : found.path.slice(top.length + 1);
      if (matches && !matches(fromByteString(relative as ByteString))) continue;
      await page.add(found, matches !== null);
    }
    return { repo: args.repo, commit, tree, ...page.content() };
  });
}

/** HEAD when its branch has a commit, else `main`. */
export async function defaultRevision(repository: Repository): Promise<string> {
  return (await repository.refs.read("HEAD")) === null ? "main" : "HEAD";
}

function newPage(repository: Repository, range: LineRange | null) {
  const entries: CheckoutEntry[] = [];
  const files: [string, ShownFile][] = [];
  let left: number = artifactLimits.checkoutTextBytesMax;
  return {
    isFull: (limit: number) => entries.length >= limit || left <= 0,
    content: () => ({ entries, files: Object.fromEntries(files) }),
    async add({ path, entry }: WalkedEntry, withContent: boolean) {
      const shown = fromByteString(path);
      const bytes = await sizeOf(repository, entry);
      const size = bytes === undefined ? {} : { bytes };
      entries.push({ path: shown, type: entryKind(entry), mode: entry.mode, ...size, oid: entry.oid });
      if (!withContent || bytes === undefined) return;
      const file = bytes > artifactLimits.objectBytesMax ? null : await repository.objects.get(entry.oid);
      const content: ShownFile = file === null ? { truncated: true } : showFile(file.bytes, range, left);
      left -= Buffer.byteLength(content.text ?? content.base64 ?? "");
      if (content.truncated) left = 0;
      files.push([shown, content]);
    },
  };
}

async function sizeOf(repository: Repository, entry: TreeEntry): Promise<number | undefined> {
  if (entry.mode === "160000") return undefined;
  const info = await repository.objects.info(entry.oid);
  if (info) return info.size;
  throw new SwitchyardError("internal", `object ${entry.oid} is missing: the repository is damaged`, {
    next: "Run `git fsck` in the repository and restore it from a clone",
    details: { oid: entry.oid },
  });
}

function nothingAt(path: string, commit: Oid): SwitchyardError {
  return new SwitchyardError("not_found", `there is nothing at ${path} in commit ${commit}`, {
    next: "List what is there by leaving path out",
    details: { path, commit },
  });
}
