import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Oid } from "../objects/object.ts";
import { fileErrorCode } from "../store/durable-file.ts";
import { type PackCaches, PackFile } from "./pack-file.ts";

export interface PackedObject {
  readonly pack: PackFile;
  readonly position: number;
}

/** A directory's modification time says nothing of a change within this time after it: clocks of disks are coarse. */
const coarseClockMs = 2_000;

/** The packs of one `objects/pack` directory, kept up with what other processes add and remove. */
export class PackSet {
  readonly #directory: string;
  readonly #caches: PackCaches;
  readonly #now: () => number;
  readonly #packs = new Map<string, PackFile>();
  /** Packs whose files are gone, kept open for whoever still reads them. */
  readonly #retired: PackFile[] = [];
  #order: PackFile[] = [];
  #seen = "";

  constructor(directory: string, caches: PackCaches, now: () => number) {
    this.#directory = directory;
    this.#caches = caches;
    this.#now = now;
    this.refresh();
  }

  /** The packs as last seen, the one that answered last first. */
  get packs(): readonly PackFile[] {
    return this.#order;
  }

  find(oid: Oid): PackedObject | null {
    return this.findBytes(Buffer.from(oid, "hex"), 0);
  }

  findBytes(oid: Buffer, at: number): PackedObject | null {
    for (const [i, pack] of this.#order.entries()) {
      const position = pack.index.findBytes(oid, at);
      if (position < 0) continue;
      if (i > 0) {
        this.#order.splice(i, 1);
        this.#order.unshift(pack);
      }
      return { pack, position };
    }
    return null;
  }

  /** Looks for packs that came or went. True when there was a change. */
  refresh(): boolean {
    const stamp = this.#stamp();
    if (stamp !== null && stamp === this.#seen) return false;
    const names = new Set(this.#indexNames());
    let changed = false;
    for (const [name, pack] of this.#packs) {
      if (names.has(name)) continue;
      this.#packs.delete(name);
      this.#retired.push(pack);
      changed = true;
    }
    for (const name of names) {
      if (this.#packs.has(name)) continue;
      try {
        this.#packs.set(name, new PackFile(join(this.#directory, name), this.#caches));
        changed = true;
      } catch (error) {
        // Gone again between the listing and the opening: another process packs.
        if (fileErrorCode(error) !== "ENOENT") throw error;
      }
    }
    if (changed) this.#order = [...this.#packs.values()];
    this.#seen = stamp ?? "";
    return changed;
  }

  /** Closes packs that are gone; only when nobody reads. */
  closeRetired(): void {
    for (const pack of this.#retired.splice(0)) pack.close();
  }

  close(): void {
    this.closeRetired();
    for (const pack of this.#packs.values()) pack.close();
    this.#packs.clear();
    this.#order = [];
    this.#seen = "";
  }

  /** What the directory looks like, or null when that cannot be relied on yet. */
  #stamp(): string | null {
    const stat = statSync(this.#directory, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return null;
    const age = this.#now() - Number(stat.mtimeMs);
    return age > coarseClockMs ? `${stat.ino}:${stat.mtimeNs}` : null;
  }

  #indexNames(): string[] {
    try {
      return readdirSync(this.#directory)
        .filter((name) => name.endsWith(".idx") && name.startsWith("pack-"))
        .map((name) => name.slice(0, -4));
    } catch (error) {
      if (fileErrorCode(error) === "ENOENT") return [];
      throw error;
    }
  }
}
