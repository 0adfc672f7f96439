import type { GitObject, Oid } from "../objects/object.ts";
import type { PackFile } from "../pack/pack-file.ts";
import type { PackedObject } from "../pack/pack-set.ts";
import type { LargeObject } from "../store/loose-objects.ts";

/**
 * Objects as walks over many of them read them: without a promise for each, with ids as bytes. What it holds does
 * not change while a walk lasts.
 */
export interface ObjectSource {
  findPacked(oid: Buffer, at: number): PackedObject | null;
  hasLoose(oid: Oid): boolean;
  /** Whether an object is where it was when the walk began: cheap for ids that nobody has. */
  isHere(oid: Oid): boolean;
  /** A loose object that is not to be held whole. */
  largeLoose(oid: Oid): LargeObject | null;
  read(oid: Oid): GitObject | null;
  readPacked(pack: PackFile, position: number): GitObject;
}
