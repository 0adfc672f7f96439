import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { MalformedData } from "../objects/malformed.ts";
import type { GitObject, ObjectType, Oid } from "../objects/object.ts";
import type { ObjectInfo } from "../store/object-store.ts";
import { ByteCache } from "./byte-cache.ts";
import { applyDelta, parseDeltaHeader } from "./delta.ts";
import { type EntryHeader, entryHeaderBytesMax, parseEntryHeader } from "./entry.ts";
import { type PackBitmaps, parsePackBitmaps } from "./pack-bitmap.ts";
import { type PackIndex, parsePackIndex } from "./pack-index.ts";

const trailerBytes = 20;

/** Read-ahead and resolved delta bases, shared by all packs of a process so that the bound holds for all of them. */
export interface PackCaches {
  readonly windows: ByteCache<string, Buffer>;
  readonly objects: ByteCache<string, GitObject>;
}

export function newPackCaches(): PackCaches {
  return {
    windows: new ByteCache(artifactLimits.packWindowBytes * artifactLimits.packWindowsMax),
    objects: new ByteCache(artifactLimits.deltaCacheBytesMax),
  };
}

let packsOpened = 0;

/** A pack and its index, open for reading. Positions are those of the index. */
export class PackFile {
  readonly index: PackIndex;
  readonly size: number;
  readonly #path: string;
  readonly #fd: number;
  readonly #caches: PackCaches;
  // A pack that was replaced under the same name must not read the old one's cache.
  readonly #cacheKey = `${++packsOpened}:`;
  #sortedOffsets: Float64Array | undefined;
  #sortedPositions: Uint32Array | undefined;
  #bitmaps: PackBitmaps | null | undefined;
  #closed = false;
  /** The window read last: most reads go on where one ended. */
  #lastNumber = -1;
  #lastWindow: Buffer = Buffer.alloc(0);

  private constructor(path: string, index: PackIndex, fd: number, size: number, caches: PackCaches) {
    this.#path = path;
    this.index = index;
    this.#fd = fd;
    this.size = size;
    this.#caches = caches;
  }

