import { type ByteString, joinBytes } from "./objects/byte-string.ts";
import { emptyTreeOid, type Oid } from "./objects/object.ts";
import { isDirectory, type TreeEntry } from "./objects/tree.ts";
import { readTree } from "./read-object.ts";
import type { ObjectStore } from "./store/object-store.ts";

export interface WalkedEntry {
  readonly path: ByteString;
  readonly entry: TreeEntry;
}

/** What is at a path under a tree, or null. No components: the tree itself. */
export async function entryAt(
  objects: ObjectStore,
  tree: Oid,
  components: readonly ByteString[],
): Promise<TreeEntry | null> {
  let entry: TreeEntry = { mode: "40000", name: "" as ByteString, oid: tree };
  for (const name of components) {
    if (!isDirectory(entry)) return null;
    const found = (await readTree(objects, entry.oid)).find((one) => one.name === name);
    if (!found) return null;
    entry = found;
  }
  return entry;
}

/** Every file, link and submodule under a tree, in git's order, those up to and with `after` left out. */
export async function* walkTree(
  objects: ObjectStore,
  tree: Oid,
  path: ByteString,
  after: readonly string[] = [],
): AsyncGenerator<WalkedEntry> {
  if (tree === emptyTreeOid) return;
  const entries = await readTree(objects, tree);
  const [resume, ...deeper] = after;
  const start =
    resume === undefined
      ? 0
      : Math.max(
          0,
          entries.findIndex((entry) => entry.name === resume),
        );
  for (const [i, entry] of entries.entries()) {
    if (i < start) continue;
    const here = joinBytes(path, entry.name);
    const isResumed = resume !== undefined && i === start && entry.name === resume;
    if (isDirectory(entry)) yield* walkTree(objects, entry.oid, here, isResumed ? deeper : []);
    else if (!isResumed) yield { path: here, entry };
  }
}
