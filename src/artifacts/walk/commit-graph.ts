import { MalformedData } from "../objects/malformed.ts";
import { isOid, type Oid } from "../objects/object.ts";
import type { ObjectSource } from "./object-source.ts";

/** The part of a commit that walks need. */
export interface CommitNode {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** When it was committed, in seconds. */
  readonly at: number;
}

const treeLine = "tree ".length + 41;
const parentLine = "parent ".length + 41;
const committerMark = Buffer.from("\ncommitter ");

/** Reads commits once each, for as long as a walk lasts. */
export class CommitGraph {
  readonly #source: ObjectSource;
  readonly #nodes = new Map<Oid, CommitNode | null>();

  constructor(source: ObjectSource) {
    this.#source = source;
  }

  /** Null when there is no such object or it is no commit. */
  find(oid: Oid): CommitNode | null {
    const known = this.#nodes.get(oid);
    if (known !== undefined) return known;
    const object = this.#source.read(oid);
    const node = object?.type === "commit" ? parseCommitNode(object.bytes) : null;
    this.#nodes.set(oid, node);
    return node;
  }

  /** @throws invalid_request when it is missing. */
  get(oid: Oid): CommitNode {
    const node = this.find(oid);
    if (node === null) throw new MalformedData(`commit ${oid} is missing`);
    return node;
  }
}

/** Git writes tree, parents, author and committer in this order, always, so the lines are at known places. */
export function parseCommitNode(bytes: Buffer): CommitNode {
  const tree = bytes.toString("latin1", 5, 45);
  if (!isOid(tree)) throw new MalformedData("a commit names no tree");
  const parents: Oid[] = [];
  let at = treeLine;
  while (bytes[at] === 0x70 && bytes.toString("latin1", at, at + 7) === "parent ") {
    parents.push(bytes.toString("latin1", at + 7, at + 47));
    at += parentLine;
  }
  const committer = bytes.indexOf(committerMark, at - 1);
  const end = committer < 0 ? -1 : bytes.indexOf(10, committer + 1);
  const line = end < 0 ? "" : bytes.toString("latin1", committer + 1, end);
  const seconds = Number(line.slice(line.lastIndexOf(">") + 2).split(" ")[0]);
  return { tree, parents, at: Number.isFinite(seconds) ? seconds : 0 };
}
