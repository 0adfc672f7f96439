import { SwitchyardError } from "../core/errors.ts";
import { type Commit, parseCommit } from "./objects/commit.ts";
import { emptyTreeOid, type ObjectType, type Oid } from "./objects/object.ts";
import { parseTree, type TreeEntry } from "./objects/tree.ts";
import type { ObjectStore } from "./store/object-store.ts";

/** Reads an object that must be there and be of a type. @throws internal when the repository is broken. */
export async function readObject(objects: ObjectStore, oid: Oid, type: ObjectType): Promise<Buffer> {
  const object = await objects.get(oid);
  if (object?.type === type) return object.bytes;
  const what = object === null ? "is missing" : `is a ${object.type}, not a ${type}`;
  throw new SwitchyardError("internal", `object ${oid} ${what}: the repository is damaged`, {
    next: "Run `git fsck` in the repository and restore it from a clone",
    details: { oid },
  });
}

export async function readCommit(objects: ObjectStore, oid: Oid): Promise<Commit> {
  return parseCommit(await readObject(objects, oid, "commit"));
}

export async function readTree(objects: ObjectStore, oid: Oid): Promise<TreeEntry[]> {
  return oid === emptyTreeOid ? [] : parseTree(await readObject(objects, oid, "tree"));
}
