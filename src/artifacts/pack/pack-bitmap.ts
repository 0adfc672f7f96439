import { createHash } from "node:crypto";
import { MalformedData } from "../objects/malformed.ts";
import type { ObjectType } from "../objects/object.ts";
import { type Bits, endOfEwah, formatEwah, readEwah } from "./ewah.ts";

const headerBytes = 4 + 2 + 2 + 4 + 20;
const fullDag = 1;
const xorDepthMax = 160;

/** What a pack's commits reach, as git keeps it beside the pack (gitformat-pack, "pack-*.bitmap", version 1). */
export interface PackBitmaps {
  /** Everything reachable from the commit at a position of the index, by order in the pack; null when it is not kept. */
  reachable(position: number): Bits | null;
  /** Which objects of the pack are of a type. */
  ofType(type: ObjectType): Bits;
}

/** Reads the bit maps of a pack of so many objects with this checksum. @throws invalid_request */
export function parsePackBitmaps(bytes: Buffer, count: number, packChecksum: Buffer): PackBitmaps {
  const isKnown =
    bytes.length >= headerBytes && bytes.toString("latin1", 0, 4) === "BITM" && bytes.readUInt16BE(4) === 1;
  if (!isKnown || !(bytes.readUInt16BE(6) & fullDag))
    throw new MalformedData("a pack's bit maps are of another version");
  if (!bytes.subarray(12, 32).equals(packChecksum)) throw new MalformedData("bit maps are another pack's");
  const starts: number[] = [];
  let at = headerBytes;
  for (let i = 0; i < 4; i++) {
    starts.push(at);
    at = endOfEwah(bytes, at);
  }
  const entries: { readonly at: number; readonly xor: number }[] = [];
  const byPosition = new Map<number, number>();
  for (let i = 0; i < bytes.readUInt32BE(8); i++) {
    if (at + 6 > bytes.length) throw new MalformedData("a pack's bit maps are cut short");
    byPosition.set(bytes.readUInt32BE(at), i);
    entries.push({ at: at + 6, xor: bytes[at + 4] ?? 0 });
    at = endOfEwah(bytes, at + 6);
  }
  const read = (i: number, depth: number): Bits => {
    const entry = entries[i];
    if (entry === undefined || depth > xorDepthMax) throw new MalformedData("a pack's bit maps refer to one another");
    const bits = readEwah(bytes, entry.at, count);
    if (entry.xor === 0) return bits;
    const other = read(i - entry.xor, depth + 1);
    for (let word = 0; word < bits.length; word++) bits[word] = (bits[word] ?? 0) ^ (other[word] ?? 0);
    return bits;
  };
  return {
    reachable(position) {
      const entry = byPosition.get(position);
      return entry === undefined ? null : read(entry, 0);
    },
    ofType: (type) => readEwah(bytes, starts[typeOrder.indexOf(type)] ?? headerBytes, count),
  };
}

const typeOrder: readonly ObjectType[] = ["commit", "tree", "blob", "tag"];

/** Writes bit maps for commits by their positions in the index. */
export function formatPackBitmaps(
  count: number,
  packChecksum: Buffer,
  types: Readonly<Record<ObjectType, Bits>>,
  commits: readonly { readonly position: number; readonly bits: Bits }[],
): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write("BITM", "latin1");
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(fullDag, 6);
  header.writeUInt32BE(commits.length, 8);
  packChecksum.copy(header, 12);
  const parts = [header, ...typeOrder.map((type) => formatEwah(types[type], count))];
  for (const { position, bits } of commits) {
    const entry = Buffer.alloc(6);
    entry.writeUInt32BE(position, 0);
    parts.push(entry, formatEwah(bits, count));
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}
