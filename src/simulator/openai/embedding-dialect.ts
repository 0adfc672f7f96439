import type { EmbeddingDialect } from "../chat/embeddings.ts";
import { modelNotFound, openAiError } from "./errors.ts";
import { embeddingModels } from "./models.data.ts";

/** Embeddings as OpenAI makes them. */
export const openAiEmbeddings: EmbeddingDialect = {
  models: embeddingModels.map(([id, dimensions, canShorten]) => ({
    id,
    dimensions,
    canHave: canShorten ? (asked) => asked <= dimensions : null,
  })),
  itemsMax: 2_048,
  itemTokensMax: 8_192,
  requestTokensMax: 300_000,
  formats: ["float", "base64"],
  tokenIds: true,
  fields: ["dimensions", "encoding_format", "user"],
  error: (error) => openAiError(400, error),
  modelNotFound,
};
