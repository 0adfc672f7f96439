import { createHash, type Hash } from "node:crypto";
import { promisify } from "node:util";
import { deflate, deflateSync } from "node:zlib";
import type { GitObject } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import { formatBaseDistance, formatEntryHeader, packTypes } from "../pack/entry.ts";
import type { PackFile } from "../pack/pack-file.ts";
import { packHeader } from "../pack/pack-writer.ts";
import type { ObjectSource } from "../walk/object-source.ts";
import type { Selection } from "../walk/selection.ts";

const deflateInPool = promisify(deflate);
/** From this size on an object is deflated outside the event loop. */
const largeObjectBytes = 256 * 1024;
const copyBytes = 128 * 1024;
/** What a side band's packet holds beside its band. */
const chunkBytes = 65_515;

/**
 * A pack of the selected objects, in chunks of at most 65,515 bytes. Stored entries are copied as they are, deltas
 * with them when their base is in the pack too; a pack that is wanted whole is copied in runs without being looked at.
 * @param ofsDelta whether the receiver reads offset deltas.
 */
export async function* streamPack(
  source: ObjectSource,
  selection: Selection,
  ofsDelta: boolean,
  pacer: Pacer,
): AsyncGenerator<Buffer> {
  const out = new PackOutput();
  out.add(packHeader(selection.size));
  for (const [pack, part] of selection.packs) {
    if (part.count === pack.index.count && ofsDelta) yield* copyWholePack(pack, out, pacer);
    else yield* copyChosen(pack, part.chosen, out, ofsDelta, pacer);
  }
  for (const oid of selection.loose) {
    const large = source.largeLoose(oid);
    if (large !== null) {
      out.add(formatEntryHeader(packTypes[large.type], large.size));
      for await (const piece of large.deflated()) {
        out.add(piece);
        yield* out.full();
      }
      continue;
    }
    const object = source.read(oid);
    if (object === null) throw new Error(`object ${oid} went away while it was sent`);
    out.add(...(await wholeEntry(object)));
    yield* out.full();
    await pacer.pause();
  }
  yield* out.finish();
}

async function* copyWholePack(pack: PackFile, out: PackOutput, pacer: Pacer): AsyncGenerator<Buffer> {
  for (let at = 12; at < pack.entriesEnd; at += copyBytes) {
    out.add(pack.bytes(at, Math.min(pack.entriesEnd, at + copyBytes)));
    yield* out.full();
    await pacer.pause();
  }
}

async function* copyChosen(
  pack: PackFile,
  chosen: Uint8Array,
  out: PackOutput,
  ofsDelta: boolean,
  pacer: Pacer,
): AsyncGenerator<Buffer> {
  const offsets = pack.order.offsets();
  const positions = pack.order.positions();
  const newOffsets = new Float64Array(chosen.length);
  for (let i = 0; i < offsets.length; i++) {
    const position = positions[i] ?? 0;
    if (chosen[position] !== 1) continue;
    const pause = pacer.pause();
    if (pause) await pause;
    const offset = offsets[i] ?? 0;
    const end = offsets[i + 1] ?? pack.entriesEnd;
    const header = pack.headerAt(offset);
    newOffsets[position] = out.offset;
    const base =
      header.kind === "whole"
        ? position
        : header.kind === "ref"
          ? pack.index.find(header.base)
          : pack.order.positionAt(offset - header.distance);
    let body = offset + header.length;
    if (base < 0 || chosen[base] !== 1) {
      out.add(...(await wholeEntry(pack.readAt(offset))));
      body = end;
    } else if (header.kind !== "ofs") {
      body = offset;
    } else if (ofsDelta) {
      const distance = out.offset - (newOffsets[base] ?? 0);
      out.add(formatEntryHeader(packTypes.ofsDelta, header.size), formatBaseDistance(distance));
    } else {
      out.add(formatEntryHeader(packTypes.refDelta, header.size), Buffer.from(pack.index.oidAt(base), "hex"));
    }
    for (let at = body; at < end; at += copyBytes) {
      out.add(pack.bytes(at, Math.min(end, at + copyBytes)));
      if (out.hasFull) yield* out.full();
    }
    if (out.hasFull) yield* out.full();
  }
}

async function wholeEntry(object: GitObject): Promise<[Buffer, Buffer]> {
  const { type, bytes } = object;
  const data = bytes.length < largeObjectBytes ? deflateSync(bytes) : await deflateInPool(bytes);
  return [formatEntryHeader(packTypes[type], bytes.length), data];
}

/** Gathers what is written into chunks, hashing them as they fill. */
class PackOutput {
  offset = 0;
  readonly #hash: Hash = createHash("sha1");
  #chunk = Buffer.allocUnsafe(chunkBytes);
  #filled = 0;
  #full: Buffer[] = [];

  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  add(...parts: readonly Buffer[]): void {
    for (const part of parts) {
      this.offset += part.length;
      let at = 0;
      while (at < part.length) {
        const copied = part.copy(this.#chunk, this.#filled, at);
        this.#filled += copied;
        at += copied;
        if (this.#filled === chunkBytes) this.#close();
      }
    }
  }

  /** The chunks that are full, once. */
  *full(): Generator<Buffer> {
    const full = this.#full;
    this.#full = [];
    yield* full;
  }

  *finish(): Generator<Buffer> {
    if (this.#filled > 0) this.#close();
    yield* this.full();
    yield this.#hash.digest();
  }

  #close(): void {
    const chunk = this.#chunk.subarray(0, this.#filled);
    this.#hash.update(chunk);
    this.#full.push(chunk);
    this.#chunk = Buffer.allocUnsafe(chunkBytes);
    this.#filled = 0;
  }
}
