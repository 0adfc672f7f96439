/**
 * Keeps recently used values up to a number of bytes. Two generations: what is used moves to the young one, and when
 * that is half of all, the old one goes. A hit costs one look-up, where a list in order of use would be rewritten.
 */
export class ByteCache<Key, Value> {
  #young = new Map<Key, { readonly value: Value; readonly bytes: number }>();
  #old = new Map<Key, { readonly value: Value; readonly bytes: number }>();
  readonly #bytesMax: number;
  #youngBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.#keep(key, old.value, old.bytes);
    return old.value;
  }

  /** Does nothing for a value that would push out more than an eighth of the cache. */
  set(key: Key, value: Value, bytes: number): void {
    if (bytes > this.#bytesMax / 8 || this.#young.has(key)) return;
    this.#old.delete(key);
    this.#keep(key, value, bytes);
  }

  *entries(): Generator<[Key, Value]> {
    for (const generation of [this.#old, this.#young]) {
      for (const [key, { value }] of generation) yield [key, value];
    }
  }

  #keep(key: Key, value: Value, bytes: number): void {
    if (this.#youngBytes + bytes > this.#bytesMax / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(key, { value, bytes });
    this.#youngBytes += bytes;
  }
}
