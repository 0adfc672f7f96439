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

/** Models that answer with images: id, and whether they can be asked for half a thousand pixels. */
export const imageModels: readonly (readonly [id: string, smallSize: boolean])[] = [
  ["gemini-nano-banana-2.1", false],
  ["gemini-3.1-flash-image", true],
  ["gemini-3.1-flash-image-preview", true],
  ["gemini-3.1-flash-lite-image", false],
  ["gemini-3-pro-image", false],
  ["gemini-3-pro-image-preview", false],
];

/** Models that answer with speech: id, and the version their rules follow. */
export const speechModels: readonly (readonly [id: string, version: number])[] = [
  ["gemini-3.8-flash-tts", 3.8],
  ["gemini-3.8-flash-lite-tts", 3.8],
  ["gemini-3.1-flash-tts-preview", 3.1],
  ["gemini-2.5-flash-preview-tts", 2.5],
  ["gemini-2.5-pro-preview-tts", 2.5],
];

/** Models that film, in Interactions alone: id, and the seconds a film has at most. */
export const videoModels: readonly (readonly [id: string, secondsMax: number])[] = [
  ["gemini-omni-1.2-flash", 15],
  ["gemini-omni-1.1-flash", 10],
  ["gemini-omni-flash-preview", 10],
];

/** Models that write down what is said, in Interactions alone. */
export const transcriptionModels: readonly string[] = ["gemini-3.5-transcribe"];
