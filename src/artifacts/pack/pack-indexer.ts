import { createHash, hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { constants, crc32, createInflate, inflateSync } from "node:zlib";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { MalformedData } from "../objects/malformed.ts";
import { type GitObject, type ObjectType, type Oid, objectHeader } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import { ByteCache } from "./byte-cache.ts";
import { applyDelta, parseDeltaHeader } from "./delta.ts";
import { type EntryHeader, entryHeaderBytesMax, parseEntryHeader } from "./entry.ts";
import type { IndexedEntry } from "./pack-index.ts";

/** What an indexer tells of each object once: before its id is used for anything. */
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

/** An entry whose content is needed while deltas on it wait. */
interface Node {
  readonly entry: Entry;
  readonly type: ObjectType;
  bytes: Buffer | null;
}

/**
 * Reads a received pack from its file, proves its checksum, and gives every object its id. Inflating is bounded by
 * what entries declare, and those by the limits. Objects up to `wholeBytesMax` are shown to `onObject` with content.
 * @throws invalid_request when the pack is malformed, too_large when it is over a limit.
 */
export class PackIndexer {
  readonly #fd: number;
  readonly #size: number;
  readonly #onObject: OnObject;
  readonly #pacer: Pacer;
  readonly #objectBytesMax: number;
  readonly #found: IndexedEntry[] = [];
  readonly #byOffset = new Map<number, Entry>();
  readonly #byOid = new Map<Oid, Entry>();
  readonly #onOffset = new Map<number, Entry[]>();
  readonly #onOid = new Map<Oid, Entry[]>();
  readonly #recent = new ByteCache<number, GitObject>(artifactLimits.deltaCacheBytesMax);
  #work = 0;
  #keptDeltaBytes = 0;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;

  constructor(path: string, onObject: OnObject, pacer: Pacer, objectBytesMax: number) {
    this.#fd = openSync(path, "r");
    this.#size = fstatSync(this.#fd).size;
    this.#onObject = onObject;
    this.#pacer = pacer;
    this.#objectBytesMax = objectBytesMax;
  }

  async index(): Promise<IndexedPack> {
    try {
      const checksum = await this.#checkChecksum();
      const head = this.#read(0, 12);
      const version = head.readUInt32BE(4);
      if (head.toString("latin1", 0, 4) !== "PACK" || (version !== 2 && version !== 3)) throw bad("has no header");
      const count = head.readUInt32BE(8);
      if (count > artifactLimits.pushObjectsMax) throw tooMany(count);
      await this.#readEntries(count);
      await this.#resolveDeltas();
      if (this.#found.length !== count) throw bad("has deltas whose base is not in it");
      return { entries: this.#found, checksum };
    } finally {
      closeSync(this.#fd);
    }
  }

  async #checkChecksum(): Promise<Buffer> {
    if (this.#size < 12 + 20) throw bad("is cut short");
    const sha = createHash("sha1");
    const end = this.#size - 20;
    for (let at = 0; at < end; at += artifactLimits.packWindowBytes) {
      sha.update(this.#read(at, Math.min(end, at + artifactLimits.packWindowBytes)));
      await this.#pacer.pause();
    }
    const trailer = this.#read(end, this.#size);
    if (!sha.digest().equals(trailer)) throw bad("does not match its checksum");
    return trailer;
  }

  async #readEntries(count: number): Promise<void> {
    let offset = 12;
    for (let i = 0; i < count; i++) {
      const pause = this.#pacer.pause();
      if (pause) await pause;
      const entry = await this.#readEntry(offset);
      offset = entry.end;
    }
    if (offset !== this.#size - 20) throw bad("has more in it than it says");
  }

  async #readEntry(offset: number): Promise<Entry> {
    const header = parseEntryHeader(this.#read(offset, Math.min(offset + entryHeaderBytesMax, this.#size - 20)), 0);
    if (header === null) throw bad("ends inside an entry");
    this.#charge(header.size);
    const start = offset + header.length;
    if (header.kind === "whole" && header.size > artifactLimits.streamedObjectBytesMin) {
      return this.#streamWhole(offset, header, start);
    }
    const { bytes, consumed } = this.#inflate(start, header.size);
    const entry = this.#entry(offset, header, start + consumed);
    if (header.kind !== "whole" && this.#keptDeltaBytes + bytes.length <= artifactLimits.keptDeltaBytesMax) {
      this.#keptDeltaBytes += bytes.length;
      entry.delta = bytes;
    }
    if (header.kind === "whole") this.#identify(entry, header.type, bytes);
    else if (header.kind === "ref") addTo(this.#onOid, header.base, entry);
    else addTo(this.#onOffset, this.#checkBase(offset, header.distance), entry);
    return entry;
  }

  #checkBase(offset: number, distance: number): number {
    const base = offset - distance;
    if (distance <= 0 || !this.#byOffset.has(base)) throw bad("has a delta whose base is no entry before it");
    return base;
  }

  #entry(offset: number, header: EntryHeader, end: number): Entry {
    let crc = 0;
    for (let at = offset; at < end; at += artifactLimits.packWindowBytes) {
      crc = crc32(this.#read(at, Math.min(end, at + artifactLimits.packWindowBytes)), crc);
    }
    const entry: Entry = { offset, header, end, crc, delta: null };
    this.#byOffset.set(offset, entry);
    return entry;
  }

  #identify(entry: Entry, type: ObjectType, bytes: Buffer): void {
    const oid = hash("sha1", Buffer.concat([objectHeader(type, bytes.length), bytes]));
    this.#add(entry, oid);
    this.#onObject(type, oid, bytes, bytes.length);
    if (type !== "blob") this.#recent.set(entry.offset, { type, bytes }, bytes.length + 200);
  }

  #add(entry: Entry, oid: Oid): void {
    if (this.#byOid.has(oid)) throw bad(`has object ${oid} twice`);
    this.#byOid.set(oid, entry);
    this.#found.push({ oid, offset: entry.offset, crc: entry.crc });
  }

  /** A large blob is hashed as it is inflated and never held whole. */
  async #streamWhole(offset: number, header: EntryHeader & { kind: "whole" }, start: number): Promise<Entry> {
    if (header.type !== "blob")
      throw tooLarge(`a ${header.type} of ${header.size} bytes`, artifactLimits.streamedObjectBytesMin);
    const sha = createHash("sha1").update(objectHeader(header.type, header.size));
    const inflater = createInflate();
    let size = 0;
    let at = start;
    const failed = new Promise<never>((_resolve, reject) => inflater.on("error", reject));
    failed.catch(() => {});
    inflater.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > header.size) inflater.destroy(new Error("longer than declared"));
      else sha.update(chunk);
    });
    let isOver = false;
    const ended = new Promise<void>((resolve) => {
      inflater.on("end", () => {
        isOver = true;
        resolve();
      });
    });
    try {
      while (!isOver && at < this.#size - 20) {
        const chunk = this.#read(at, Math.min(this.#size - 20, at + artifactLimits.packWindowBytes));
        at += chunk.length;
        await Promise.race([failed, ended, new Promise<void>((resolve) => inflater.write(chunk, () => resolve()))]);
        await this.#pacer.pause();
      }
      inflater.end();
      await Promise.race([failed, ended]);
    } catch (error) {
      throw new MalformedData("a pack entry cannot be inflated", error);
    } finally {
      inflater.destroy();
    }
    if (size !== header.size) throw bad("has an entry of another size than it says");
    const entry = this.#entry(offset, header, start + inflater.bytesWritten);
    const oid = sha.digest("hex");
    this.#add(entry, oid);
    this.#onObject(header.type, oid, null, header.size);
    return entry;
  }

  /** Inflates exactly what is declared, and answers how many bytes of the pack that took. */
  #inflate(start: number, size: number): { bytes: Buffer; consumed: number } {
    // Deflated data is hardly ever longer than the data; where it is, a second look takes in more.
    for (const slack of [64 + size / 512, 4096 + size / 2, 65_536 + size * 4]) {
      const end = Math.min(this.#size - 20, Math.ceil(start + size + slack));
      try {
        const { buffer, engine } = inflateSync(this.#read(start, end), {
          info: true,
          chunkSize: Math.max(64, size + 1),
          maxOutputLength: Math.max(1, size),
        }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
        if (buffer.length !== size) throw bad("has an entry of another size than it says");
        return { bytes: buffer, consumed: engine.bytesWritten };
      } catch (error) {
        const isCut = (error as { errno?: unknown }).errno === constants.Z_BUF_ERROR && end < this.#size - 20;
        if (error instanceof MalformedData) throw error;
        if (!isCut) throw new MalformedData("a pack entry cannot be inflated", error);
      }
    }
    throw bad("has an entry that deflating made much longer");
  }

  /** The data of an entry whose place is known by now. */
  #inflateAgain({ offset, header, end }: Entry): Buffer {
    const options = { chunkSize: Math.max(64, header.size + 1), maxOutputLength: Math.max(1, header.size) };
    return inflateSync(this.#pread(offset + header.length, end), options);
  }

  /** Depth first from every base, so that few contents are held at a time. */
  async #resolveDeltas(): Promise<void> {
    const bases = this.#found.map(({ oid, offset }) => ({ oid, entry: this.#byOffset.get(offset) }));
    for (const { oid, entry } of bases) {
      if (entry === undefined || entry.header.kind !== "whole" || !this.#hasChildren(entry.offset, oid)) continue;
      await this.#resolveFrom({ entry, type: entry.header.type, bytes: null }, oid);
    }
  }

  async #resolveFrom(root: Node, rootOid: Oid): Promise<void> {
    const stack: { node: Node; parent: Node | null; children: Entry[] }[] = [];
    const open = (node: Node, parent: Node | null, oid: Oid) => {
      stack.push({ node, parent, children: this.#takeChildren(node.entry.offset, oid) });
    };
    let held = 0;
    const content = (level: number): Buffer => {
      const { node, parent } = stack[level] ?? { node: root, parent: null };
      if (node.bytes !== null) return node.bytes;
      this.#charge(node.entry.header.size);
      const bytes = this.#inflateAgain(node.entry);
      node.bytes = parent === null ? bytes : this.#apply(content(level - 1), bytes);
      held += node.bytes.length;
      return node.bytes;
    };
    open(root, null, rootOid);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const pause = this.#pacer.pause();
      if (pause) await pause;
      const child = top.children.pop();
      if (child === undefined) {
        held -= top.node.bytes?.length ?? 0;
        stack.pop();
        continue;
      }
      if (stack.length > artifactLimits.deltaChainMax) throw bad("has too long a chain of deltas");
      const base = content(stack.length - 1);
      const bytes = this.#apply(base, child.delta ?? this.#inflateAgain(child));
      child.delta = null;
      this.#identify(child, root.type, bytes);
      const oid = this.#found.at(-1)?.oid ?? "";
      if (!this.#hasChildren(child.offset, oid)) continue;
      held += bytes.length;
      open({ entry: child, type: root.type, bytes }, top.node, oid);
      // Contents further down are made again when their next child needs them.
      for (let level = 0; held > artifactLimits.deltaCacheBytesMax && level < stack.length - 1; level++) {
        const node = stack[level]?.node;
        held -= node?.bytes?.length ?? 0;
        if (node) node.bytes = null;
      }
    }
  }

  #apply(base: Buffer, delta: Buffer): Buffer {
    const { resultSize } = parseDeltaHeader(delta);
    this.#charge(resultSize);
    return applyDelta(base, delta);
  }

  #hasChildren(offset: number, oid: Oid): boolean {
    return this.#onOffset.has(offset) || this.#onOid.has(oid);
  }

  #takeChildren(offset: number, oid: Oid): Entry[] {
    const children = [...(this.#onOffset.get(offset) ?? []), ...(this.#onOid.get(oid) ?? [])];
    this.#onOffset.delete(offset);
    this.#onOid.delete(oid);
    return children;
  }

  /** Trees and commits that were made last, by the offsets of their entries: what a walk will want first. */
  recent(): Iterable<[number, GitObject]> {
    return this.#recent.entries();
  }

  /** Counts declared sizes before anything of that size is made. */
  #charge(size: number): void {
    if (size > this.#objectBytesMax) throw tooLarge(`an object of ${size} bytes`, this.#objectBytesMax);
    this.#work += size;
    if (this.#work > artifactLimits.pushInflatedBytesMax) {
      throw tooLarge("what the pack inflates to", artifactLimits.pushInflatedBytesMax);
    }
  }

  /** Small pieces come out of a window that moves along the file; valid until the next read. */
  #read(start: number, end: number): Buffer {
    if (end - start > artifactLimits.packWindowBytes / 4) return this.#pread(start, end);
    const from = start - this.#windowAt;
    if (from < 0 || end - this.#windowAt > this.#window.length) {
      this.#window = this.#pread(start, Math.min(this.#size, start + artifactLimits.packWindowBytes));
      this.#windowAt = start;
      return this.#window.subarray(0, end - start);
    }
    return this.#window.subarray(from, from + end - start);
  }

  #pread(start: number, end: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, end - start));
    let at = 0;
    while (at < buffer.length) {
      const read = readSync(this.#fd, buffer, at, buffer.length - at, start + at);
      if (read === 0) throw bad("is cut short");
      at += read;
    }
    return buffer;
  }
}

function addTo<Key>(map: Map<Key, Entry[]>, key: Key, entry: Entry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}

function bad(what: string): MalformedData {
  return new MalformedData(`the pack ${what}`);
}

function tooMany(count: number): SwitchyardError {
  return new SwitchyardError(
    "too_large",
    `the pack has ${count} objects; at most ${artifactLimits.pushObjectsMax} are accepted`,
    {
      next: "Push the history in steps",
    },
  );
}

function tooLarge(what: string, max: number): SwitchyardError {
  return new SwitchyardError("too_large", `the pack is refused: ${what} is over the limit of ${max} bytes`, {
    next: "Leave large files out of the repository, or ask the operator for a higher limit",
    details: { max_bytes: max },
  });
}
