import { artifactLimits } from "../core/limits.ts";
import { type ByteString, fromByteString, joinBytes } from "./objects/byte-string.ts";
import { type IdentifiedObject, identify, type Oid } from "./objects/object.ts";
import { entryKind, formatTree, isDirectory, type TreeEntry } from "./objects/tree.ts";
import { readObject, readTree } from "./read-object.ts";
import type { ObjectStore } from "./store/object-store.ts";
import { isBinary, joinLines, splitLines } from "./text/lines.ts";
import { mergeLines } from "./text/merge-lines.ts";

/** A path that two sides changed in ways that do not go together. */
export interface MergeConflict {
  readonly path: string;
  readonly kind: "content" | "both_added" | "deleted_by_us" | "deleted_by_them" | "file_and_directory" | "type";
  /** The file's id on each side; absent where there is no file. */
  readonly base?: Oid;
  readonly ours?: Oid;
  readonly theirs?: Oid;
  /** Text with both versions between markers, where the content is text. */
  readonly text?: string;
}

export interface MergedTree {
  /** With every conflict left as the text with markers, or as our side. */
  readonly tree: Oid;
  readonly objects: readonly IdentifiedObject[];
  readonly conflicts: readonly MergeConflict[];
}

export interface MergeLabels {
  readonly ours: string;
  readonly theirs: string;
}

type Entry = TreeEntry | undefined;

/**
 * Merges two trees whose common origin is known (null: nothing). Renames are not followed: a renamed file is one
 * deleted and one added.
 */
export async function mergeTrees(
  objects: ObjectStore,
  base: Oid | null,
  ours: Oid,
  theirs: Oid,
  labels: MergeLabels,
): Promise<MergedTree> {
  const merge = new TreeMerge(objects, labels);
  const root = await merge.trees(base, ours, theirs, "" as ByteString);
  const tree = root ?? merge.put("tree", Buffer.alloc(0));
  const conflicts = merge.conflicts.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { tree, objects: merge.made, conflicts };
}

class TreeMerge {
  readonly made: IdentifiedObject[] = [];
  readonly conflicts: MergeConflict[] = [];
  readonly #store: ObjectStore;
  readonly #labels: MergeLabels;

  constructor(store: ObjectStore, labels: MergeLabels) {
    this.#store = store;
    this.#labels = labels;
  }

  put(type: "tree" | "blob", bytes: Buffer): Oid {
    const object = identify(type, bytes);
    this.made.push(object);
    return object.oid;
  }

