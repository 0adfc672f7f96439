import { type ByteString, joinBytes } from "./objects/byte-string.ts";
import type { Oid } from "./objects/object.ts";
import { entryKind, isDirectory, type TreeEntry } from "./objects/tree.ts";
import { readTree } from "./read-object.ts";
import type { ObjectStore } from "./store/object-store.ts";

/** A file, link or submodule that differs between two trees; absent on one side when it was added or deleted. */
export interface TreeChange {
  readonly path: ByteString;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/** Every difference between two trees (null: nothing), in git's order of paths. Equal directories are not entered. */
export async function* treeChanges(
  objects: ObjectStore,
  before: Oid | null,
  after: Oid | null,
  path = "" as ByteString,
): AsyncGenerator<TreeChange> {
  if (before === after) return;
  const old = before === null ? [] : await readTree(objects, before);
  const now = after === null ? [] : await readTree(objects, after);
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]];
    const order = left === undefined ? 1 : right === undefined ? -1 : compareNames(left, right);
    const [one, two] = [order <= 0 ? left : undefined, order >= 0 ? right : undefined];
    if (one) i += 1;
    if (two) j += 1;
    if (one?.oid === two?.oid && one?.mode === two?.mode) continue;
    const here = joinBytes(path, (one ?? two)?.name ?? ("" as ByteString));
    const file = (entry: TreeEntry | undefined) => (entry && !isDirectory(entry) ? entry : null);
    const tree = (entry: TreeEntry | undefined) => (entry && isDirectory(entry) ? entry.oid : null);
    const [before, after] = [file(one), file(two)];
    if (before && after && entryKind(before) !== entryKind(after)) {
      // A file that becomes a link is, to git, one thing gone and another come.
      yield { path: here, before, after: null };
      yield { path: here, before: null, after };
    } else if (before || after) {
      yield { path: here, before, after };
    }
    if (tree(one) !== null || tree(two) !== null) yield* treeChanges(objects, tree(one), tree(two), here);
  }
}

/** Git's order, but a file and a directory of one name meet when they would follow each other. */
function compareNames(a: TreeEntry, b: TreeEntry): number {
  const left = isDirectory(a) ? `${a.name}/` : a.name;
  const right = isDirectory(b) ? `${b.name}/` : b.name;
  return left < right ? -1 : left > right ? 1 : 0;
}
