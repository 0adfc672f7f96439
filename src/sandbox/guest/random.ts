import type { Realm } from "./realm.ts";

/** Replaces `Math.random`: an instance that is set back in place would repeat the engine's own numbers for ever. */
export function installRandom(realm: Realm) {
  let a = 1;
  let b = 2;
  let c = 3;
  let d = 1;

  /** sfc32 (Chris Doty-Humphrey, PractRand). */
  function next(): number {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  }

  realm.define(Math, "random", {
    value: () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53,
    writable: true,
    configurable: true,
  });

  /** Four 32-bit words of seed. */
  return function seed(words: number[]): void {
    a = (words[0] ?? 0) | 0;
    b = (words[1] ?? 0) | 0;
    c = (words[2] ?? 0) | 0;
    d = (words[3] ?? 0) | 0;
    for (let round = 0; round < 12; round++) next();
  };
}
