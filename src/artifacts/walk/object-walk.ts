import { artifactLimits } from "../../core/limits.ts";
import { MalformedData } from "../objects/malformed.ts";
import { emptyTreeOid, type GitObject, type Oid } from "../objects/object.ts";
import { parseTag } from "../objects/tag.ts";
import type { Pacer } from "../pacer.ts";
import type { CommitGraph } from "./commit-graph.ts";
import type { ObjectFilter } from "./object-filter.ts";
import type { ObjectSource } from "./object-source.ts";
import type { Selection } from "./selection.ts";
import { diffTrees } from "./tree-diff.ts";

const noBytes = Buffer.alloc(0);

interface WaitingTree {
  readonly oid: Buffer;
  /** A tree whose objects the receiver has or gets anyway. */
  readonly base: Buffer | null;
  readonly depth: number;
}

/**
 * Selects what a set of commits is made of. A commit's tree is compared with its first parent's, whose objects are
 * selected already or known to the receiver, so that only what changed is looked at.
 */
export class ObjectWalk {
  readonly #source: ObjectSource;
  readonly #selection: Selection;
  readonly #graph: CommitGraph;
  readonly #filter: ObjectFilter;
  readonly #pacer: Pacer;
  /** At which depth a tree was looked at: a filter by depth may let more of it in elsewhere. */
  readonly #depths = new Map<string, number>();

  constructor(source: ObjectSource, selection: Selection, graph: CommitGraph, filter: ObjectFilter, pacer: Pacer) {
    this.#source = source;
    this.#selection = selection;
    this.#graph = graph;
    this.#filter = filter;
    this.#pacer = pacer;
  }

  /**
   * Selects commits and what they are made of. First parents that are not among them are complete where the pack
   * goes. `cut` has those whose parents are not: behind a shallow boundary there is nothing to compare with.
   * @throws invalid_request when an object is missing.
   */
  async addCommits(commits: readonly Oid[], cut: ReadonlySet<Oid>): Promise<void> {
    const waiting = new Set(commits);
    const parentOf = (oid: Oid) => (cut.has(oid) ? null : (this.#graph.get(oid).parents[0] ?? null));
    // A parent before its child, always: a tree is left out where its parent's is the same, so that one must be
    // whole by then. Two trees that follow each other by turns would otherwise each rely on the other.
    for (const first of commits) {
      const line: Oid[] = [];
      for (let oid: Oid | null = first; oid !== null && waiting.delete(oid); oid = parentOf(oid)) line.push(oid);
      for (const oid of line.reverse()) await this.#addCommit(oid, parentOf(oid));
    }
  }

  async #addCommit(oid: Oid, parent: Oid | null): Promise<void> {
    if (this.#selection.addOid(oid) === "missing") throw missing("commit", oid);
    if (this.#filter.treeDepth === 0) return;
    const base = parent === null ? null : (this.#graph.find(parent)?.tree ?? null);
    const { tree } = this.#graph.get(oid);
    if (tree === base) return;
    await this.#addTrees({
      oid: Buffer.from(tree, "hex"),
      base: base === null ? null : Buffer.from(base, "hex"),
      depth: 0,
    });
  }

  /** Selects an object that was asked for by its id, and what it contains; a tag's commit is answered, not selected. */
  async addWanted(oid: Oid): Promise<Oid | null> {
    let at = oid;
    for (;;) {
      const object = this.#source.read(at);
      if (object === null) throw missing("object", at);
      if (object.type === "commit") return at;
      if (object.type === "tree") {
        await this.#addTrees({ oid: Buffer.from(at, "hex"), base: null, depth: 0 }, true);
        return null;
      }
      this.#selection.addOid(at);
      if (object.type === "blob") return null;
      at = parseTag(object.bytes).object;
    }
  }

  async #addTrees(first: WaitingTree, isWanted = false): Promise<void> {
    const waiting = [first];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const pause = this.#pacer.pause();
      if (pause) await pause;
      const bytes = this.#enterTree(next, isWanted && next === first);
      if (bytes === null) continue;
      const old = next.base === null ? noBytes : (this.#readTree(next.base) ?? noBytes);
      const depth = next.depth + 1;
      if (depth > artifactLimits.treeDepthMax) throw new MalformedData("directories are too deep");
      if (depth >= this.#filter.treeDepth) continue;
      diffTrees(bytes, old, (isTree, at, oldAt) => {
        if (isTree) {
          const base = oldAt < 0 ? null : Buffer.from(old.subarray(oldAt, oldAt + 20));
          waiting.push({ oid: Buffer.from(bytes.subarray(at, at + 20)), base, depth });
        } else {
          this.#addBlob(bytes, at);
        }
      });
    }
  }

  /** The tree's bytes when it has to be looked into, null when that was done. */
  #enterTree(next: WaitingTree, isWanted: boolean): Buffer | null {
    if (next.depth >= this.#filter.treeDepth && !isWanted) return null;
    const added = this.#selection.add(next.oid, 0);
    const oid = next.oid.toString("hex");
    if (added === "missing") {
      if (oid === emptyTreeOid) return null;
      throw missing("tree", oid);
    }
    if (Number.isFinite(this.#filter.treeDepth)) {
      if (next.depth >= (this.#depths.get(oid) ?? Infinity)) return null;
      this.#depths.set(oid, next.depth);
    } else if (added === "known") {
      return null;
    }
    return this.#readTree(next.oid) ?? noBytes;
  }

  #addBlob(bytes: Buffer, at: number): void {
    if (this.#filter.blobBytesMin === 0) return;
    if (this.#filter.blobBytesMin !== Infinity && this.#blobSize(bytes, at) >= this.#filter.blobBytesMin) return;
    if (this.#selection.add(bytes, at) === "missing") throw missing("blob", bytes.toString("hex", at, at + 20));
  }

  #blobSize(bytes: Buffer, at: number): number {
    const packed = this.#source.findPacked(bytes, at);
    if (packed) return packed.pack.info(packed.position).size;
    return this.#source.read(bytes.toString("hex", at, at + 20))?.bytes.length ?? 0;
  }

  #readTree(oid: Buffer): Buffer | null {
    const packed = this.#source.findPacked(oid, 0);
    const object: GitObject | null = packed
      ? this.#source.readPacked(packed.pack, packed.position)
      : this.#source.read(oid.toString("hex"));
    if (object !== null && object.type !== "tree") throw new MalformedData(`${oid.toString("hex")} is not a tree`);
    return object?.bytes ?? null;
  }
}

function missing(what: string, oid: Oid): MalformedData {
  return new MalformedData(`${what} ${oid} is missing`);
}
