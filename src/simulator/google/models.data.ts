/** Gemini models that answer text: id, input tokens, output tokens at most, and the version its rules follow. */
export const textModels: readonly (readonly [id: string, inputMax: number, outputMax: number, version: number])[] = [
  ["gemini-4-argon", 1_048_576, 32_768, 4],
  ["gemini-4-carbon", 1_048_576, 65_536, 4],
  ["gemini-4-hydrogen", 1_048_576, 65_536, 4],
  ["gemini-3.8-flash", 1_048_576, 65_536, 3.8],
  ["gemini-3.7-flash", 1_048_576, 65_536, 3.7],
  ["gemini-3.6-flash", 1_048_576, 65_536, 3.6],
  ["gemini-3.5-flash", 1_048_576, 65_536, 3.6],
  ["gemini-3.5-flash-lite", 1_048_576, 65_536, 3.5],
  ["gemini-3.1-pro-preview", 1_048_576, 65_536, 3.1],
  ["gemini-3.1-pro-preview-customtools", 1_048_576, 65_536, 3.1],
  ["gemini-3.1-flash-lite", 1_048_576, 65_536, 3.1],
  ["gemini-3.1-flash-lite-preview", 1_048_576, 65_536, 3.1],
  ["gemini-3-flash-preview", 1_048_576, 65_536, 3],
  ["gemini-2.5-pro", 1_048_576, 65_536, 2.5],
  ["gemini-2.5-flash", 1_048_576, 65_536, 2.5],
  ["gemini-2.5-flash-lite", 1_048_576, 65_536, 2.5],
  ["gemini-2.5-computer-use-preview-10-2025", 128_000, 64_000, 2.5],
  ["gemini-flash-latest", 1_048_576, 65_536, 3.8],
  ["gemini-flash-lite-latest", 1_048_576, 65_536, 3.5],
  ["gemini-pro-latest", 1_048_576, 65_536, 4],
  ["gemini-robotics-er-2-preview", 131_072, 65_536, 3],
  ["gemma-4-26b-a4b-it", 262_144, 32_768, 0],
  ["gemma-4-31b-it", 262_144, 32_768, 0],
];

/** Embedding models: id, dimensions, tokens of one input. */
export const embeddingModels: readonly (readonly [id: string, dimensions: number, tokensMax: number])[] = [
  ["gemini-embedding-001", 3_072, 2_048],
  ["gemini-embedding-2", 3_072, 8_192],
];
