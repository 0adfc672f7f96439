import { join } from "node:path";
import type { Clock, Rng } from "../../core/clock.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { GitObject, IdentifiedObject, Oid } from "../objects/object.ts";
import { newPacer } from "../pacer.ts";
import type { PackCaches } from "../pack/pack-file.ts";
import { PackSet } from "../pack/pack-set.ts";
import { PackWriter } from "../pack/pack-writer.ts";
import { diskError } from "./durable-file.ts";
import { type LooseObjects, openLooseObjects } from "./loose-objects.ts";
import type { ObjectInfo, ObjectStore } from "./object-store.ts";

/** The `objects` directory of a git repository: packs and loose objects. */
export class DiskObjects implements ObjectStore {
  readonly directory: string;
  readonly packs: PackSet;
  readonly loose: LooseObjects;
  readonly #clock: Clock;
  readonly #rng: Rng;

  constructor(directory: string, caches: PackCaches, clock: Clock, rng: Rng) {
    this.directory = directory;
    this.#clock = clock;
    this.#rng = rng;
    this.packs = new PackSet(join(directory, "pack"), caches, () => clock.now());
    this.loose = openLooseObjects(directory, rng);
  }

  async has(oid: Oid): Promise<boolean> {
    return this.hasNow(oid) || (this.packs.refresh() && this.packs.find(oid) !== null);
  }

  /** Whether the object is in a pack known so far or loose: no listing of directories. */
  hasNow(oid: Oid): boolean {
    return this.packs.find(oid) !== null || this.loose.has(oid);
  }

  async get(oid: Oid): Promise<GitObject | null> {
    return this.read(oid);
  }

  /** `get` without a promise: for loops over many objects. */
  read(oid: Oid): GitObject | null {
    const packed = this.packs.find(oid);
    if (packed) return packed.pack.read(packed.position);
    const loose = this.loose.read(oid);
    if (loose) return loose;
    // Another process may have packed it between the two looks.
    if (!this.packs.refresh()) return null;
    const late = this.packs.find(oid);
    return late ? late.pack.read(late.position) : null;
  }

  async info(oid: Oid): Promise<ObjectInfo | null> {
    const packed = this.packs.find(oid);
    if (packed) return packed.pack.info(packed.position);
    const loose = this.loose.info(oid);
    if (loose) return loose;
    if (!this.packs.refresh()) return null;
    const late = this.packs.find(oid);
    return late ? late.pack.info(late.position) : null;
  }

  async putMany(objects: readonly IdentifiedObject[]): Promise<number> {
    this.packs.refresh();
    const now = new Date(this.#clock.now());
    const fresh = new Map<Oid, IdentifiedObject>();
    const pacer = newPacer(this.#clock);
    for (const object of objects) {
      await pacer.pause();
      if (this.packs.find(object.oid) === null && !this.loose.freshen(object.oid, now)) fresh.set(object.oid, object);
    }
    try {
      const few = fresh.size <= artifactLimits.looseObjectsPerWriteMax;
      return few ? await this.loose.write([...fresh.values()]) : await this.#putPack([...fresh.values()]);
    } catch (error) {
      throw diskError(error);
    }
  }

  async withPrefix(prefix: string, limit: number): Promise<Oid[]> {
    const found = new Set(this.loose.withPrefix(prefix));
    for (const pack of this.packs.packs) {
      for (const oid of pack.index.withPrefix(prefix, limit)) found.add(oid);
    }
    return [...found].sort().slice(0, limit);
  }

  close(): void {
    this.packs.close();
  }

  async #putPack(objects: readonly IdentifiedObject[]): Promise<number> {
    const writer = new PackWriter(join(this.directory, "pack"), objects.length, this.#rng);
    try {
      const pacer = newPacer(this.#clock);
      for (const { oid, type, bytes } of objects) {
        writer.add(oid, type, bytes);
        await pacer.pause();
      }
    } catch (error) {
      writer.abandon();
      throw error;
    }
    await writer.finish();
    this.packs.refresh();
    return writer.offset;
  }
}
