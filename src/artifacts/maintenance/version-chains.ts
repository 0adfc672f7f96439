import type { Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import type { CommitGraph } from "../walk/commit-graph.ts";
import { chooseCommits } from "../walk/commit-range.ts";
import type { ObjectSource } from "../walk/object-source.ts";
import { diffTrees } from "../walk/tree-diff.ts";

/** The next version of an object at its path: what its delta is best made against. */
export type NextVersions = ReadonlyMap<Oid, Oid>;

const noBytes = Buffer.alloc(0);

/**
 * Finds, for trees and files that commits changed, what they became: walking history tells exactly which two objects
 * are versions of one path, where git's own packer has to guess. `isWanted` says whose next version is of use.
 */
export async function findNextVersions(
  source: ObjectSource,
  graph: CommitGraph,
  tips: readonly Oid[],
  isWanted: (oid: Oid) => boolean,
  pacer: Pacer,
): Promise<NextVersions> {
  const next = new Map<Oid, Oid>();
  const none: ReadonlySet<Oid> = new Set();
  const commits = await chooseCommits(graph, { include: tips, exclude: [], cut: none, excludeCut: none }, pacer);
  for (const oid of commits) {
    const { tree, parents } = graph.get(oid);
    const [parent] = parents;
    // Commits that are packed already come with trees that are.
    if (parent === undefined || !isWanted(oid)) continue;
    const pairs: [Oid, Oid][] = [[graph.get(parent).tree, tree]];
    for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
      const [before, after] = pair;
      if (before === after) continue;
      const pause = pacer.pause();
      if (pause) await pause;
      if (!next.has(before) && isWanted(before)) next.set(before, after);
      const [old, now] = [source.read(before), source.read(after)];
      if (old?.type !== "tree" || now?.type !== "tree") continue;
      diffTrees(now.bytes, old.bytes ?? noBytes, (_isTree, at, oldAt) => {
        if (oldAt < 0) return;
        pairs.push([old.bytes.toString("hex", oldAt, oldAt + 20), now.bytes.toString("hex", at, at + 20)]);
      });
    }
  }
  return next;
}
