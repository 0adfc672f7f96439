import { SwitchyardError } from "../../core/errors.ts";
import type { Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import type { CommitGraph } from "./commit-graph.ts";

/** How much history a client asks for. Depth 1 is the wanted commits alone. */
export type Deepen =
  | { readonly kind: "depth"; readonly depth: number; readonly isRelative: boolean }
  | { readonly kind: "since"; readonly since: number | null; readonly not: readonly Oid[] };

/** What git sends for "all of it" (`--unshallow`). */
export const infiniteDepth = 0x7fffffff;

export interface ShallowBoundary {
  /** Commits whose parents the client is not to have. */
  readonly cut: ReadonlySet<Oid>;
  /** Commits the client had as boundary that are inside now. */
  readonly unshallow: readonly Oid[];
  /** Where the new history begins besides the wanted commits: what lay behind the old boundary. */
  readonly behind: readonly Oid[];
}

/** Where the history of a shallow fetch ends. */
export async function findBoundary(
  graph: CommitGraph,
  wants: readonly Oid[],
  clientShallow: ReadonlySet<Oid>,
  deepen: Deepen | null,
  pacer: Pacer,
): Promise<ShallowBoundary> {
  if (deepen === null) return { cut: clientShallow, unshallow: [], behind: [] };
  const { cut, inside } =
    deepen.kind === "since"
      ? await cutBySelection(graph, wants, deepen, pacer)
      : await cutByDepth(graph, await starts(graph, wants, clientShallow, deepen, pacer), deepen, pacer);
  const isWhole = deepen.kind === "depth" && deepen.depth >= infiniteDepth;
  const unshallow = [...clientShallow].filter((oid) => isWhole || inside.has(oid));
  const behind = unshallow.flatMap((oid) => graph.find(oid)?.parents ?? []);
  // A boundary of the client's that the new depth does not reach stays what it is.
  for (const oid of clientShallow) if (!unshallow.includes(oid)) cut.add(oid);
  return { cut, unshallow, behind };
}

/** A relative depth is counted from the client's boundary, as far as the wanted commits reach it. */
async function starts(
  graph: CommitGraph,
  wants: readonly Oid[],
  clientShallow: ReadonlySet<Oid>,
  deepen: Deepen & { kind: "depth" },
  pacer: Pacer,
): Promise<readonly Oid[]> {
  if (!deepen.isRelative) return wants;
  const reached: Oid[] = [];
  const seen = new Set<Oid>();
  const stack = [...wants];
  for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
    if (seen.has(oid)) continue;
    seen.add(oid);
    const pause = pacer.pause();
    if (pause) await pause;
    if (clientShallow.has(oid)) reached.push(oid);
    stack.push(...(graph.find(oid)?.parents ?? []));
  }
  return reached;
}

async function cutByDepth(
  graph: CommitGraph,
  from: readonly Oid[],
  deepen: Deepen & { kind: "depth" },
  pacer: Pacer,
): Promise<{ cut: Set<Oid>; inside: ReadonlySet<Oid> }> {
  const depth = deepen.isRelative ? deepen.depth + 1 : deepen.depth;
  const cut = new Set<Oid>();
  const inside = new Set<Oid>();
  // Breadth first, so that a commit is met at its least depth.
  let level = new Set(from);
  for (let at = 1; level.size > 0; at++) {
    const next = new Set<Oid>();
    for (const oid of level) {
      const pause = pacer.pause();
      if (pause) await pause;
      const parents = graph.find(oid)?.parents ?? [];
      if (at === depth && depth < infiniteDepth && parents.length > 0) {
        cut.add(oid);
        continue;
      }
      inside.add(oid);
      for (const parent of parents) if (!inside.has(parent) && !cut.has(parent) && !level.has(parent)) next.add(parent);
    }
    level = at === depth ? new Set() : next;
  }
  return { cut, inside };
}

/** History newer than a time, and not reachable from some references. */
async function cutBySelection(
  graph: CommitGraph,
  wants: readonly Oid[],
  deepen: Deepen & { kind: "since" },
  pacer: Pacer,
): Promise<{ cut: Set<Oid>; inside: ReadonlySet<Oid> }> {
  const excluded = await reachable(graph, deepen.not, () => true, pacer);
  const isChosen = (oid: Oid) =>
    !excluded.has(oid) && (deepen.since === null || (graph.find(oid)?.at ?? 0) >= deepen.since);
  const chosen = await reachable(graph, wants.filter(isChosen), isChosen, pacer);
  if (chosen.size === 0) {
    throw new SwitchyardError("invalid_request", "no commits selected for shallow requests", {
      next: "Ask for an earlier time or fewer exclusions",
    });
  }
  const cut = new Set<Oid>();
  for (const oid of chosen) if (graph.find(oid)?.parents.some((parent) => !chosen.has(parent))) cut.add(oid);
  return { cut, inside: new Set([...chosen].filter((oid) => !cut.has(oid))) };
}

async function reachable(
  graph: CommitGraph,
  from: readonly Oid[],
  enter: (oid: Oid) => boolean,
  pacer: Pacer,
): Promise<ReadonlySet<Oid>> {
  const seen = new Set<Oid>();
  const stack = [...from];
  for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
    if (seen.has(oid) || !enter(oid)) continue;
    seen.add(oid);
    const pause = pacer.pause();
    if (pause) await pause;
    stack.push(...(graph.find(oid)?.parents ?? []));
  }
  return seen;
}
