import type { Rng } from "./clock.ts";

/** Prefixes of the ids a caller sees. */
export type IdPrefix = "gen" | "mem" | "run" | "ses" | "hold" | "grant" | "key" | "att" | "tok";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * `prefix_` and 128 bits in lower-case Crockford base 32 (26 characters): all random, or, with a time in milliseconds,
 * 48 bits of it and 80 random ones. Such ids sort by their time, so that new rows land side by side in an index.
 */
export function newId(prefix: IdPrefix, rng: Rng, nowMs?: number): string {
  const bytes = nowMs === undefined ? rng.bytes(16) : Buffer.concat([timeBytes(nowMs), rng.bytes(10)]);
  let bits = 0;
  let value = 0;
  let text = "";
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  return `${prefix}_${text}${alphabet[(value << (5 - bits)) & 31]}`;
}

function timeBytes(nowMs: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(nowMs, 0, 6);
  return bytes;
}
