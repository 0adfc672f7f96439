import type { Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import type { CommitGraph } from "./commit-graph.ts";

/** Whether each of `from` has one of `to` among its ancestors or is one. */
export async function allReach(
  graph: CommitGraph,
  from: Iterable<Oid>,
  to: ReadonlySet<Oid>,
  pacer: Pacer,
): Promise<boolean> {
  if (to.size === 0) return false;
  let oldest = Number.POSITIVE_INFINITY;
  for (const oid of to) oldest = Math.min(oldest, graph.find(oid)?.at ?? 0);
  const fruitless = new Set<Oid>();
  for (const start of from) {
    if (!(await reaches(graph, start, to, oldest, fruitless, pacer))) return false;
  }
  return true;
}

/** Whether `ancestor` is `descendant` or one of its ancestors. */
export function isAncestor(graph: CommitGraph, ancestor: Oid, descendant: Oid, pacer: Pacer): Promise<boolean> {
  return reaches(graph, descendant, new Set([ancestor]), Number.NEGATIVE_INFINITY, new Set(), pacer);
}

async function reaches(
  graph: CommitGraph,
  start: Oid,
  to: ReadonlySet<Oid>,
  oldest: number,
  seen: Set<Oid>,
  pacer: Pacer,
): Promise<boolean> {
  const stack = [start];
  for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
    if (to.has(oid)) return true;
    if (seen.has(oid)) continue;
    seen.add(oid);
    const pause = pacer.pause();
    if (pause) await pause;
    const node = graph.find(oid);
    if (node === null || node.at < oldest) continue;
    // The first parent last, so that it is followed first.
    for (let i = node.parents.length - 1; i >= 0; i--) stack.push(node.parents[i] ?? "");
  }
  return false;
}
