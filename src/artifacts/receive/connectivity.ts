import { MalformedData } from "../objects/malformed.ts";
import type { Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import type { CommitGraph } from "../walk/commit-graph.ts";
import { chooseCommits } from "../walk/commit-range.ts";
import { everything } from "../walk/object-filter.ts";
import type { ObjectSource } from "../walk/object-source.ts";
import { ObjectWalk } from "../walk/object-walk.ts";
import { Selection } from "../walk/selection.ts";

export interface Connected {
  /** The commits that are new, newest first. */
  readonly commits: readonly Oid[];
  /** Every object that was not proven to be there before. */
  readonly selection: Selection;
}

/**
 * Proves that everything reachable from `tips` is there, given that everything reachable from `known` is.
 * @throws invalid_request naming what is missing.
 */
export async function proveConnected(
  source: ObjectSource,
  graph: CommitGraph,
  tips: readonly Oid[],
  known: readonly Oid[],
  pacer: Pacer,
): Promise<Connected> {
  const selection = new Selection(source);
  const walk = new ObjectWalk(source, selection, graph, everything, pacer);
  const include = new Set<Oid>();
  for (const tip of tips) {
    const commit = await walk.addWanted(tip);
    if (commit !== null) include.add(commit);
  }
  const uncut: ReadonlySet<Oid> = new Set();
  const range = { include, exclude: known, cut: uncut, excludeCut: uncut };
  const commits = await chooseCommits(graph, range, pacer);
  for (const oid of commits) {
    const { parents } = graph.get(oid);
    for (const parent of parents) {
      if (graph.find(parent) === null) throw new MalformedData(`commit ${oid} has a parent ${parent} that is missing`);
    }
  }
  await walk.addCommits(commits, uncut);
  return { commits, selection };
}
