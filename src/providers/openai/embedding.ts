import { openaiEmbeddings } from "../dialects/openai-embeddings/embedding.ts";

/** `POST /embeddings`. */
export const embedding = openaiEmbeddings({
  provider: "openai",
  path: "/embeddings",
  batchMax: () => 2_048,
  dimensions: (model) => model.nativeId.startsWith("text-embedding-3"),
  encoding: "base64",
});
