import type { PackIndex } from "./pack-index.ts";

/** A pack's entries in the order of the file, where its index has them in the order of ids. Made when first needed. */
export class PackOrder {
  readonly #index: Pick<PackIndex, "count" | "offsetAt">;
  readonly #entriesEnd: number;
  #offsets: Float64Array | undefined;
  #positions: Uint32Array | undefined;

  constructor(index: Pick<PackIndex, "count" | "offsetAt">, entriesEnd: number) {
    this.#index = index;
    this.#entriesEnd = entriesEnd;
  }

  /** Where entries begin. */
  offsets(): Float64Array {
    if (this.#offsets === undefined) this.#sort();
    return this.#offsets ?? new Float64Array();
  }

  /** The positions in the index, by rank. */
  positions(): Uint32Array {
    if (this.#positions === undefined) this.#sort();
    return this.#positions ?? new Uint32Array();
  }

  #sort(): void {
    const { count } = this.#index;
    const offsets = new Float64Array(count);
    const positions = new Uint32Array(count);
    // Offset and position in one number: numbers sort much faster than anything with a comparison of ours.
    const isNarrow = this.#entriesEnd * (count + 1) <= Number.MAX_SAFE_INTEGER;
    if (isNarrow) {
      for (let i = 0; i < count; i++) offsets[i] = this.#index.offsetAt(i) * count + i;
      offsets.sort();
      for (let rank = 0; rank < count; rank++) {
        const both = offsets[rank] ?? 0;
        const position = both % count;
        positions[rank] = position;
        offsets[rank] = (both - position) / count;
      }
    } else {
      const byOffset = Uint32Array.from(positions.keys());
      byOffset.sort((a, b) => this.#index.offsetAt(a) - this.#index.offsetAt(b));
      byOffset.forEach((position, rank) => {
        positions[rank] = position;
        offsets[rank] = this.#index.offsetAt(position);
      });
    }
    this.#offsets = offsets;
    this.#positions = positions;
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
