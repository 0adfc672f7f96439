import { readFileSync } from "node:fs";
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
import { PackBytes } from "./pack-bytes.ts";
import { type PackIndex, parsePackIndex } from "./pack-index.ts";
import { PackOrder } from "./pack-order.ts";

const headerBytes = 12;
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

/** A pack and its index, open for reading. Positions are those of the index, offsets those of the file. */
export class PackFile {
  /** The path of its files without their endings. */
  readonly path: string;
  readonly index: PackIndex;
  readonly order: PackOrder;
  /** Where the last entry ends. */
  readonly entriesEnd: number;
  readonly #bytes: PackBytes;
  readonly #objects: ByteCache<string, GitObject>;
  // A pack that was replaced under the same name must not read the old one's cache.
  readonly #cacheKey = `${++packsOpened}:`;
  #bitmaps: PackBitmaps | null | undefined;

  /** Opens `<path>.pack` and `<path>.idx`. @throws what the file system throws, or invalid_request. */
  constructor(path: string, caches: PackCaches) {
    this.path = path;
    this.index = parsePackIndex(readFileSync(`${path}.idx`));
    this.#bytes = new PackBytes(`${path}.pack`, caches.windows, this.#cacheKey);
    this.#objects = caches.objects;
    this.entriesEnd = this.#bytes.size - trailerBytes;
    this.order = new PackOrder(this.index, this.entriesEnd);
    try {
      this.#checkHeader();
    } catch (error) {
      this.#bytes.close();
      throw error;
    }
  }

  read(position: number): GitObject {
    return this.readAt(this.index.offsetAt(position));
  }

  /** The object whose entry begins at an offset, its deltas applied. */
  readAt(offset: number): GitObject {
    const cached = this.#objects.get(this.#cacheKey + offset);
    if (cached !== undefined) return cached;
    const deltas: { readonly offset: number; readonly bytes: Buffer }[] = [];
    let at = offset;
    let base: GitObject | undefined;
    while (base === undefined) {
      const { header, data } = this.#entry(at);
      if (header.kind === "whole") {
        base = { type: header.type, bytes: inflate(data, header.size) };
        // A blob is read again only as a base; walks come back to trees.
        if (at !== offset || header.type === "tree") this.remember(at, base);
      } else {
        deltas.push({ offset: at, bytes: inflate(data, header.size) });
        if (deltas.length > artifactLimits.deltaChainMax) throw endless();
        at = this.#baseOffset(header, at);
        base = this.#objects.get(this.#cacheKey + at);
      }
    }
    for (const delta of deltas.reverse()) {
      checkObjectSize(parseDeltaHeader(delta.bytes).resultSize);
      base = { type: base.type, bytes: applyDelta(base.bytes, delta.bytes) };
      this.remember(delta.offset, base);
    }
    return base;
  }

  /** Keeps an object that was read from the entry at an offset for whoever reads it next. */
  remember(offset: number, object: GitObject): void {
    this.#objects.set(this.#cacheKey + offset, object, object.bytes.length + 200);
  }

  /** Type and size, without more inflated than the first delta. */
  info(position: number): ObjectInfo {
    const offset = this.index.offsetAt(position);
    const { header, data } = this.#entry(offset);
    if (header.kind === "whole") return { type: header.type, size: header.size };
    const { resultSize } = parseDeltaHeader(inflate(data, header.size));
    return { type: this.typeAt(offset), size: resultSize };
  }

  /** The object's type without anything inflated. */
  typeAt(offset: number): ObjectType {
    let at = offset;
    for (let depth = 0; depth <= artifactLimits.deltaChainMax; depth++) {
      const header = this.headerAt(at);
      if (header.kind === "whole") return header.type;
      at = this.#baseOffset(header, at);
    }
    throw endless();
  }

