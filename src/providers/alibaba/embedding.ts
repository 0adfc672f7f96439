import { openaiEmbeddings } from "../dialects/openai-embeddings/embedding.ts";

/** `POST /compatible-mode/v1/embeddings`. */
export const embedding = openaiEmbeddings({
  provider: "alibaba",
  path: "/compatible-mode/v1/embeddings",
  batchMax: () => 10,
  dimensions: () => true,
  encoding: "float",
});
