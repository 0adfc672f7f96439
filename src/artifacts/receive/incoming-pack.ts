import { checkObject } from "../objects/fsck.ts";
import { gitmodulesProblem } from "../objects/gitmodules.ts";
import { MalformedData } from "../objects/malformed.ts";
import type { Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import { newPackCaches, PackFile } from "../pack/pack-file.ts";
import { formatPackIndex } from "../pack/pack-index.ts";
import { PackIndexer } from "../pack/pack-indexer.ts";
import type { DiskObjects } from "../store/disk-objects.ts";
import type { ObjectSource } from "../walk/object-source.ts";
import type { ByteSource } from "../wire/byte-source.ts";
import type { Quarantine } from "./quarantine.ts";

export interface LargestBlob {
  readonly oid: Oid;
  readonly size: number;
}

/** A received pack whose objects are each sound; whether they are complete is not known yet. */
export interface IncomingPack {
  readonly pack: PackFile;
  readonly checksum: Buffer;
  /** What it takes on the disk, with its index. */
  readonly bytes: number;
  readonly largestBlob: LargestBlob;
  /** Blobs that some tree names `.gitmodules`. */
  readonly gitmodules: ReadonlySet<Oid>;
}

/**
 * Receives a pack into quarantine, indexes it and checks every object's content. Null when the body brings none:
 * a push may name only objects that are there.
 * @param existing the repository's objects, of which none may come again with other content.
 * @throws invalid_request, too_large
 */
export async function readIncomingPack(
  existing: DiskObjects,
  quarantine: Quarantine,
  body: ByteSource,
  bytesMax: number,
  pacer: Pacer,
): Promise<IncomingPack | null> {
  const received = await quarantine.receive(body, bytesMax);
  if (received === 0) return null;
  const gitmodules = new Set<Oid>();
  let largestBlob: LargestBlob = { oid: "", size: 0 };
  const indexer = new PackIndexer(
    `${quarantine.base}.pack`,
    (type, oid, bytes, size) => {
      if (type === "blob" && size > largestBlob.size) largestBlob = { oid, size };
      if (bytes === null) return;
      refuseCollision(existing, oid, bytes);
      const checked = checkObject(type, bytes);
      if (checked.problem !== null) throw new MalformedData(`object ${oid}: ${checked.problem}`);
      for (const blob of checked.gitmodules) gitmodules.add(blob);
    },
    pacer,
  );
  const { entries, checksum } = await indexer.index();
  if (entries.length === 0) return null;
  const index = formatPackIndex(entries, checksum);
  await quarantine.writeIndex(index);
  const pack = new PackFile(quarantine.base, newPackCaches());
  for (const [offset, object] of indexer.recent()) pack.remember(offset, object);
  return { pack, checksum, bytes: received + index.length, largestBlob, gitmodules };
}

/** SHA-1 can be made to collide: what is there stays what it is. */
function refuseCollision(existing: DiskObjects, oid: Oid, bytes: Buffer): void {
  if (!existing.hasNow(oid)) return;
  const there = existing.read(oid);
  if (there !== null && !there.bytes.equals(bytes)) {
    throw new MalformedData(`object ${oid} is here with other content: its id was made to collide`);
  }
}

/** @throws invalid_request when one of the blobs would make a clone with submodules do harm. */
export function checkGitmodules(source: ObjectSource, blobs: ReadonlySet<Oid>): void {
  for (const oid of blobs) {
    const object = source.read(oid);
    const problem = object?.type === "blob" ? gitmodulesProblem(object.bytes) : "it is no file";
    if (problem !== null) throw new MalformedData(`.gitmodules ${oid}: ${problem}`);
  }
}
