import { hash32 } from "../model/random.ts";

/** A lossless WebP of one colour that follows from `seed`. Codes of a single symbol take no bits for a pixel. */
export function makeWebp(width: number, height: number, seed: string): Buffer {
  const colour = hash32(seed);
  const bits = bitWriter();
  bits.write(0x2f, 8);
  bits.write(width - 1, 14);
  bits.write(height - 1, 14);
  bits.write(0, 1); // no alpha
  bits.write(0, 3); // version
  bits.write(0, 1); // no transform
  bits.write(0, 1); // no colour cache
  bits.write(0, 1); // one set of codes for the whole image
  // Green, red, blue, alpha, distance: each a simple code of one symbol, written in eight bits.
  for (const symbol of [(colour >>> 8) & 255, (colour >>> 16) & 255, colour & 255, 255, 0]) {
    bits.write(1, 1);
    bits.write(0, 1);
    bits.write(1, 1);
    bits.write(symbol, 8);
  }
  const data = bits.bytes();
  const padded = Buffer.concat([data, Buffer.alloc(data.length % 2)]);
  const head = Buffer.alloc(20);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(padded.length + 12, 4);
  head.write("WEBPVP8L", 8, "latin1");
  head.writeUInt32LE(data.length, 16);
  return Buffer.concat([head, padded]);
}

/** Bits from the lowest up, as WebP has them. */
function bitWriter() {
  const bits: number[] = [];
  return {
    write(value: number, count: number) {
      for (let at = 0; at < count; at += 1) bits.push((value >>> at) & 1);
    },
    bytes() {
      const out = Buffer.alloc(Math.ceil(bits.length / 8));
      for (const [at, bit] of bits.entries()) out[at >> 3] = (out[at >> 3] ?? 0) | (bit << (at & 7));
      return out;
    },
  };
}
