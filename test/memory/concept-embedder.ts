import type { Embedder } from "../../src/memory/models.ts";

/** Words that mean the same to the test's model, though they share no letter. */
const concepts = [
  ["physician", "doctor", "surgeon"],
  ["feline", "cat", "kitten"],
  ["automobile", "car", "vehicle"],
  ["ship", "boat", "sailing"],
];

export interface ConceptEmbedder extends Embedder {
  /** Texts it was asked for, by purpose. */
  readonly asked: { readonly document: string[]; readonly query: string[] };
  failWith: unknown;
}

/** A small model of meaning: each concept is a direction, every other word points somewhere of its own. */
export function conceptEmbedder(model = "test/concepts", dimensions = 96): ConceptEmbedder {
  const asked = { document: [] as string[], query: [] as string[] };
  return {
    model,
    dimensions,
    asked,
    failWith: undefined,
    async embed(texts, purpose) {
      if (this.failWith !== undefined) throw this.failWith;
      asked[purpose].push(...texts);
      return texts.map((text) => embedOne(text, dimensions));
    },
  };
}

function embedOne(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) {
    const concept = concepts.findIndex((group) => group.includes(word));
    const seed = concept >= 0 ? concept * 7919 + 17 : hash(word);
    const weight = concept >= 0 ? 3 : 0.3;
    for (let index = 0; index < dimensions; index += 1) {
      vector[index] = (vector[index] ?? 0) + (weight * (hash(`${seed} ${index}`) - 2 ** 31)) / 2 ** 31;
    }
  }
  return vector;
}

function hash(text: string): number {
  let value = 2166136261;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return (value ^ (value >>> 13)) >>> 0;
}
