/**
 * OpenAI's models: id, context tokens, output tokens at most. Dated snapshots (`gpt-5.4-2026-03-05`) are accepted
 * besides these.
 */
export const textModels: readonly (readonly [id: string, context: number, outputMax: number])[] = [
  ["chat-latest", 400_000, 128_000],
  ["gpt-4.1", 1_047_576, 32_768],
  ["gpt-4.1-mini", 1_047_576, 32_768],
  ["gpt-4o", 128_000, 16_384],
  ["gpt-4o-mini", 128_000, 16_384],
  ["gpt-5", 400_000, 128_000],
  ["gpt-5-mini", 400_000, 128_000],
  ["gpt-5-nano", 400_000, 128_000],
  ["gpt-5-pro", 400_000, 128_000],
  ["gpt-5.1", 400_000, 128_000],
  ["gpt-5.2", 400_000, 128_000],
  ["gpt-5.2-chat-latest", 128_000, 16_384],
  ["gpt-5.2-pro", 400_000, 128_000],
  ["gpt-5.3-chat-latest", 128_000, 16_384],
  ["gpt-5.3-codex", 400_000, 128_000],
  ["gpt-5.3-codex-spark", 128_000, 32_000],
  ["gpt-5.4", 1_050_000, 128_000],
  ["gpt-5.4-mini", 400_000, 128_000],
  ["gpt-5.4-nano", 400_000, 128_000],
  ["gpt-5.4-pro", 1_050_000, 128_000],
  ["gpt-5.5", 1_050_000, 128_000],
  ["gpt-5.5-pro", 1_050_000, 128_000],
  ["gpt-5.6", 1_050_000, 128_000],
  ["gpt-5.6-cyber", 400_000, 128_000],
  ["gpt-5.6-luna", 1_050_000, 128_000],
  ["gpt-5.6-sol", 1_050_000, 128_000],
  ["gpt-5.6-terra", 1_050_000, 128_000],
  ["gpt-6-astra", 1_050_000, 128_000],
  ["gpt-6-luna", 1_050_000, 128_000],
  ["gpt-6-sol", 1_050_000, 128_000],
  ["gpt-6.1-sol", 1_050_000, 128_000],
  ["gpt-6.1-terra", 272_000, 128_000],
  ["gpt-audio-1.5", 128_000, 16_384],
  ["gpt-daybreak-blue-latest", 1_050_000, 128_000],
  ["gpt-daybreak-red-latest", 400_000, 128_000],
  ["o3", 200_000, 100_000],
  ["o3-pro", 200_000, 100_000],
  ["o4-mini", 200_000, 100_000],
];

/** Embedding models: id, dimensions, whether fewer can be asked for. */
export const embeddingModels: readonly (readonly [id: string, dimensions: number, canShorten: boolean])[] = [
  ["text-embedding-3-small", 1_536, true],
  ["text-embedding-3-large", 3_072, true],
  ["text-embedding-ada-002", 1_536, false],
];

/** Models that make or hear images and sound; what each takes stands with its route. */
export const mediaModels: readonly string[] = [
  "gpt-image-2.6-sunburst",
  "gpt-image-2.6-flare",
  "gpt-image-2.5-sunburst",
  "gpt-image-2.5-flare",
  "gpt-image-2",
  "gpt-image-1.5",
  "gpt-image-1-mini",
  "chatgpt-image-latest",
  "tts-1",
  "tts-1-hd",
  "gpt-4o-mini-tts",
  "gpt-transcribe",
  "gpt-4o-transcribe",
  "gpt-4o-mini-transcribe",
  "gpt-4o-transcribe-diarize",
  "whisper-1",
];
