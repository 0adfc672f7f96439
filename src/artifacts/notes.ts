import type { ByteString } from "./objects/byte-string.ts";
import { formatCommit } from "./objects/commit.ts";
import { type IdentifiedObject, identify, type Oid } from "./objects/object.ts";
import type { Person } from "./objects/person.ts";
import { isDirectory } from "./objects/tree.ts";
import { readCommit, readObject, readTree } from "./read-object.ts";
import type { ObjectStore } from "./store/object-store.ts";
import { addEdit, editTree, newEditNode } from "./tree-edit.ts";

/** Where commits' metadata is kept: `git log --notes=switchyard` shows it. */
export const metadataNotesRef = "refs/notes/switchyard";
/** Where `git notes` keeps people's own. */
export const defaultNotesRef = "refs/notes/commits";

/** The objects that put a note on an object, the last being the notes' new commit. */
export async function addNote(
  objects: ObjectStore,
  notesHead: Oid | null,
  target: Oid,
  text: string,
  by: Person,
): Promise<{ readonly commit: Oid; readonly objects: readonly IdentifiedObject[] }> {
  const blob = identify("blob", Buffer.from(text, "utf8"));
  const base = notesHead === null ? null : (await readCommit(objects, notesHead)).tree;
  // Always one level of directories: git reads any depth, and a flat tree would be rewritten whole for every note.
  const path = [target.slice(0, 2) as ByteString, target.slice(2) as ByteString];
  const edits = newEditNode();
  addEdit(edits, target, path, { oid: blob.oid });
  const edited = await editTree(objects, base, edits);
  const parents = notesHead === null ? [] : [notesHead];
  const message = "Notes added by Switchyard\n";
  const commit = identify("commit", formatCommit({ tree: edited.tree, parents, author: by, committer: by, message }));
  return { commit: commit.oid, objects: [blob, ...edited.objects, commit] };
}

/** The note on an object in the notes' tree, at whatever depth git put it; null when there is none. */
export async function readNote(objects: ObjectStore, notesTree: Oid, target: Oid): Promise<string | null> {
  let tree = notesTree;
  let rest = target;
  while (rest.length > 0) {
    const entries = await readTree(objects, tree);
    const leaf = entries.find((entry) => entry.name === rest && !isDirectory(entry));
    if (leaf) return (await readObject(objects, leaf.oid, "blob")).toString("utf8");
    const folder = entries.find((entry) => entry.name === rest.slice(0, 2) && isDirectory(entry));
    if (!folder) return null;
    tree = folder.oid;
    rest = rest.slice(2);
  }
  return null;
}
