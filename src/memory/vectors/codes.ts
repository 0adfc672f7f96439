/**
 * Sign bits of many vectors: 32 times smaller than the vectors, kept in memory, and near enough to choose which few
 * hundred of them are worth comparing in full.
 */
export class SignCodes {
  readonly #wordsPerCode: number;
  #words: Uint32Array;
  #keys: Float64Array;
  #count = 0;

  constructor(dimensions: number) {
    this.#wordsPerCode = Math.ceil(dimensions / 32);
    this.#words = new Uint32Array(64 * this.#wordsPerCode);
    this.#keys = new Float64Array(64);
  }

  get size(): number {
    return this.#count;
  }

  add(key: number, vector: Float32Array): void {
    if (this.#count === this.#keys.length) this.#grow();
    this.#keys[this.#count] = key;
    this.#words.set(signs(vector, this.#wordsPerCode), this.#count * this.#wordsPerCode);
    this.#count += 1;
  }

  /** Keys of the `most` codes that differ in the fewest bits from the vector's. */
  nearest(vector: Float32Array, most: number): number[] {
    const query = signs(vector, this.#wordsPerCode);
    const distances = new Uint16Array(this.#count);
    const histogram = new Uint32Array(32 * this.#wordsPerCode + 1);
    for (let index = 0; index < this.#count; index += 1) {
      let distance = 0;
      const from = index * this.#wordsPerCode;
      for (let word = 0; word < this.#wordsPerCode; word += 1) {
        distance += bitCount((this.#words[from + word] ?? 0) ^ (query[word] ?? 0));
      }
      distances[index] = distance;
      histogram[distance] = (histogram[distance] ?? 0) + 1;
    }
    let limit = 0;
    let within = 0;
    while (limit < histogram.length && within + (histogram[limit] ?? 0) <= most) {
      within += histogram[limit] ?? 0;
      limit += 1;
    }
    // Of those at the last distance only some still fit.
    let left = most - within;
    const chosen: number[] = [];
    for (let index = 0; index < this.#count; index += 1) {
      const distance = distances[index] ?? 0;
      if (distance > limit) continue;
      if (distance === limit) {
        if (left === 0) continue;
        left -= 1;
      }
      chosen.push(this.#keys[index] ?? 0);
    }
    return chosen;
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    const keys = new Float64Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#words = words;
    this.#keys = keys;
  }
}

function signs(vector: Float32Array, wordsPerCode: number): Uint32Array {
  const words = new Uint32Array(wordsPerCode);
  for (let index = 0; index < vector.length; index += 1) {
    if ((vector[index] ?? 0) > 0) words[index >>> 5] = (words[index >>> 5] ?? 0) | (1 << (index & 31));
  }
  return words;
}

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
