import { SwitchyardError } from "../core/errors.ts";
import { artifactLimits } from "../core/limits.ts";
import { type ByteString, fromByteString, joinBytes } from "./objects/byte-string.ts";
import { type IdentifiedObject, identify, type Oid } from "./objects/object.ts";
import { entryKind, formatTree, isDirectory, type TreeEntry, type TreeMode } from "./objects/tree.ts";
import { badPath, collisionKey } from "./path.ts";
import { readTree } from "./read-object.ts";
import type { ObjectStore } from "./store/object-store.ts";

/** What becomes of a path: new content, or nothing (null). Without a mode a file keeps the one it has. */
export type PathEdit = { readonly oid: Oid; readonly mode?: TreeMode } | null;

/** Edits by path, as a tree of directories. */
export interface EditNode {
  edit: PathEdit | undefined;
  readonly children: Map<ByteString, EditNode>;
}

export interface EditedTree {
  readonly tree: Oid;
  /** New tree objects. */
  readonly objects: readonly IdentifiedObject[];
  /** Paths whose content, mode or existence is another than before. */
  readonly changed: readonly string[];
}

export function newEditNode(): EditNode {
  return { edit: undefined, children: new Map() };
}

/** Adds an edit. @throws invalid_request when the path was given twice or is too deep. */
export function addEdit(root: EditNode, path: string, components: readonly ByteString[], edit: PathEdit): void {
  if (components.length > artifactLimits.directoryDepthMax) {
    throw badPath(path, `is deeper than ${artifactLimits.directoryDepthMax} directories`);
  }
  let node = root;
  for (const component of components) {
    let child = node.children.get(component);
    if (child === undefined) {
      child = newEditNode();
      node.children.set(component, child);
    }
    node = child;
  }
  if (node.edit !== undefined) throw badPath(path, "is given twice");
  node.edit = edit;
}

/**
 * Applies edits to a tree (null: to nothing). Nothing is written; the new trees are in the answer.
 * @throws not_found for a deleted path that is not there; invalid_request where a file and a directory, or two names
 * that some file systems take for one, would be in the same place.
 */
export async function editTree(objects: ObjectStore, base: Oid | null, edits: EditNode): Promise<EditedTree> {
  const made: IdentifiedObject[] = [];
  const changed: string[] = [];

  const apply = async (tree: Oid | null, node: EditNode, path: ByteString): Promise<Oid | null> => {
    const before = tree === null ? [] : await readTree(objects, tree);
    const entries = new Map(before.map((entry) => [entry.name, entry]));
    const added: ByteString[] = [];
    for (const [name, child] of node.children) {
      const here = joinBytes(path, name);
      const old = entries.get(name);
      const kept = child.edit === undefined ? old : editEntry(entries, name, here, child.edit);
      if (child.edit !== undefined && !sameEntry(old, kept)) changed.push(fromByteString(here));
      if (child.children.size > 0) {
        if (kept !== undefined && !isDirectory(kept)) throw inTheWay(here, kept);
        const oid = await apply(kept?.oid ?? null, child, here);
        if (oid === null) entries.delete(name);
        else entries.set(name, { name, mode: "40000", oid });
      }
      if (old === undefined && entries.has(name)) added.push(name);
    }
    if (added.length > 0) refuseCollisions(entries, added, path);
    const after = [...entries.values()];
    if (after.length === before.length && before.every((entry) => entries.get(entry.name) === entry)) return tree;
    if (after.length === 0 && path !== "") return null;
    const object = identify("tree", formatTree(after));
    if (object.oid !== tree) made.push(object);
    return object.oid;
  };

  const root = await apply(base, edits, "" as ByteString);
  if (root !== null) return { tree: root, objects: made, changed };
  const empty = identify("tree", Buffer.alloc(0));
  return { tree: empty.oid, objects: [...made, empty], changed };
}

/** Puts or deletes one entry; answers what is there afterwards. */
function editEntry(
  entries: Map<ByteString, TreeEntry>,
  name: ByteString,
  path: ByteString,
  edit: PathEdit,
): TreeEntry | undefined {
  const old = entries.get(name);
  if (edit === null) {
    if (!entries.delete(name)) throw nothingThere(path);
    return undefined;
  }
  if (old !== undefined && (isDirectory(old) || old.mode === "160000")) throw inTheWay(path, old);
  const keptMode = old?.mode === "100755" ? old.mode : "100644";
  const entry = { name, oid: edit.oid, mode: edit.mode ?? keptMode };
  // The same entry stays the same object, so that an unchanged directory is recognised.
  if (old !== undefined && sameEntry(old, entry)) return old;
  entries.set(name, entry);
  return entry;
}

function sameEntry(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function refuseCollisions(entries: ReadonlyMap<ByteString, TreeEntry>, added: ByteString[], path: ByteString): void {
  const addedKeys = new Map(added.map((name) => [collisionKey(name), name]));
  for (const name of entries.keys()) {
    const other = addedKeys.get(collisionKey(name));
    if (other === undefined || other === name) continue;
    const [here, there] = [fromByteString(joinBytes(path, other)), fromByteString(joinBytes(path, name))];
    throw new SwitchyardError("invalid_request", `${here} and ${there} are one name on some file systems`, {
      next: `Use ${there} as it is spelled, or delete it in the same commit`,
      details: { path: here, existing: there },
    });
  }
}

function nothingThere(path: ByteString): SwitchyardError {
  const shown = fromByteString(path);
  return new SwitchyardError("not_found", `there is no file ${shown} to delete`, {
    next: "Leave the path out, or see artifact.checkout for what is there",
    details: { path: shown },
  });
}

function inTheWay(path: ByteString, entry: TreeEntry): SwitchyardError {
  const shown = fromByteString(path);
  return new SwitchyardError("invalid_request", `${shown} is a ${entryKind(entry)}`, {
    next: `Delete ${shown} in the same commit by giving it as null, or choose another path`,
    details: { path: shown, type: entryKind(entry) },
  });
}
