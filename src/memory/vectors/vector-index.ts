import { memoryLimits } from "../../core/limits.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import { SignCodes } from "./codes.ts";

/** A memory and how near its meaning is to a query's, as the cosine of the angle between their vectors. */
export interface Near {
  readonly n: number;
  readonly similarity: number;
}

/**
 * The vectors of one model in one profile. Their sign bits are kept in memory and follow the table as it grows; rows
 * that went since are left behind by the query that reads the vectors themselves.
 */
export class VectorIndex {
  readonly model: string;
  readonly #dimensions: number;
  #codes: SignCodes;
  /** The last row of `vectors` that was taken in. */
  #last = 0;

  constructor(model: string, dimensions: number) {
    this.model = model;
    this.#dimensions = dimensions;
    this.#codes = new SignCodes(dimensions);
  }

  /** The memories nearest to a vector, nearest first. */
  search(profile: ProfileDatabase, query: Float32Array, most: number): Near[] {
    this.#follow(profile);
    const keys = this.#codes.nearest(query, memoryLimits.vectorPrefilterMax);
    const rows = profile
      .statement("SELECT n, vector FROM vectors WHERE v IN (SELECT value FROM json_each(?)) AND model = ?")
      .all(JSON.stringify(keys), this.model) as unknown as { n: number; vector: Uint8Array }[];
    return rows
      .map(({ n, vector }) => ({ n, similarity: cosine(query, toFloats(vector)) }))
      .sort((a, b) => b.similarity - a.similarity || a.n - b.n)
      .slice(0, most);
  }

  #follow(profile: ProfileDatabase): void {
    const { total, last } = profile
      .statement("SELECT count(*) AS total, coalesce(max(v), 0) AS last FROM vectors")
      .get() as { total: number; last: number };
    // Much has gone since, or the file was put in another's place: begin anew.
    if (last < this.#last || this.#codes.size > 2 * total + 1_000) {
      this.#codes = new SignCodes(this.#dimensions);
      this.#last = 0;
    }
    if (last === this.#last) return;
    const added = profile
      .statement("SELECT v, vector FROM vectors WHERE v > ? AND model = ? ORDER BY v")
      .iterate(this.#last, this.model) as Iterable<unknown> as Iterable<{ v: number; vector: Uint8Array }>;
    for (const { v, vector } of added) this.#codes.add(v, toFloats(vector));
    this.#last = last;
  }
}

/** 32-bit floats in the machine's order, as vectors are stored. */
export function toBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

function toFloats(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let index = 0; index < a.length; index += 1) {
    const x = a[index] ?? 0;
    const y = b[index] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}
