import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Rng } from "../../core/clock.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { GitObject, Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import type { PackFile } from "../pack/pack-file.ts";
import { PackWriter } from "../pack/pack-writer.ts";
import { syncDirectory, unlinkQuietly } from "../store/durable-file.ts";
import type { Repository } from "../store/repository.ts";
import { sweepTemporary } from "../store/sweep.ts";
import { CommitGraph } from "../walk/commit-graph.ts";
import { openDiskSource } from "../walk/disk-source.ts";
import { findNextVersions, type NextVersions } from "./version-chains.ts";
import { writeHeadBitmap } from "./write-bitmap.ts";

export interface Consolidated {
  readonly objects: number;
  /** Packs and loose objects that are in the new pack now and gone themselves. */
  readonly packs: number;
  readonly loose: number;
}

/**
 * Puts loose objects and small packs into one new pack, and removes them when that is durable. Nothing is dropped,
 * reachable or not, so it is safe beside any reader and writer. Versions of one path become deltas of one another.
 * Null when there is nothing to gain.
 */
export async function consolidate(
  repository: Repository,
  parts: { readonly clock: Clock; readonly rng: Rng },
  pacer: Pacer,
): Promise<Consolidated | null> {
  const { objects } = repository;
  sweepTemporary(join(objects.directory, "pack"), ["tmp_pack_", "tmp_idx_"], parts.clock.now());
  sweepTemporary(repository.privateDirectory, ["lock-", "ref-", "bitmap-", "making-"], parts.clock.now());
  objects.packs.refresh();
  // What is too large to be held stays as it is.
  const loose = objects.loose.list().filter((oid) => objects.loose.large(oid) === null);
  const packs = packsToMerge(objects.packs.packs, loose.length);
  if (packs.length + (loose.length > 0 ? 1 : 0) < 2 && loose.length < 2) return null;
  const wanted = new Map<Oid, PackFile | null>();
  for (const oid of loose) wanted.set(oid, null);
  for (const pack of packs) {
    for (let position = 0; position < pack.index.count; position++) wanted.set(pack.index.oidAt(position), pack);
  }
  const source = openDiskSource(objects);
  const graph = new CommitGraph(source);
  const tips = (await repository.refs.list("refs/")).map((ref) => ref.oid).filter((oid) => graph.find(oid) !== null);
  const next = await findNextVersions(source, graph, tips, (oid) => wanted.get(oid) === null, pacer);
  const packDirectory = join(objects.directory, "pack");
  const writer = new PackWriter(packDirectory, wanted.size, parts.rng);
  try {
    const writing = new Consolidation(writer, wanted, next, (oid) => source.read(oid));
    for (const oid of wanted.keys()) {
      writing.write(oid);
      await pacer.pause();
    }
    await writer.finish();
  } catch (error) {
    writer.abandon();
    throw error;
  }
  objects.packs.refresh();
  // A shortcut of git's over packs that are about to go.
  unlinkQuietly(join(packDirectory, "multi-pack-index"));
  for (const pack of packs) removePack(pack.path);
  for (const oid of loose) objects.loose.remove(oid);
  await syncDirectory(packDirectory);
  objects.packs.refresh();
  await writeHeadBitmap(repository, pacer);
  return { objects: wanted.size, packs: packs.length, loose: loose.length };
}

/** Each pack that is left is at least twice as large as all that is smaller, so that no object is copied often. */
function packsToMerge(packs: readonly PackFile[], looseObjects: number): PackFile[] {
  const free = packs.filter((pack) => !existsSync(`${pack.path}.keep`) && !existsSync(`${pack.path}.promisor`));
  const bySize = free.sort((a, b) => a.index.count - b.index.count);
  let chosen = 0;
  let objects = looseObjects;
  bySize.forEach((pack, i) => {
    if (pack.index.count < 2 * objects) chosen = i + 1;
    objects += pack.index.count;
  });
  return bySize.slice(0, chosen);
}

function removePack(path: string): void {
  // Without its index a pack is not seen, so that goes first.
  for (const ending of [".idx", ".bitmap", ".rev", ".pack"]) unlinkQuietly(path + ending);
}

/** Writes objects, each after the one its delta is made against. */
class Consolidation {
  readonly #writer: PackWriter;
  readonly #wanted: ReadonlyMap<Oid, PackFile | null>;
  readonly #next: NextVersions;
  readonly #read: (oid: Oid) => GitObject | null;
  readonly #written = new Map<Oid, { readonly offset: number; readonly depth: number }>();

  constructor(
    writer: PackWriter,
    wanted: ReadonlyMap<Oid, PackFile | null>,
    next: NextVersions,
    read: (oid: Oid) => GitObject | null,
  ) {
    this.#writer = writer;
    this.#wanted = wanted;
    this.#next = next;
    this.#read = read;
  }

  write(first: Oid): void {
    const line: Oid[] = [];
    const entered = new Set<Oid>();
    for (let oid: Oid | undefined = first; oid !== undefined && this.#isLeft(oid) && !entered.has(oid); ) {
      entered.add(oid);
      line.push(oid);
      oid = this.#baseOf(oid);
    }
    for (const oid of line.reverse()) this.#writeOne(oid);
  }

  #isLeft(oid: Oid): boolean {
    return this.#wanted.has(oid) && !this.#written.has(oid);
  }

  #baseOf(oid: Oid): Oid | undefined {
    const pack = this.#wanted.get(oid);
    return pack ? pack.baseOid(pack.index.find(oid)) : this.#next.get(oid);
  }

  #writeOne(oid: Oid): void {
    const base = this.#baseOf(oid);
    const at = base === undefined ? undefined : this.#written.get(base);
    const offset = this.#writer.offset;
    const pack = this.#wanted.get(oid);
    if (pack) {
      const { header, body } = pack.rawEntry(pack.index.find(oid));
      if (header.kind === "whole" || at === undefined)
        this.#writeWhole(oid, header.kind === "whole" ? body : null, header.size);
      else this.#writer.addDelta(oid, at.offset, header.size, body);
      this.#written.set(oid, { offset, depth: at === undefined ? 0 : at.depth + 1 });
      return;
    }
    const object = this.#read(oid);
    if (object === null) throw new Error(`object ${oid} went away while it was packed`);
    const against =
      base !== undefined && at !== undefined && at.depth < artifactLimits.packedDeltaDepthMax ? this.#read(base) : null;
    const isDelta =
      against !== null &&
      against.type === object.type &&
      this.#writer.addAsDelta(oid, object.bytes, against.bytes, at?.offset ?? 0);
    if (!isDelta) this.#writer.add(oid, object.type, object.bytes);
    this.#written.set(oid, { offset, depth: isDelta ? (at?.depth ?? 0) + 1 : 0 });
  }

  #writeWhole(oid: Oid, deflated: Iterable<Buffer> | null, size: number): void {
    const object = deflated === null ? this.#read(oid) : null;
    const pack = this.#wanted.get(oid);
    if (object !== null) this.#writer.add(oid, object.type, object.bytes);
    else if (deflated !== null && pack)
      this.#writer.addDeflated(oid, pack.typeAt(pack.index.offsetAt(pack.index.find(oid))), size, deflated);
    else throw new Error(`object ${oid} went away while it was packed`);
  }
}
