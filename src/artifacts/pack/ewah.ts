import { MalformedData } from "../objects/malformed.ts";

/**
 * Bits as 32-bit words, the first bit the lowest of the first word. Git keeps them compressed (EWAH, 64-bit words):
 * a marker word tells how many words of one bit follow, and how many words as they are.
 */
export type Bits = Uint32Array;

export function newBits(count: number): Bits {
  return new Uint32Array(Math.ceil(count / 64) * 2);
}

export function setBit(bits: Bits, i: number): void {
  bits[i >>> 5] = (bits[i >>> 5] ?? 0) | (1 << (i & 31));
}

export function hasBit(bits: Bits, i: number): boolean {
  return (((bits[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 1;
}

/** Whether the first `count` bits are all set. */
export function hasAllBits(bits: Bits, count: number): boolean {
  const words = count >>> 5;
  for (let i = 0; i < words; i++) if (bits[i] !== 0xffffffff) return false;
  const rest = ~(-1 << (count & 31));
  return ((bits[words] ?? 0) & rest) === rest;
}

/** Where a compressed bit map ends in a buffer. @throws invalid_request */
export function endOfEwah(bytes: Buffer, at: number): number {
  if (at + 8 > bytes.length) throw new MalformedData("a bit map is cut short");
  const end = at + 8 + bytes.readUInt32BE(at + 4) * 8 + 4;
  if (end > bytes.length) throw new MalformedData("a bit map is cut short");
  return end;
}

/** Reads a compressed bit map into as many bits as there are objects. @throws invalid_request */
export function readEwah(bytes: Buffer, at: number, count: number): Bits {
  const bits = newBits(count);
  const words = bytes.readUInt32BE(at + 4);
  let from = at + 8;
  const end = from + words * 8;
  let to = 0;
  while (from + 8 <= end) {
    const high = bytes.readUInt32BE(from);
    const low = bytes.readUInt32BE(from + 4);
    from += 8;
    // From the lowest bit: the running bit, 32 bits of its length, 31 bits of how many words follow as they are.
    const running = ((high & 1) * 0x80000000 + (low >>> 1)) * 2;
    const literals = (high >>> 1) * 2;
    if (to + running + literals > bits.length || from + literals * 4 > end)
      throw new MalformedData("a bit map is too long");
    if (low & 1) bits.fill(0xffffffff, to, to + running);
    to += running;
    for (let i = 0; i < literals; i += 2, from += 8) {
      bits[to + i] = bytes.readUInt32BE(from + 4);
      bits[to + i + 1] = bytes.readUInt32BE(from);
    }
    to += literals;
  }
  return bits;
}

/** Writes bits compressed, as git reads them. */
export function formatEwah(bits: Bits, count: number): Buffer {
  const words: number[] = [];
  const total = Math.ceil(count / 64) * 2;
  let marker = 0;
  let at = 0;
  while (at < total || words.length === 0) {
    const isRun = (i: number, value: number) => bits[i] === value && bits[i + 1] === value;
    const value = at < total && isRun(at, 0xffffffff) ? 0xffffffff : 0;
    let running = 0;
    while (at < total && isRun(at, value)) {
      running += 1;
      at += 2;
    }
    marker = words.length / 2;
    words.push(0, 0);
    let literals = 0;
    while (at < total && !isRun(at, 0) && !isRun(at, 0xffffffff)) {
      words.push(bits[at + 1] ?? 0, bits[at] ?? 0);
      literals += 1;
      at += 2;
    }
    words[marker * 2] = literals * 2 + Math.floor(running / 0x80000000);
    words[marker * 2 + 1] = ((running % 0x80000000) * 2 + (value === 0 ? 0 : 1)) >>> 0;
  }
  const bytes = Buffer.alloc(8 + words.length * 4 + 4);
  bytes.writeUInt32BE(count, 0);
  bytes.writeUInt32BE(words.length / 2, 4);
  words.forEach((word, i) => {
    bytes.writeUInt32BE(word, 8 + i * 4);
  });
  bytes.writeUInt32BE(marker, bytes.length - 4);
  return bytes;
}
