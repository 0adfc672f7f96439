import type { Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import type { CommitGraph } from "./commit-graph.ts";

const ours = 1;
const theirs = 2;
const stale = 4;

/**
 * The best common ancestors of two commits: those of which none is an ancestor of another, newest first. More than
 * one where histories have crossed, none where they are unrelated.
 */
export async function mergeBases(graph: CommitGraph, a: Oid, b: Oid, pacer: Pacer): Promise<Oid[]> {
  if (a === b) return [a];
  const flags = new Map<Oid, number>();
  const waiting: Oid[] = [];
  const at = (oid: Oid) => graph.get(oid).at;
  const push = (oid: Oid, flag: number) => {
    const before = flags.get(oid) ?? 0;
    if ((before | flag) === before) return;
    flags.set(oid, before | flag);
    let place = waiting.length;
    while (place > 0 && at(waiting[place - 1] ?? oid) > at(oid)) place -= 1;
    waiting.splice(place, 0, oid);
  };
  push(a, ours);
  push(b, theirs);
  const found: Oid[] = [];
  while (waiting.some((oid) => ((flags.get(oid) ?? 0) & stale) === 0)) {
    const pause = pacer.pause();
    if (pause) await pause;
    const oid = waiting.pop() ?? a;
    let flag = flags.get(oid) ?? 0;
    if ((flag & (ours | theirs)) === (ours | theirs)) {
      if ((flag & stale) === 0 && !found.includes(oid)) found.push(oid);
      // What lies behind a common ancestor is common too, and no better.
      flag |= stale;
    }
    for (const parent of graph.get(oid).parents) push(parent, flag);
  }
  const best = found.filter((oid) => ((flags.get(oid) ?? 0) & stale) === 0);
  return withoutAncestors(graph, best, pacer);
}

/** Clocks that are wrong can let an ancestor of another through. */
async function withoutAncestors(graph: CommitGraph, commits: readonly Oid[], pacer: Pacer): Promise<Oid[]> {
  if (commits.length <= 1) return [...commits];
  const kept: Oid[] = [];
  for (const oid of commits) {
    const others = commits.filter((other) => other !== oid);
    if (!(await isAncestorOfAny(graph, oid, others, pacer))) kept.push(oid);
  }
  return kept;
}

async function isAncestorOfAny(graph: CommitGraph, oid: Oid, others: readonly Oid[], pacer: Pacer): Promise<boolean> {
  const seen = new Set<Oid>();
  const stack = others.flatMap((other) => graph.get(other).parents);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next === oid) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    const pause = pacer.pause();
    if (pause) await pause;
    stack.push(...graph.get(next).parents);
  }
  return false;
}
