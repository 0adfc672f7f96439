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
  const findPacked = (oid: Buffer, at: number): PackedObject | null => {
    const position = incoming === null ? -1 : incoming.index.findBytes(oid, at);
    if (incoming !== null && position >= 0) return { pack: incoming, position };
    return objects.packs.findBytes(oid, at);
  };
  const readPacked = (pack: PackFile, position: number) => pack.read(position);
  return {
    findPacked,
    readPacked,
    hasLoose: (oid) => looseRead.has(oid) || objects.loose.has(oid),
    read(oid) {
      const packed = findPacked(Buffer.from(oid, "hex"), 0);
      if (packed) return readPacked(packed.pack, packed.position);
      const kept = looseRead.get(oid);
      if (kept) return kept;
      const object = objects.loose.read(oid);
      if (object && object.type !== "blob") looseRead.set(oid, object);
      return object;
    },
  };
}
