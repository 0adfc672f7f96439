import { createHash, type Hash } from "node:crypto";
import { closeSync, existsSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import type { Rng } from "../../core/clock.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ObjectType, Oid } from "../objects/object.ts";
import { syncDirectory, syncFile, unlinkQuietly, writeAll, writeSynced } from "../store/durable-file.ts";
import { encodeDelta } from "./delta-encoder.ts";
import { formatBaseDistance, formatEntryHeader, packTypes } from "./entry.ts";
import { formatPackIndex, type IndexedEntry } from "./pack-index.ts";

const bufferBytes = 1024 * 1024;

export function packHeader(count: number): Buffer {
  const header = Buffer.from("PACK\0\0\0\x02\0\0\0\0", "latin1");
  header.writeUInt32BE(count, 8);
  return header;
}

/** Writes a pack of a known number of objects into `objects/pack`, where it becomes visible whole or not at all. */
export class PackWriter {
  readonly #directory: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #hash: Hash = createHash("sha1");
  readonly #entries: IndexedEntry[] = [];
  readonly #count: number;
  #open = true;
  #buffered: Buffer[] = [];
  #bufferedBytes = 0;
  #offset = 0;

  constructor(directory: string, count: number, rng: Rng) {
    this.#directory = directory;
    this.#count = count;
    // Git's own name for it: `git gc` sweeps what a crash leaves.
    this.#temporary = join(directory, `tmp_pack_${Buffer.from(rng.bytes(9)).toString("base64url")}`);
    this.#fd = openSync(this.#temporary, "wx", 0o444);
    this.#append(packHeader(count));
  }

  /** Where the next entry will begin. */
  get offset(): number {
    return this.#offset;
  }

  /** Adds an object whole. */
  add(oid: Oid, type: ObjectType, bytes: Buffer): void {
    this.addRaw(oid, [formatEntryHeader(packTypes[type], bytes.length)], [deflateSync(bytes)]);
  }

  /** Adds an object whose data is deflated already. */
  addDeflated(oid: Oid, type: ObjectType, size: number, deflated: Iterable<Buffer>): void {
    this.addRaw(oid, [formatEntryHeader(packTypes[type], size)], deflated);
  }

  /** Adds a delta, deflated already, on the entry that begins at `baseOffset` of this pack. */
  addDelta(oid: Oid, baseOffset: number, size: number, deflated: Iterable<Buffer>): void {
    const header = formatEntryHeader(packTypes.ofsDelta, size);
    this.addRaw(oid, [header, formatBaseDistance(this.#offset - baseOffset)], deflated);
  }

  /** Adds an object as a delta on another of this pack, if that is worth it. */
  addAsDelta(oid: Oid, bytes: Buffer, base: Buffer, baseOffset: number): boolean {
    const isComparable = bytes.length >= 64 && base.length >= 64 && bytes.length <= artifactLimits.deltaSourceBytesMax;
    const delta = isComparable ? encodeDelta(base, bytes, bytes.length / 2) : null;
    if (delta === null) return false;
    this.addDelta(oid, baseOffset, delta.length, [deflateSync(delta)]);
    return true;
  }

  /** Adds an entry as it will be in the file: header and deflated data. */
  addRaw(oid: Oid, ...parts: readonly Iterable<Buffer>[]): void {
    const offset = this.#offset;
    let crc = 0;
    for (const part of parts) {
      for (const bytes of part) {
        crc = crc32(bytes, crc);
        this.#append(bytes);
      }
    }
    this.#entries.push({ oid, offset, crc });
  }

  /** Makes the pack durable and visible; answers the path of its files without their endings. */
  async finish(): Promise<string> {
    try {
      if (this.#entries.length !== this.#count) throw new Error("a pack was finished with another count than begun");
      this.#flush();
      const checksum = this.#hash.digest();
      writeAll(this.#fd, checksum);
      await syncFile(this.#fd);
      this.#close();
      const base = join(this.#directory, `pack-${checksum.toString("hex")}`);
      const temporaryIndex = this.#temporary.replace("tmp_pack_", "tmp_idx_");
      await writeSynced(temporaryIndex, formatPackIndex(this.#entries, checksum), 0o444);
      if (existsSync(`${base}.idx`)) {
        unlinkQuietly(this.#temporary);
        unlinkQuietly(temporaryIndex);
      } else {
        // The index is what makes a pack visible, so it goes last.
        renameSync(this.#temporary, `${base}.pack`);
        renameSync(temporaryIndex, `${base}.idx`);
      }
      await syncDirectory(this.#directory);
      return base;
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Forgets what was written. */
  abandon(): void {
    this.#close();
    unlinkQuietly(this.#temporary);
  }

  #close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }

  #append(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#buffered.push(bytes);
    this.#bufferedBytes += bytes.length;
    this.#offset += bytes.length;
    if (this.#bufferedBytes >= bufferBytes) this.#flush();
  }

  #flush(): void {
    writeAll(this.#fd, Buffer.concat(this.#buffered));
    this.#buffered = [];
    this.#bufferedBytes = 0;
  }
}
