import type { Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import type { CommitGraph, CommitNode } from "./commit-graph.ts";

/** Which commits to choose: those reachable from `include` and not from `exclude`. */
export interface RangeRequest {
  readonly include: Iterable<Oid>;
  readonly exclude: Iterable<Oid>;
  /** Commits whose parents the chosen history goes without. */
  readonly cut: ReadonlySet<Oid>;
  /** Commits whose parents the excluded history goes without: what a shallow client has. */
  readonly excludeCut: ReadonlySet<Oid>;
}

interface Waiting {
  readonly oid: Oid;
  readonly node: CommitNode;
}

/**
 * The commits of a range, newest first. Clocks of committers may be wrong: then some that are excluded may be chosen
 * too, never the other way round.
 */
export async function chooseCommits(graph: CommitGraph, range: RangeRequest, pacer: Pacer): Promise<Oid[]> {
  const seen = new Set<Oid>();
  const excluded = new Set<Oid>();
  const queue = newHeap();
  let chosenWaiting = 0;
  const push = (oid: Oid) => {
    const node = graph.find(oid);
    if (node === null) return;
    seen.add(oid);
    queue.push({ oid, node });
    if (!excluded.has(oid)) chosenWaiting += 1;
  };
  const done = new Set<Oid>();
  /** Marks a commit excluded, and what was chosen through it before. */
  const exclude = (first: Oid) => {
    const stack = [first];
    for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
      if (excluded.has(oid)) continue;
      excluded.add(oid);
      if (!seen.has(oid)) push(oid);
      else if (!done.has(oid)) chosenWaiting -= 1;
      else if (!range.excludeCut.has(oid)) stack.push(...(graph.find(oid)?.parents ?? []));
    }
  };

  for (const oid of range.exclude) exclude(oid);
  for (const oid of range.include) if (!seen.has(oid)) push(oid);
  const chosen: Oid[] = [];
  while (chosenWaiting > 0) {
    const next = queue.pop();
    if (next === undefined) break;
    const pause = pacer.pause();
    if (pause) await pause;
    done.add(next.oid);
    if (excluded.has(next.oid)) {
      if (!range.excludeCut.has(next.oid)) next.node.parents.forEach(exclude);
      continue;
    }
    chosenWaiting -= 1;
    chosen.push(next.oid);
    if (range.cut.has(next.oid)) continue;
    for (const parent of next.node.parents) if (!seen.has(parent)) push(parent);
  }
  return chosen.filter((oid) => !excluded.has(oid));
}

/** A heap of commits, the newest on top. */
function newHeap() {
  const items: Waiting[] = [];
  const at = (i: number) => items[i]?.node.at ?? Number.NEGATIVE_INFINITY;
  const swap = (i: number, j: number) => {
    const [a, b] = [items[i], items[j]];
    if (a && b) [items[i], items[j]] = [b, a];
  };
  return {
    push(item: Waiting): void {
      let i = items.push(item) - 1;
      for (let parent = (i - 1) >> 1; i > 0 && at(i) > at(parent); parent = (i - 1) >> 1) {
        swap(i, parent);
        i = parent;
      }
    },
    pop(): Waiting | undefined {
      const top = items[0];
      const last = items.pop();
      if (last === undefined || items.length === 0) return top;
      items[0] = last;
      for (let i = 0; ; ) {
        const left = 2 * i + 1;
        const child = at(left + 1) > at(left) ? left + 1 : left;
        if (at(child) <= at(i)) return top;
        swap(i, child);
        i = child;
      }
    },
  };
}