  headerAt(offset: number): EntryHeader {
    const end = Math.min(offset + entryHeaderBytesMax, this.entriesEnd + trailerBytes);
    const header = parseEntryHeader(this.#bytes.read(offset, end), 0);
    if (header === null) throw new MalformedData(`a pack is cut short at byte ${offset}`);
    return header;
  }

  /** Bytes of the file as they are. Valid until the next read: copy what must last. */
  bytes(start: number, end: number): Buffer {
    return this.#bytes.read(start, end);
  }

  /** An entry's header and its deflated data, in copied pieces. */
  rawEntry(position: number): { readonly header: EntryHeader; readonly body: Iterable<Buffer> } {
    const offset = this.index.offsetAt(position);
    const header = this.headerAt(offset);
    return { header, body: this.#pieces(offset + header.length, this.order.endOf(offset)) };
  }

  *#pieces(start: number, end: number): Generator<Buffer> {
    for (let at = start; at < end; at += artifactLimits.packWindowBytes) {
      yield Buffer.from(this.#bytes.read(at, Math.min(end, at + artifactLimits.packWindowBytes)));
    }
  }

  /** The object that an entry is a delta of; undefined for a whole one. */
  baseOid(position: number): Oid | undefined {
    const offset = this.index.offsetAt(position);
    const header = this.headerAt(offset);
    if (header.kind === "whole") return undefined;
    return header.kind === "ref" ? header.base : this.index.oidAt(this.order.positionAt(offset - header.distance));
  }

  /** The pack's checksum: its last 20 bytes. */
  checksum(): Buffer {
    return Buffer.from(this.#bytes.read(this.entriesEnd, this.entriesEnd + trailerBytes));
  }

  /** What the pack's commits reach, when git or we have written it down; null when not, or when it is damaged. */
  bitmaps(): PackBitmaps | null {
    if (this.#bitmaps === undefined) {
      try {
        this.#bitmaps = parsePackBitmaps(readFileSync(`${this.path}.bitmap`), this.index.count, this.checksum());
      } catch {
        // Only a shortcut: without it everything is found by walking.
        this.#bitmaps = null;
      }
    }
    return this.#bitmaps;
  }

  /** Looks for bit maps again when they are next asked for. */
  forgetBitmaps(): void {
    this.#bitmaps = undefined;
  }

  close(): void {
    this.#bytes.close();
  }

  #checkHeader(): void {
    const head = this.#bytes.read(0, headerBytes);
    const version = head.readUInt32BE(4);
    const isKnown = head.toString("latin1", 0, 4) === "PACK" && (version === 2 || version === 3);
    if (!isKnown || head.readUInt32BE(8) !== this.index.count) {
      throw new MalformedData("a pack does not match its index");
    }
  }

  #entry(offset: number): { header: EntryHeader; data: Buffer } {
    const entry = this.#bytes.read(offset, this.order.endOf(offset));
    const header = parseEntryHeader(entry, 0);
    if (header === null) throw new MalformedData(`a pack is cut short at byte ${offset}`);
    return { header, data: entry.subarray(header.length) };
  }

  #baseOffset(header: Exclude<EntryHeader, { kind: "whole" }>, offset: number): number {
    if (header.kind === "ofs") {
      if (header.distance > 0 && header.distance <= offset - headerBytes) return offset - header.distance;
    } else {
      const position = this.index.find(header.base);
      if (position >= 0) return this.index.offsetAt(position);
    }
    throw new MalformedData("a pack has a delta without a base");
  }
}

function inflate(data: Buffer, size: number): Buffer {
  checkObjectSize(size);
  let bytes: Buffer;
  try {
    // One output buffer of the right size; one byte more lets zlib see the end in the same pass.
    bytes = inflateSync(data, { chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) });
  } catch (error) {
    throw new MalformedData("a pack entry cannot be inflated", error);
  }
  if (bytes.length !== size) throw new MalformedData("a pack entry is of another size than it says");
  return bytes;
}

function checkObjectSize(size: number): void {
  if (size <= artifactLimits.objectBytesMax) return;
  throw new SwitchyardError("too_large", `an object of ${size} bytes is too large to be read whole`, {
    next: "Clone the repository with git to get it",
    details: { bytes: size, max_bytes: artifactLimits.objectBytesMax },
  });
}

function endless(): MalformedData {
  return new MalformedData("a pack has a delta chain without an end");
}
