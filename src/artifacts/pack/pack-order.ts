import type { PackIndex } from "./pack-index.ts";

/** A pack's entries in the order of the file, where its index has them in the order of ids. Made when first needed. */
export class PackOrder {
  readonly #index: PackIndex;
  readonly #entriesEnd: number;
  #offsets: Float64Array | undefined;
  #positions: Uint32Array | undefined;

  constructor(index: PackIndex, entriesEnd: number) {
    this.#index = index;
    this.#entriesEnd = entriesEnd;
  }

  /** Where entries begin. */
  offsets(): Float64Array {
    if (this.#offsets === undefined) {
      this.#offsets = new Float64Array(this.#index.count);
      for (let i = 0; i < this.#index.count; i++) this.#offsets[i] = this.#index.offsetAt(i);
      this.#offsets.sort();
    }
    return this.#offsets;
  }

  /** The positions in the index, by rank. */
  positions(): Uint32Array {
    if (this.#positions === undefined) {
      this.#positions = new Uint32Array(this.#index.count);
      for (let i = 0; i < this.#index.count; i++) this.#positions[this.#rankOf(this.#index.offsetAt(i))] = i;
    }
    return this.#positions;
  }

  /** The place in the file's order of the object at a position of the index. */
  rankAt(position: number): number {
    return this.#rankOf(this.#index.offsetAt(position));
  }

  /** The position of the object whose entry begins at an offset, or -1. */
  positionAt(offset: number): number {
    const rank = this.#rankOf(offset);
    return this.offsets()[rank] === offset ? (this.positions()[rank] ?? -1) : -1;
  }

  /** Where the entry that begins at an offset ends. */
  endOf(offset: number): number {
    return this.offsets()[this.#rankOf(offset) + 1] ?? this.#entriesEnd;
  }

  /** How many entries begin before or at an offset, less one. */
  #rankOf(offset: number): number {
    const offsets = this.offsets();
    let low = 0;
    let high = offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
