import type { Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import { type Bits, hasAllBits, hasBit } from "../pack/ewah.ts";
import type { PackBitmaps } from "../pack/pack-bitmap.ts";
import type { PackFile } from "../pack/pack-file.ts";
import type { CommitGraph } from "./commit-graph.ts";
import { everything, type ObjectFilter } from "./object-filter.ts";
import type { ObjectSource } from "./object-source.ts";
import type { Selection } from "./selection.ts";

/** Whether what a filter leaves out can be told by type alone. */
export function canUseBitmaps(filter: ObjectFilter): boolean {
  const { blobBytesMin, treeDepth } = filter;
  return (
    (blobBytesMin === 0 || blobBytesMin === everything.blobBytesMin) &&
    (treeDepth === 0 || treeDepth === everything.treeDepth)
  );
}

/**
 * Selects everything that some commits reach, as far as a pack's bit maps tell it. Answers the commits that are left
 * to be walked; their parents that are not among them are selected with all they reach. Null without bit maps.
 */
export async function selectByBitmaps(
  source: ObjectSource,
  packs: readonly PackFile[],
  graph: CommitGraph,
  commits: Iterable<Oid>,
  filter: ObjectFilter,
  selection: Selection,
  pacer: Pacer,
): Promise<Oid[] | null> {
  const pack = packs.find((one) => one.bitmaps() !== null);
  const bitmaps = pack?.bitmaps() ?? null;
  if (pack === undefined || bitmaps === null) return null;
  const reached = new ReachedSet(source, pack, bitmaps);
  const waiting = [...commits].filter((oid) => !reached.addFrom(oid));
  const walked = new Set<Oid>();
  for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
    if (walked.has(oid) || reached.has(oid) || reached.addFrom(oid)) continue;
    walked.add(oid);
    const pause = pacer.pause();
    if (pause) await pause;
    waiting.push(...graph.get(oid).parents);
  }
  reached.selectInto(selection, filter, packs.length === 1);
  return [...walked].filter((oid) => !reached.has(oid));
}

class ReachedSet {
  readonly #source: ObjectSource;
  readonly #pack: PackFile;
  readonly #bitmaps: PackBitmaps;
  #bits: Bits | null = null;

  constructor(source: ObjectSource, pack: PackFile, bitmaps: PackBitmaps) {
    this.#source = source;
    this.#pack = pack;
    this.#bitmaps = bitmaps;
  }

  has(oid: Oid): boolean {
    const position = this.#pack.index.find(oid);
    return position >= 0 && this.#bits !== null && hasBit(this.#bits, this.#pack.order.rankAt(position));
  }

  /** Adds all that a commit reaches. False when that is not known. */
  addFrom(oid: Oid): boolean {
    const position = this.#pack.index.find(oid);
    const bits = position < 0 ? null : this.#bitmaps.reachable(position);
    if (bits === null) return false;
    if (this.#bits === null) this.#bits = bits;
    else for (let i = 0; i < bits.length; i++) this.#bits[i] = (this.#bits[i] ?? 0) | (bits[i] ?? 0);
    return true;
  }

  /** @param isAlone no object of the pack is found in another one first. */
  selectInto(selection: Selection, filter: ObjectFilter, isAlone: boolean): void {
    const bits = this.#bits;
    if (bits === null) return;
    const left: Bits[] = [];
    if (filter.blobBytesMin === 0 || filter.treeDepth === 0) left.push(this.#bitmaps.ofType("blob"));
    if (filter.treeDepth === 0) left.push(this.#bitmaps.ofType("tree"));
    if (isAlone && left.length === 0 && hasAllBits(bits, this.#pack.index.count)) {
      selection.addWholePack(this.#pack);
      return;
    }
    const positions = this.#pack.order.positions();
    for (let rank = 0; rank < positions.length; rank++) {
      if (!hasBit(bits, rank) || left.some((type) => hasBit(type, rank))) continue;
      const position = positions[rank] ?? 0;
      if (isAlone) {
        selection.addPacked(this.#pack, position);
        continue;
      }
      // The same object may be found in another pack first: it is to be selected once.
      const oid = Buffer.alloc(20);
      this.#pack.index.copyOid(position, oid, 0);
      const found = this.#source.findPacked(oid, 0);
      selection.addPacked(found?.pack ?? this.#pack, found?.position ?? position);
    }
  }
}