  /** The merged tree's id, or null when nothing is left in it. */
  async trees(base: Oid | null, ours: Oid | null, theirs: Oid | null, path: ByteString): Promise<Oid | null> {
    if (ours === theirs || base === theirs) return ours;
    if (base === ours) return theirs;
    const [b, o, t] = [await this.#entries(base), await this.#entries(ours), await this.#entries(theirs)];
    const merged: TreeEntry[] = [];
    for (const name of new Set([...o.keys(), ...t.keys(), ...b.keys()])) {
      merged.push(...(await this.#entry(b.get(name), o.get(name), t.get(name), joinBytes(path, name))));
    }
    return merged.length === 0 ? null : this.put("tree", formatTree(merged));
  }

  async #entry(base: Entry, ours: Entry, theirs: Entry, path: ByteString): Promise<TreeEntry[]> {
    const kept = (entry: Entry) => (entry === undefined ? [] : [entry]);
    if (isSame(ours, theirs) || isSame(base, theirs)) return kept(ours);
    if (isSame(base, ours)) return kept(theirs);
    const [ourTree, theirTree, baseTree] = [treeOf(ours), treeOf(theirs), treeOf(base)];
    const isDirectoryOrNothing = [ours, theirs].every((entry) => entry === undefined || isDirectory(entry));
    if (isDirectoryOrNothing) {
      const oid = await this.trees(baseTree, ourTree, theirTree, path);
      const name = (ours ?? theirs)?.name;
      return oid === null || name === undefined ? [] : [{ mode: "40000", name, oid }];
    }
    if (ourTree !== null || theirTree !== null) return this.#fileAndDirectory(base, ours, theirs, path);
    if (ours === undefined || theirs === undefined) return this.#deletedByOne(base, ours, theirs, path);
    return this.#bothFiles(base, ours, theirs, path);
  }

  async #bothFiles(base: Entry, ours: TreeEntry, theirs: TreeEntry, path: ByteString): Promise<TreeEntry[]> {
    const origin = base !== undefined && entryKind(base) === entryKind(ours) ? base : undefined;
    if (entryKind(ours) !== "file" || entryKind(theirs) !== "file") {
      this.#conflict({ path, kind: "type", base, ours, theirs });
      return [ours];
    }
    // A side that left the mode alone takes the other's.
    const mode = origin?.mode === ours.mode ? theirs.mode : ours.mode;
    if (ours.oid === theirs.oid || origin?.oid === theirs.oid) return [{ ...ours, mode }];
    if (origin?.oid === ours.oid) return [{ ...theirs, mode }];
    const kind = origin === undefined ? "both_added" : "content";
    const contents = await Promise.all([origin, ours, theirs].map((entry) => this.#text(entry)));
    const [b, o, t] = contents;
    if (!b || !o || !t) {
      this.#conflict({ path, kind, base: origin, ours, theirs });
      return [{ ...ours, mode }];
    }
    const merged = mergeLines(b, o, t, this.#labels);
    const bytes = joinLines(merged.lines);
    if (merged.conflicts > 0) this.#conflict({ path, kind, base: origin, ours, theirs }, bytes);
    return [{ ...ours, mode, oid: this.put("blob", bytes) }];
  }

  /** One side deleted what the other changed. */
  #deletedByOne(base: Entry, ours: Entry, theirs: Entry, path: ByteString): TreeEntry[] {
    const left = ours ?? theirs;
    // The base was a directory whose files are compared elsewhere: here one side only added a file.
    if (base === undefined || isDirectory(base)) return left === undefined ? [] : [left];
    this.#conflict({ path, kind: ours === undefined ? "deleted_by_us" : "deleted_by_them", base, ours, theirs });
    return left === undefined ? [] : [left];
  }

  /** A file on one side stands where the other has a directory. It may go if it is what the other side replaced. */
  async #fileAndDirectory(base: Entry, ours: Entry, theirs: Entry, path: ByteString): Promise<TreeEntry[]> {
    const [file, directory] = treeOf(ours) === null ? [ours, theirs] : [theirs, ours];
    if (directory !== undefined && isSame(file, base)) return [directory];
    const baseTree = treeOf(base);
    if (file !== undefined && baseTree !== null && baseTree === directory?.oid) return [file];
    this.#conflict({ path, kind: "file_and_directory", base, ours, theirs });
    return directory === undefined ? [] : [directory];
  }

  #conflict(
    at: { path: ByteString; kind: MergeConflict["kind"]; base: Entry; ours: Entry; theirs: Entry },
    text?: Buffer,
  ): void {
    const file = (entry: Entry) => (entry === undefined || isDirectory(entry) ? undefined : entry.oid);
    const [base, ours, theirs] = [file(at.base), file(at.ours), file(at.theirs)];
    this.conflicts.push({
      path: fromByteString(at.path),
      kind: at.kind,
      ...(base === undefined ? {} : { base }),
      ...(ours === undefined ? {} : { ours }),
      ...(theirs === undefined ? {} : { theirs }),
      ...(text === undefined ? {} : { text: text.toString("utf8") }),
    });
  }

  /** A file's lines; none for an absent file; null when it is not to be merged by lines. */
  async #text(entry: Entry): Promise<string[] | null> {
    if (entry === undefined) return [];
    const info = await this.#store.info(entry.oid);
    if (info !== null && info.size > artifactLimits.diffFileBytesMax) return null;
    const bytes = await readObject(this.#store, entry.oid, "blob");
    return isBinary(bytes) ? null : splitLines(bytes);
  }

  async #entries(tree: Oid | null): Promise<Map<ByteString, TreeEntry>> {
    if (tree === null) return new Map();
    return new Map((await readTree(this.#store, tree)).map((entry) => [entry.name, entry]));
  }
}

function treeOf(entry: Entry): Oid | null {
  return entry !== undefined && isDirectory(entry) ? entry.oid : null;
}

function isSame(a: Entry, b: Entry): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}
