import type { ByteString } from "../objects/byte-string.ts";
import { emptyTreeOid, type Oid } from "../objects/object.ts";
import { isDirectory, parseTree, type TreeEntry } from "../objects/tree.ts";
import type { Pacer } from "../pacer.ts";
import type { CommitGraph } from "../walk/commit-graph.ts";
import { mergeBases } from "../walk/merge-base.ts";
import type { ObjectSource } from "../walk/object-source.ts";

/** Trees of a commit and of what it was made from; all of one parent are the same three times. */
interface Sides {
  readonly base: Oid;
  readonly ours: Oid;
  readonly theirs: Oid;
  readonly made: Oid;
}

/**
 * The first of some commits that changes anything outside a directory; null when none does. A merge may bring in what
 * the other side changed elsewhere, but neither undo it nor choose between two changes.
 */
export async function commitOutside(
  source: ObjectSource,
  graph: CommitGraph,
  commits: readonly Oid[],
  directory: readonly ByteString[],
  pacer: Pacer,
): Promise<Oid | null> {
  for (const oid of commits) {
    const { tree: made, parents } = graph.get(oid);
    const [ours = emptyTreeOid, theirs = ours, ...more] = parents.map((parent) => graph.get(parent).tree);
    const bases = parents.length === 2 ? await basesOf(graph, parents, pacer) : [ours];
    const isWithin = bases.some((base) => isMergedOutside(source, { base, ours, theirs, made }, directory));
    if (more.length > 0 || !isWithin) return oid;
    await pacer.pause();
  }
  return null;
}

async function basesOf(graph: CommitGraph, [a = "", b = ""]: readonly Oid[], pacer: Pacer): Promise<Oid[]> {
  const bases = await mergeBases(graph, a, b, pacer);
  return bases.length === 0 ? [emptyTreeOid] : bases.map((base) => graph.get(base).tree);
}

/** Whether a tree is, outside a directory, what merging two others without any choice makes. Null: all of it is outside. */
function isMergedOutside(source: ObjectSource, sides: Sides, directory: readonly ByteString[] | null): boolean {
  if (directory?.length === 0) return true;
  const [name, ...deeper] = directory ?? [];
  const base = entriesOf(source, sides.base);
  const ours = sides.ours === sides.base ? base : entriesOf(source, sides.ours);
  const theirs = sides.theirs === sides.ours ? ours : entriesOf(source, sides.theirs);
  const made = entriesOf(source, sides.made);
  for (const each of new Set([...base.keys(), ...ours.keys(), ...theirs.keys(), ...made.keys()])) {
    const [o, a, b, m] = [base.get(each), ours.get(each), theirs.get(each), made.get(each)];
    if (isMergeOf(o, a, b, m)) continue;
    // What is left are changes inside a directory that all have: the one that may be changed, or one both sides changed.
    const isInside = each === name;
    const isOpen = isInside || !(isSame(a, b) || isSame(o, a) || isSame(o, b));
    if (!isOpen || [o, a, b, m].some((entry) => entry !== undefined && !isDirectory(entry))) return false;
    const at = (entry: TreeEntry | undefined) => entry?.oid ?? emptyTreeOid;
    const below = { base: at(o), ours: at(a), theirs: at(b), made: at(m) };
    if (!isMergedOutside(source, below, isInside ? deeper : null)) return false;
  }
  return true;
}

function isMergeOf(
  base: TreeEntry | undefined,
  ours: TreeEntry | undefined,
  theirs: TreeEntry | undefined,
  made: TreeEntry | undefined,
): boolean {
  if (isSame(made, ours)) return isSame(ours, theirs) || isSame(base, theirs);
  return isSame(made, theirs) && isSame(base, ours);
}

function isSame(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function entriesOf(source: ObjectSource, tree: Oid): Map<ByteString, TreeEntry> {
  const object = tree === emptyTreeOid ? null : source.read(tree);
  return new Map(object === null ? [] : parseTree(object.bytes).map((entry) => [entry.name, entry]));
}
