import { MalformedData } from "../objects/malformed.ts";
import type { ObjectType, Oid } from "../objects/object.ts";

/** Type numbers of pack entries (gitformat-pack). */
export const packTypes = { commit: 1, tree: 2, blob: 3, tag: 4, ofsDelta: 6, refDelta: 7 } as const;

const typeNames: readonly (ObjectType | undefined)[] = [undefined, "commit", "tree", "blob", "tag"];

/** What an entry of a pack begins with. `size` is that of the inflated object, or of the inflated delta. */
export type EntryHeader =
  | { readonly kind: "whole"; readonly type: ObjectType; readonly size: number; readonly length: number }
  | { readonly kind: "ofs"; readonly distance: number; readonly size: number; readonly length: number }
  | { readonly kind: "ref"; readonly base: Oid; readonly size: number; readonly length: number };

/** The longest header: a 64-bit size and a base id. */
export const entryHeaderBytesMax = 10 + 20;

/**
 * Reads an entry's header at `at`; `length` is how many bytes it takes. Null when the buffer ends inside it.
 * @throws invalid_request when it is malformed.
 */
export function parseEntryHeader(bytes: Buffer, at: number): EntryHeader | null {
  let next = at;
  const first = bytes[next++];
  if (first === undefined) return null;
  let size = first & 15;
  let scale = 16;
  let byte = first;
  while (byte & 0x80) {
    const more = bytes[next++];
    if (more === undefined) return null;
    byte = more;
    size += (byte & 0x7f) * scale;
    scale *= 128;
    if (size > Number.MAX_SAFE_INTEGER) throw new MalformedData("a pack entry has an impossible size");
  }
  const number = (first >> 4) & 7;
  if (number === packTypes.refDelta) {
    if (next + 20 > bytes.length) return null;
    return { kind: "ref", base: bytes.toString("hex", next, next + 20), size, length: next + 20 - at };
  }
  if (number === packTypes.ofsDelta) {
    let distance = -1;
    do {
      const more = bytes[next++];
      if (more === undefined) return null;
      byte = more;
      distance = (distance + 1) * 128 + (byte & 0x7f);
      if (distance > Number.MAX_SAFE_INTEGER / 256) throw new MalformedData("a pack entry's base is out of reach");
    } while (byte & 0x80);
    return { kind: "ofs", distance, size, length: next - at };
  }
  const type = typeNames[number];
  if (type === undefined) throw new MalformedData(`a pack entry has type ${number}`);
  return { kind: "whole", type, size, length: next - at };
}

/** The header of an entry of this type number and inflated size. */
export function formatEntryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(size / 16);
  let byte = (type << 4) | (size % 16);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest % 128;
    rest = Math.floor(rest / 128);
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}

/** The distance back to a delta's base, as it follows the header of an offset delta. */
export function formatBaseDistance(distance: number): Buffer {
  const bytes = [distance % 128];
  let rest = Math.floor(distance / 128);
  while (rest > 0) {
    rest -= 1;
    bytes.unshift(0x80 | (rest % 128));
    rest = Math.floor(rest / 128);
  }
  return Buffer.from(bytes);
}
