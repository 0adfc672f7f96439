import { artifactLimits } from "../core/limits.ts";
import type { IdentifiedObject, Oid } from "./objects/object.ts";
import type { Pacer } from "./pacer.ts";
import type { ObjectStore } from "./store/object-store.ts";
import { overlayObjects } from "./store/overlay-objects.ts";
import { type MergedTree, type MergeLabels, mergeTrees } from "./tree-merge.ts";
import type { CommitGraph } from "./walk/commit-graph.ts";
import { mergeBases } from "./walk/merge-base.ts";

export interface MergedCommits extends MergedTree {
  /** The best common ancestors, none when the histories are unrelated. */
  readonly bases: readonly Oid[];
}

/**
 * Merges the trees of two commits. Where histories have crossed there are several best common ancestors: they are
 * merged first, and what they conflict in stays in their result as text, as git does it. Null when there are none.
 */
export async function mergeCommits(
  objects: ObjectStore,
  graph: CommitGraph,
  ours: Oid,
  theirs: Oid,
  labels: MergeLabels,
  pacer: Pacer,
): Promise<MergedCommits | null> {
  const bases = await mergeBases(graph, ours, theirs, pacer);
  if (bases.length === 0) return null;
  const origin = await originTree(objects, graph, bases, pacer, 0);
  const store = overlayObjects(objects, origin.objects);
  const merged = await mergeTrees(store, origin.tree, graph.get(ours).tree, graph.get(theirs).tree, labels);
  // Parts of a made origin can be in the result.
  return { ...merged, objects: [...origin.objects, ...merged.objects], bases };
}

async function originTree(
  objects: ObjectStore,
  graph: CommitGraph,
  bases: readonly Oid[],
  pacer: Pacer,
  depth: number,
): Promise<{ readonly tree: Oid | null; readonly objects: readonly IdentifiedObject[] }> {
  const [first, ...others] = bases.slice(0, artifactLimits.mergeBasesMax);
  if (first === undefined) return { tree: null, objects: [] };
  let tree = graph.get(first).tree;
  const made: IdentifiedObject[] = [];
  const labels = { ours: "one ancestor", theirs: "another ancestor" };
  for (const other of others) {
    // Ancestors of ancestors that cross again and again are merged over their newest one alone.
    const older = await mergeBases(graph, first, other, pacer);
    const deeper = depth < 4 ? older : older.slice(0, 1);
    const origin = await originTree(objects, graph, deeper, pacer, depth + 1);
    made.push(...origin.objects);
    const store = overlayObjects(objects, made);
    const merged = await mergeTrees(store, origin.tree, tree, graph.get(other).tree, labels);
    made.push(...merged.objects);
    tree = merged.tree;
  }
  return { tree, objects: made };
}
