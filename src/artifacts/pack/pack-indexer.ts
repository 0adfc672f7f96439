import { createHash, hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { type GitObject, type ObjectType, type Oid, objectHeader } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import { ByteCache } from "./byte-cache.ts";
import { applyDelta, parseDeltaHeader } from "./delta.ts";
import { DeltaFamilies } from "./delta-families.ts";
import { type EntryHeader, entryHeaderBytesMax, parseEntryHeader } from "./entry.ts";
import { inflateEntry, inflateInPieces, inflateKnown } from "./inflate-entry.ts";
import type { IndexedEntry } from "./pack-index.ts";
import { badPack, PackInput } from "./pack-input.ts";

/** What an indexer tells of each object once; without content when that is too large to hold. */
export type OnObject = (type: ObjectType, oid: Oid, bytes: Buffer | null, size: number) => void;

export interface IndexedPack {
  readonly entries: readonly IndexedEntry[];
  readonly checksum: Buffer;
}

interface Entry {
  readonly offset: number;
  readonly header: EntryHeader;
  readonly end: number;
  readonly crc: number;
  /** A delta that was inflated already and is kept until its base is known. */
  delta: Buffer | null;
}

type WholeHeader = EntryHeader & { kind: "whole" };

/**
 * Reads a received pack from its file, proves its checksum, and gives every object its id. Inflating is bounded by
 * what entries declare, and those by the limits.
 * @throws invalid_request when the pack is malformed, too_large when it is over a limit.
 */
export class PackIndexer {
  readonly #input: PackInput;
  readonly #onObject: OnObject;
  readonly #pacer: Pacer;
  readonly #found: IndexedEntry[] = [];
  readonly #byOffset = new Map<number, Entry>();
  readonly #oids = new Set<Oid>();
  readonly #families = new DeltaFamilies<Entry>();
  readonly #recent = new ByteCache<number, GitObject>(artifactLimits.deltaCacheBytesMax);
  #inflatedBytes = 0;
  #keptDeltaBytes = 0;

  constructor(path: string, onObject: OnObject, pacer: Pacer) {
    this.#input = new PackInput(path);
    this.#onObject = onObject;
    this.#pacer = pacer;
  }

  async index(): Promise<IndexedPack> {
    try {
      const checksum = await this.#input.proveChecksum(this.#pacer);
      const count = this.#input.count();
      if (count > artifactLimits.pushObjectsMax) throw tooMany(count);
      await this.#readEntries(count);
      await this.#resolveDeltas();
      if (this.#found.length !== count) throw badPack("has deltas whose base is not in it");
      return { entries: this.#found, checksum };
    } finally {
      this.#input.close();
    }
  }

  /** Trees and commits that were made last, by the offsets of their entries: what a walk will want first. */
  recent(): Iterable<[number, GitObject]> {
    return this.#recent.entries();
  }

  async #readEntries(count: number): Promise<void> {
    let offset = 12;
    for (let i = 0; i < count; i++) {
      const pause = this.#pacer.pause();
      if (pause) await pause;
      const headerEnd = Math.min(offset + entryHeaderBytesMax, this.#input.end);
      const header = parseEntryHeader(this.#input.read(offset, headerEnd), 0);
      if (header === null) throw badPack("ends inside an entry");
      this.#charge(header.size);
      const isLarge = header.kind === "whole" && header.size > artifactLimits.streamedObjectBytesMin;
      offset = isLarge ? await this.#readLarge(offset, header) : this.#readSmall(offset, header);
    }
    if (offset !== this.#input.end) throw badPack("has more in it than it says");
  }

  /** Answers where the entry ends. */
  #readSmall(offset: number, header: EntryHeader): number {
    const start = offset + header.length;
    const { bytes, consumed } = inflateEntry(this.#input, start, header.size);
    const entry = this.#entry(offset, header, start + consumed);
    if (header.kind === "whole") {
      this.#identify(entry, header.type, bytes);
      return entry.end;
    }
    if (this.#keptDeltaBytes + bytes.length <= artifactLimits.keptDeltaBytesMax) {
      this.#keptDeltaBytes += bytes.length;
      entry.delta = bytes;
    }
    if (header.kind === "ref") this.#families.addOnOid(header.base, entry);
    else this.#families.addOnOffset(this.#checkBase(offset, header.distance), entry);
    return entry.end;
  }

  /** A large blob is hashed as it is inflated and never held whole. */
  async #readLarge(offset: number, header: WholeHeader): Promise<number> {
    const { type, size } = header;
    if (type !== "blob") throw tooLarge(`a ${type} of ${size} bytes`, artifactLimits.streamedObjectBytesMin);
    const sha = createHash("sha1").update(objectHeader(type, size));
    const start = offset + header.length;
    const consumed = await inflateInPieces(this.#input, start, size, (piece) => sha.update(piece), this.#pacer);
    const entry = this.#entry(offset, header, start + consumed);
    const oid = sha.digest("hex");
    this.#add(entry, oid);
    this.#onObject(type, oid, null, size);
    return entry.end;
  }

  #checkBase(offset: number, distance: number): number {
    const base = offset - distance;
    if (distance <= 0 || !this.#byOffset.has(base)) throw badPack("has a delta whose base is no entry before it");
    return base;
  }

  #entry(offset: number, header: EntryHeader, end: number): Entry {
    let crc = 0;
    for (let at = offset; at < end; at += artifactLimits.packWindowBytes) {
      crc = crc32(this.#input.read(at, Math.min(end, at + artifactLimits.packWindowBytes)), crc);
    }
    const entry: Entry = { offset, header, end, crc, delta: null };
    this.#byOffset.set(offset, entry);
    return entry;
  }

  #identify(entry: Entry, type: ObjectType, bytes: Buffer): Oid {
    const oid = hash("sha1", Buffer.concat([objectHeader(type, bytes.length), bytes]));
    this.#add(entry, oid);
    this.#onObject(type, oid, bytes, bytes.length);
    if (type !== "blob") this.#recent.set(entry.offset, { type, bytes }, bytes.length + 200);
    return oid;
  }

  #add(entry: Entry, oid: Oid): void {
    if (this.#oids.has(oid)) throw badPack(`has object ${oid} twice`);
    this.#oids.add(oid);
    this.#found.push({ oid, offset: entry.offset, crc: entry.crc });
  }

  async #resolveDeltas(): Promise<void> {
    const work = {
      inflateWhole: (offset: number) => this.#inflateAgain(this.#byOffset.get(offset)),
      apply: (base: Buffer, entry: Entry) => {
        const delta = entry.delta ?? this.#inflateAgain(entry);
        this.#charge(parseDeltaHeader(delta).resultSize);
        return applyDelta(base, delta);
      },
      identify: (entry: Entry, type: ObjectType, bytes: Buffer) => {
        entry.delta = null;
        return this.#identify(entry, type, bytes);
      },
    };
    // The list grows by what is resolved: only what was whole begins a family.
    for (const { oid, offset } of [...this.#found]) {
      const header = this.#byOffset.get(offset)?.header;
      if (header?.kind !== "whole" || !this.#families.has(offset, oid)) continue;
      await this.#families.resolve({ offset, oid, type: header.type }, work, this.#pacer);
    }
  }

  #inflateAgain(entry: Entry | undefined): Buffer {
    if (entry === undefined) throw badPack("has a delta without a base");
    this.#charge(entry.header.size);
    const deflated = this.#input.readCopy(entry.offset + entry.header.length, entry.end);
    return inflateKnown(deflated, entry.header.size);
  }

  /** Counts declared sizes before anything of that size is made. */
  #charge(size: number): void {
    if (size > artifactLimits.objectBytesMax)
      throw tooLarge(`an object of ${size} bytes`, artifactLimits.objectBytesMax);
    this.#inflatedBytes += size;
    if (this.#inflatedBytes > artifactLimits.pushInflatedBytesMax) {
      throw tooLarge("what the pack inflates to", artifactLimits.pushInflatedBytesMax);
    }
  }
}

function tooMany(count: number): SwitchyardError {
  const max = artifactLimits.pushObjectsMax;
  return new SwitchyardError("too_large", `the pack has ${count} objects; at most ${max} are accepted`, {
    next: "Push the history in steps",
    details: { max },
  });
}

function tooLarge(what: string, max: number): SwitchyardError {
  return new SwitchyardError("too_large", `the pack is refused: ${what} is over the limit of ${max} bytes`, {
    next: "Leave large files out of the repository, or ask the operator for a higher limit",
    details: { max_bytes: max },
  });
}
