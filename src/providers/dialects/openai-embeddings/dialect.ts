import type { ModelCard } from "../../../core/model-card.ts";

/** Where a server's `/embeddings` differs from OpenAI's. */
export interface EmbeddingsDialect {
  readonly provider: string;
  readonly path: string;
  /** Texts in one request. */
  readonly batchMax: (model: ModelCard) => number;
  /** Whether the model's vectors can be shortened. */
  readonly dimensions: (model: ModelCard) => boolean;
  /** `base64` is little-endian float32, a third of the size of numbers in JSON. */
  readonly encoding: "base64" | "float" | null;
}
