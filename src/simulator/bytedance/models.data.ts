/** ModelArk's text models: id, context tokens, output tokens at most. Endpoint ids (`ep-…`) stand for the first. */
export const textModels: readonly (readonly [id: string, context: number, outputMax: number])[] = [
  ["dola-seed-2-1-turbo-260628", 262_144, 262_144],
  ["seed-2-1-turbo", 262_144, 262_144],
  ["seed-2-0-pro-260328", 262_144, 131_072],
  ["seed-2-0-lite-260228", 262_144, 131_072],
  ["seed-2-0-mini-260215", 262_144, 131_072],
  ["seed-2-0-code-preview-260328", 262_144, 131_072],
  ["seed-1-8-251228", 256_000, 32_768],
  ["seed-1-6-250915", 256_000, 32_000],
  ["seed-1-6-flash-250715", 256_000, 32_000],
];

/** Embedding models that fuse what they are given into one vector: id, dimensions at most. */
export const multimodalEmbeddingModels: readonly (readonly [id: string, dimensions: number])[] = [
  ["skylark-embedding-vision-251215", 2_048],
  ["skylark-embedding-vision-250615", 2_048],
];
