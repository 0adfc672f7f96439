import { createHash } from "node:crypto";
import { MalformedData } from "../objects/malformed.ts";
import type { Oid } from "../objects/object.ts";

const magic = 0xff744f63;
const fanoutAt = 8;
const namesAt = fanoutAt + 256 * 4;

/** Where each object of a pack begins. A position is an object's place among the ids in order. */
export interface PackIndex {
  readonly count: number;
  /** The position of an id, or -1. */
  find(oid: Oid): number;
  /** The same for an id as 20 bytes inside a buffer. */
  findBytes(bytes: Buffer, at: number): number;
  oidAt(position: number): Oid;
  /** Copies the 20 bytes of the id at a position. */
  copyOid(position: number, target: Buffer, at: number): void;
  offsetAt(position: number): number;
  crcAt(position: number): number;
  /** Positions whose ids begin with the hexadecimal digits. */
  withPrefix(prefix: string, limit: number): Oid[];
}

/** Reads an index of version 2 (gitformat-pack). @throws invalid_request when it is malformed. */
export function parsePackIndex(bytes: Buffer): PackIndex {
  if (bytes.length < namesAt + 40 || bytes.readUInt32BE(0) !== magic || bytes.readUInt32BE(4) !== 2) {
    throw new MalformedData("a pack index is not of version 2");
  }
  const fanout = new Uint32Array(257);
  for (let i = 0; i < 256; i++) {
    fanout[i + 1] = bytes.readUInt32BE(fanoutAt + i * 4);
    if ((fanout[i + 1] ?? 0) < (fanout[i] ?? 0)) throw new MalformedData("a pack index is out of order");
  }
  const count = fanout[256] ?? 0;
  const crcsAt = namesAt + count * 20;
  const offsetsAt = crcsAt + count * 4;
  const largeAt = offsetsAt + count * 4;
  if (bytes.length < largeAt + 40) throw new MalformedData("a pack index is cut short");

  const findBytes = (wanted: Buffer, at: number): number => {
    const first = wanted[at] ?? 0;
    const prefix = wanted.readUInt32BE(at);
    let low = fanout[first] ?? 0;
    let high = fanout[first + 1] ?? 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = namesAt + middle * 20;
      const here = bytes.readUInt32BE(start);
      let order = prefix - here;
      for (let i = 4; order === 0 && i < 20; i++) order = (wanted[at + i] ?? 0) - (bytes[start + i] ?? 0);
      if (order === 0) return middle;
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return -1;
  };
  const oidAt = (position: number) => bytes.toString("hex", namesAt + position * 20, namesAt + position * 20 + 20);

  return {
    count,
    findBytes,
    oidAt,
    find: (oid) => findBytes(Buffer.from(oid, "hex"), 0),
    copyOid: (position, target, at) => {
      bytes.copy(target, at, namesAt + position * 20, namesAt + position * 20 + 20);
    },
    crcAt: (position) => bytes.readUInt32BE(crcsAt + position * 4),
    offsetAt(position) {
      const offset = bytes.readUInt32BE(offsetsAt + position * 4);
      if (offset < 0x80000000) return offset;
      const large = largeAt + (offset - 0x80000000) * 8;
      if (large + 48 > bytes.length) throw new MalformedData("a pack index points outside itself");
      return Number(bytes.readBigUInt64BE(large));
    },
    withPrefix(prefix, limit) {
      const found: Oid[] = [];
      const byte = Number.parseInt(prefix.slice(0, 2), 16);
      for (let i = fanout[byte] ?? 0; i < (fanout[byte + 1] ?? 0) && found.length < limit; i++) {
        const oid = oidAt(i);
        if (oid.startsWith(prefix)) found.push(oid);
      }
      return found;
    },
  };
}

export interface IndexedEntry {
  readonly oid: Oid;
  readonly offset: number;
  /** CRC-32 of the entry as it is in the pack, header and all. */
  readonly crc: number;
}

/** Writes an index of version 2 for a pack with this checksum (its last 20 bytes). */
export function formatPackIndex(entries: readonly IndexedEntry[], packChecksum: Buffer): Buffer {
  const sorted = [...entries].sort((a, b) => (a.oid < b.oid ? -1 : a.oid > b.oid ? 1 : 0));
  const large = sorted.filter((entry) => entry.offset >= 0x80000000).length;
  const body = Buffer.alloc(namesAt + sorted.length * 28 + large * 8 + 20);
  body.writeUInt32BE(magic, 0);
  body.writeUInt32BE(2, 4);
  const crcsAt = namesAt + sorted.length * 20;
  const offsetsAt = crcsAt + sorted.length * 4;
  const largeAt = offsetsAt + sorted.length * 4;
  const counts = new Uint32Array(256);
  let nextLarge = 0;
  sorted.forEach(({ oid, offset, crc }, i) => {
    body.write(oid, namesAt + i * 20, "hex");
    const first = body[namesAt + i * 20] ?? 0;
    counts[first] = (counts[first] ?? 0) + 1;
    body.writeUInt32BE(crc, crcsAt + i * 4);
    if (offset < 0x80000000) {
      body.writeUInt32BE(offset, offsetsAt + i * 4);
    } else {
      body.writeUInt32BE(0x80000000 + nextLarge, offsetsAt + i * 4);
      body.writeBigUInt64BE(BigInt(offset), largeAt + nextLarge * 8);
      nextLarge += 1;
    }
  });
  let total = 0;
  counts.forEach((count, i) => {
    total += count;
    body.writeUInt32BE(total, fanoutAt + i * 4);
  });
  packChecksum.copy(body, body.length - 20);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}
