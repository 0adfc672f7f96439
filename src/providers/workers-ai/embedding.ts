import { openaiEmbeddings } from "../dialects/openai-embeddings/embedding.ts";

/** `POST /v1/embeddings`. */
export const embedding = openaiEmbeddings({
  provider: "workers-ai",
  path: "/v1/embeddings",
  batchMax: (model) => (model.nativeId.includes("qwen3-embedding") ? 32 : 100),
  dimensions: () => false,
  encoding: null,
});