  /** Opens `<base>.pack` and `<base>.idx`. @throws what the file system throws, or invalid_request. */
  static open(base: string, caches: PackCaches): PackFile {
    const index = parsePackIndex(readFileSync(`${base}.idx`));
    const fd = openSync(`${base}.pack`, "r");
    try {
      const { size } = fstatSync(fd);
      const head = Buffer.alloc(12);
      readSync(fd, head, 0, 12, 0);
      const version = head.readUInt32BE(4);
      const known = head.toString("latin1", 0, 4) === "PACK" && (version === 2 || version === 3);
      if (!known || head.readUInt32BE(8) !== index.count) throw new MalformedData("a pack does not match its index");
      return new PackFile(base, index, fd, size, caches);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Where the last entry ends. */
  get entriesEnd(): number {
    return this.size - trailerBytes;
  }

  get path(): string {
    return this.#path;
  }

  read(position: number): GitObject {
    return this.readAt(this.index.offsetAt(position));
  }

  /** The object whose entry begins at an offset, its deltas applied. */
  readAt(offset: number): GitObject {
    const cached = this.#caches.objects.get(this.#cacheKey + offset);
    if (cached !== undefined) return cached;
    const deltas: { readonly offset: number; readonly bytes: Buffer }[] = [];
    let at = offset;
    let base: GitObject | undefined;
    while (base === undefined) {
      const { header, data } = this.#entry(at);
      if (header.kind === "whole") {
        base = { type: header.type, bytes: this.#inflate(data, header.size) };
        // A blob is read again only as a base; walks come back to trees.
        if (at !== offset || header.type === "tree") this.remember(at, base);
      } else {
        deltas.push({ offset: at, bytes: this.#inflate(data, header.size) });
        if (deltas.length > artifactLimits.deltaChainMax) throw this.#malformed("has a delta chain without an end");
        at = this.#baseOffset(header, at);
        base = this.#caches.objects.get(this.#cacheKey + at);
      }
    }
    for (const delta of deltas.reverse()) {
      checkObjectSize(parseDeltaHeader(delta.bytes).resultSize);
      base = { type: base.type, bytes: applyDelta(base.bytes, delta.bytes) };
      this.remember(delta.offset, base);
    }
    return base;
  }

  /** Type and size, without inflating more than a delta's first bytes. */
  info(position: number): ObjectInfo {
    let at = this.index.offsetAt(position);
    let size: number | undefined;
    for (let depth = 0; depth <= artifactLimits.deltaChainMax; depth++) {
      const { header, data } = this.#entry(at);
      if (header.kind === "whole") return { type: header.type, size: size ?? header.size };
      size ??= parseDeltaHeader(this.#inflate(data, header.size)).resultSize;
      at = this.#baseOffset(header, at);
    }
    throw this.#malformed("has a delta chain without an end");
  }

  /** The object's type without anything inflated. */
  typeAt(offset: number): ObjectType {
    let at = offset;
    for (let depth = 0; depth <= artifactLimits.deltaChainMax; depth++) {
      const header = this.headerAt(at);
      if (header.kind === "whole") return header.type;
      at = this.#baseOffset(header, at);
    }
    throw this.#malformed("has a delta chain without an end");
  }

  headerAt(offset: number): EntryHeader {
    const header = parseEntryHeader(this.bytes(offset, Math.min(offset + entryHeaderBytesMax, this.size)), 0);
    if (header === null) throw this.#malformed(`is cut short at byte ${offset}`);
    return header;
  }

  /** Where a delta's base begins in this pack. */
  baseOffset(header: Exclude<EntryHeader, { kind: "whole" }>, offset: number): number {
    return this.#baseOffset(header, offset);
  }

  /** Where the entry that begins at `offset` ends. */
  endOf(offset: number): number {
    return this.offsetsInOrder()[this.#rankOf(offset) + 1] ?? this.size - trailerBytes;
  }

  /** The place in the file's order of the object at a position. */
  rankAt(position: number): number {
    return this.#rankOf(this.index.offsetAt(position));
  }

  /** An entry's header and its deflated data, copied. */
  rawEntry(position: number): { readonly header: EntryHeader; readonly body: Buffer } {
    const offset = this.index.offsetAt(position);
    const header = this.headerAt(offset);
    return { header, body: Buffer.from(this.bytes(offset + header.length, this.endOf(offset))) };
  }

  /** The object that an entry is a delta of; undefined for a whole one. */
  baseOid(position: number): Oid | undefined {
    const offset = this.index.offsetAt(position);
    const header = this.headerAt(offset);
    if (header.kind === "whole") return undefined;
    return header.kind === "ref" ? header.base : this.index.oidAt(this.positionAt(offset - header.distance));
  }

  /** The pack's checksum: its last 20 bytes. */
  checksum(): Buffer {
    return Buffer.from(this.bytes(this.entriesEnd, this.size));
  }

  /** Looks for bit maps again when they are next asked for. */
  forgetBitmaps(): void {
    this.#bitmaps = undefined;
  }

  /** What the pack's commits reach, when git or we have written it down; null when not, or when it is damaged. */
  bitmaps(): PackBitmaps | null {
    if (this.#bitmaps === undefined) {
      try {
        this.#bitmaps = parsePackBitmaps(readFileSync(`${this.#path}.bitmap`), this.index.count, this.checksum());
      } catch {
        // Only a shortcut: without it everything is found by walking.
        this.#bitmaps = null;
      }
    }
    return this.#bitmaps;
  }

  /** The position of the object whose entry begins at an offset, or -1. */
  positionAt(offset: number): number {
    const rank = this.#rankOf(offset);
    return this.offsetsInOrder()[rank] === offset ? (this.positionsInOrder()[rank] ?? -1) : -1;
  }

  /** Positions by the order of their entries in the file. */
  positionsInOrder(): Uint32Array {
    if (this.#sortedPositions === undefined) {
      this.#sortedPositions = new Uint32Array(this.index.count);
      for (let i = 0; i < this.index.count; i++) this.#sortedPositions[this.#rankOf(this.index.offsetAt(i))] = i;
    }
    return this.#sortedPositions;
  }

  /** Where entries begin, in the order they are in the file. */
  offsetsInOrder(): Float64Array {
    if (this.#sortedOffsets === undefined) {
      this.#sortedOffsets = new Float64Array(this.index.count);
      for (let i = 0; i < this.index.count; i++) this.#sortedOffsets[i] = this.index.offsetAt(i);
      this.#sortedOffsets.sort();
    }
    return this.#sortedOffsets;
  }

  /** Bytes of the file as they are. Valid until the next read: copy what must last. */
  bytes(start: number, end: number): Buffer {
    const windowBytes = artifactLimits.packWindowBytes;
    const number = Math.floor(start / windowBytes);
    if (end > (number + 1) * windowBytes) return this.#pread(start, end);
    if (number !== this.#lastNumber) {
      this.#lastWindow = this.#window(number);
      this.#lastNumber = number;
    }
    return this.#lastWindow.subarray(start - number * windowBytes, end - number * windowBytes);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
  }

  /** How many entries begin before or at an offset, less one. */
  #rankOf(offset: number): number {
    const offsets = this.offsetsInOrder();
    let low = 0;
    let high = offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #entry(offset: number): { header: EntryHeader; data: Buffer } {
    const end = this.endOf(offset);
    const entry = this.bytes(offset, end);
    const header = parseEntryHeader(entry, 0);
    if (header === null) throw this.#malformed(`is cut short at byte ${offset}`);
    return { header, data: entry.subarray(header.length) };
  }

  #baseOffset(header: Exclude<EntryHeader, { kind: "whole" }>, offset: number): number {
    if (header.kind === "ofs") {
      if (header.distance <= 0 || header.distance > offset - 12) throw this.#malformed("has a delta without a base");
      return offset - header.distance;
    }
    const position = this.index.find(header.base);
    if (position < 0) throw this.#malformed("has a delta without a base");
    return this.index.offsetAt(position);
  }

  #inflate(data: Buffer, size: number): Buffer {
    checkObjectSize(size);
    let bytes: Buffer;
    try {
      // One output buffer of the right size; one byte more lets zlib see the end in the same pass.
      bytes = inflateSync(data, { chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) });
    } catch (error) {
      throw new MalformedData("a pack entry cannot be inflated", error);
    }
    if (bytes.length !== size) throw this.#malformed("has an entry of another size than it says");
    return bytes;
  }

  /** Keeps an object that was read from the entry at an offset for whoever reads it next. */
  remember(offset: number, object: GitObject): void {
    this.#caches.objects.set(this.#cacheKey + offset, object, object.bytes.length + 200);
  }

  #window(number: number): Buffer {
    const windowBytes = artifactLimits.packWindowBytes;
    const key = this.#cacheKey + number;
    const kept = this.#caches.windows.get(key);
    if (kept !== undefined) return kept;
    const window = this.#pread(number * windowBytes, Math.min((number + 1) * windowBytes, this.size));
    this.#caches.windows.set(key, window, window.length);
    return window;
  }

  #pread(start: number, end: number): Buffer {
    const buffer = Buffer.allocUnsafe(end - start);
    let at = 0;
    while (at < buffer.length) {
      const read = readSync(this.#fd, buffer, at, buffer.length - at, start + at);
      if (read === 0) throw this.#malformed("is cut short");
      at += read;
    }
    return buffer;
  }

  #malformed(what: string): MalformedData {
    return new MalformedData(`a pack ${what}`);
  }
}

function checkObjectSize(size: number): void {
  if (size <= artifactLimits.objectBytesMax) return;
  throw new SwitchyardError("too_large", `an object of ${size} bytes is too large to be read whole`, {
    next: "Clone the repository with git to get it",
    details: { bytes: size, max_bytes: artifactLimits.objectBytesMax },
  });
}
