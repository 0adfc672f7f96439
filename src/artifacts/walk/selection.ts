import type { Oid } from "../objects/object.ts";
import type { PackFile } from "../pack/pack-file.ts";
import type { ObjectSource } from "./object-source.ts";

/** A set of objects, by where they are: a bit map for each pack, names for loose ones. */
export class Selection {
  readonly #source: ObjectSource;
  readonly #packed = new Map<PackFile, { readonly chosen: Uint8Array; count: number }>();
  readonly #loose = new Set<Oid>();
  #size = 0;

  constructor(source: ObjectSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#size;
  }

  get packs(): Iterable<[PackFile, { readonly chosen: Uint8Array; readonly count: number }]> {
    return this.#packed;
  }

  get loose(): ReadonlySet<Oid> {
    return this.#loose;
  }

  /** Adds an id of 20 bytes inside a buffer: "new", "known", or "missing" when there is no such object. */
  add(bytes: Buffer, at: number): "new" | "known" | "missing" {
    const found = this.#source.findPacked(bytes, at);
    if (found !== null) return this.addPacked(found.pack, found.position) ? "new" : "known";
    const oid = bytes.toString("hex", at, at + 20);
    if (this.#loose.has(oid)) return "known";
    if (!this.#source.hasLoose(oid)) return "missing";
    this.#loose.add(oid);
    this.#size += 1;
    return "new";
  }

  addOid(oid: Oid): "new" | "known" | "missing" {
    return this.add(Buffer.from(oid, "hex"), 0);
  }

  /** False when it was there. */
  addPacked(pack: PackFile, position: number): boolean {
    let part = this.#packed.get(pack);
    if (part === undefined) {
      part = { chosen: new Uint8Array(pack.index.count), count: 0 };
      this.#packed.set(pack, part);
    }
    if (part.chosen[position] === 1) return false;
    part.chosen[position] = 1;
    part.count += 1;
    this.#size += 1;
    return true;
  }

  /** Adds every object of a pack. */
  addWholePack(pack: PackFile): void {
    const { count } = pack.index;
    const before = this.#packed.get(pack)?.count ?? 0;
    this.#packed.set(pack, { chosen: new Uint8Array(count).fill(1), count });
    this.#size += count - before;
  }

  has(oid: Oid): boolean {
    const bytes = Buffer.from(oid, "hex");
    const found = this.#source.findPacked(bytes, 0);
    if (found === null) return this.#loose.has(oid);
    return this.#packed.get(found.pack)?.chosen[found.position] === 1;
  }
}
