import type { GitObject, Oid } from "../objects/object.ts";
import type { PackFile } from "../pack/pack-file.ts";
import type { PackedObject } from "../pack/pack-set.ts";
import type { DiskObjects } from "../store/disk-objects.ts";
import type { ObjectSource } from "./object-source.ts";

/**
 * A repository's objects for a walk, with a pack in front of them that is not part of it yet, if one is given.
 * Loose trees and commits are kept for the length of the walk, which comes back to them.
 */
export function openDiskSource(objects: DiskObjects, incoming: PackFile | null = null): ObjectSource {
  const looseRead = new Map<Oid, GitObject>();
  // The list as it is now: an object must be found in one place however long the walk lasts.
  const packs = [...(incoming === null ? [] : [incoming]), ...objects.packs.packs];
  const findPacked = (oid: Buffer, at: number): PackedObject | null => {
    for (const pack of packs) {
      const position = pack.index.findBytes(oid, at);
      if (position >= 0) return { pack, position };
    }
    return null;
  };
  /** Where an object is that was loose and has been packed since. */
  const findLate = (oid: Oid): PackedObject | null => {
    objects.packs.refresh();
    return objects.packs.find(oid);
  };
  const readPacked = (pack: PackFile, position: number) => pack.read(position);
  return {
    findPacked,
    readPacked,
    largeLoose: (oid) => objects.loose.large(oid),
    isHere: (oid) => findPacked(Buffer.from(oid, "hex"), 0) !== null || objects.loose.has(oid),
    hasLoose: (oid) => looseRead.has(oid) || objects.loose.has(oid) || findLate(oid) !== null,
    read(oid) {
      const packed = findPacked(Buffer.from(oid, "hex"), 0);
      if (packed) return readPacked(packed.pack, packed.position);
      const kept = looseRead.get(oid);
      if (kept) return kept;
      const loose = objects.loose.read(oid);
      const late = loose === null ? findLate(oid) : null;
      const object = late === null ? loose : readPacked(late.pack, late.position);
      if (object && object.type !== "blob") looseRead.set(oid, object);
      return object;
    },
  };
}
