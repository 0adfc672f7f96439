import { hash32, seededRandom } from "./random.ts";

/** Components each word adds to. */
const componentsPerWord = 8;

/**
 * A vector of length 1 for a text. Texts that share words are near each other, so that a search over simulated
 * embeddings finds something; nothing else is meant by it.
 */
export function embeddingOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  for (const word of words) {
    const random = seededRandom(hash32(word));
    for (let component = 0; component < componentsPerWord; component += 1) {
      const at = random.integer(dimensions);
      vector[at] = (vector[at] ?? 0) + (random.fraction() < 0.5 ? -1 : 1);
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
