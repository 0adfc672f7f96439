import type { EmbeddingDialect } from "../chat/embeddings.ts";
import { errorReply } from "../chat/wire.ts";
import { modelNotFound } from "./chat-dialect.ts";
import { compatibleErrors } from "./errors.ts";

const sizesOf4 = [64, 128, 256, 512, 768, 1_024, 1_536, 2_048];
const sizesOf3 = [64, 128, 256, 512, 768, 1_024];

/** Embeddings as Model Studio's compatible mode makes them. */
export const qwenEmbeddings: EmbeddingDialect = {
  models: [
    { id: "text-embedding-v4", dimensions: 1_024, canHave: (asked) => sizesOf4.includes(asked) },
    { id: "text-embedding-v3", dimensions: 1_024, canHave: (asked) => sizesOf3.includes(asked) },
  ],
  itemsMax: 10,
  itemTokensMax: 8_192,
  requestTokensMax: 81_920,
  formats: ["float"],
  tokenIds: false,
  fields: ["dimensions", "encoding_format"],
  error: ({ message }, request) => errorReply(compatibleErrors, { message, code: "invalid_parameter_error" }, request),
  modelNotFound,
};
