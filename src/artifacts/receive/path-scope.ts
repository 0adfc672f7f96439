import type { ByteString } from "../objects/byte-string.ts";
import { emptyTreeOid, type Oid } from "../objects/object.ts";
import { isDirectory, parseTree, type TreeEntry } from "../objects/tree.ts";
import type { CommitGraph } from "../walk/commit-graph.ts";
import type { ObjectSource } from "../walk/object-source.ts";

/**
 * The first of some commits that changes anything outside a directory, compared with the parent it is closest to;
 * null when none does. A merge may bring in what the other side changed elsewhere.
 */
export function commitOutside(
  source: ObjectSource,
  graph: CommitGraph,
  commits: readonly Oid[],
  directory: readonly ByteString[],
): Oid | null {
  for (const oid of commits) {
    const { tree, parents } = graph.get(oid);
    const bases = parents.length === 0 ? [emptyTreeOid] : parents.map((parent) => graph.get(parent).tree);
    if (!bases.some((base) => isSameOutside(source, base, tree, directory))) return oid;
  }
  return null;
}

function isSameOutside(source: ObjectSource, a: Oid, b: Oid, directory: readonly ByteString[]): boolean {
  const [name, ...deeper] = directory;
  if (a === b || name === undefined) return true;
  const [left, right] = [entriesOf(source, a), entriesOf(source, b)];
  for (const other of new Set([...left.keys(), ...right.keys()])) {
    const [one, two] = [left.get(other), right.get(other)];
    if (one?.oid === two?.oid && one?.mode === two?.mode) continue;
    if (other !== name) return false;
    if ((one && !isDirectory(one)) || (two && !isDirectory(two))) return false;
    if (!isSameOutside(source, one?.oid ?? emptyTreeOid, two?.oid ?? emptyTreeOid, deeper)) return false;
  }
  return true;
}

function entriesOf(source: ObjectSource, tree: Oid): Map<ByteString, TreeEntry> {
  const object = tree === emptyTreeOid ? null : source.read(tree);
  return new Map(object === null ? [] : parseTree(object.bytes).map((entry) => [entry.name, entry]));
}
