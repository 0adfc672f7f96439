import type { Rng } from "./clock.ts";

/** Prefixes of the ids a caller sees. */
export type IdPrefix = "gen" | "mem" | "run" | "ses" | "hold" | "grant" | "key" | "att" | "tok";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** `prefix_` and 128 random bits in lower-case Crockford base 32 (26 characters). */
export function newId(prefix: IdPrefix, rng: Rng): string {
  const bytes = rng.bytes(16);
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
