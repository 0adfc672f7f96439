import { z } from "zod";
import { embeddingOf } from "../model/embedding.ts";
import { countTokens } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { badInput, envelope } from "./errors.ts";

const textsMax = 100;

const embedBody = z.strictObject({
  text: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(textsMax)]),
  pooling: z.enum(["mean", "cls"]).optional(),
});

/** Answers an embedding model at `/ai/run/{model}`. */
export function runEmbedding(request: ProviderRequest, dimensions: number, tokensMax: number): Reply {
  const parsed = parseBody(embedBody, request.json() ?? {});
  if (!parsed.ok) return badInput(`${parsed.issue.path.join("/")}: ${parsed.issue.message}`);
  const { text, pooling = "mean" } = parsed.value;
  const texts = typeof text === "string" ? [text] : text;
  const counts = texts.map(countTokens);
  if (counts.some((count) => count > tokensMax)) return badInput(`a text is longer than ${tokensMax} tokens`);
  const data = texts.map((one) => Array.from(embeddingOf(one, dimensions)));
  const result = { shape: [texts.length, dimensions], data, pooling };
  return jsonReply(200, envelope(result), { billed: { inputTokens: counts.reduce((sum, count) => sum + count, 0) } });
}

const rerankBody = z.strictObject({
  query: z.string().min(1),
  contexts: z.array(z.strictObject({ text: z.string().min(1) })).min(1),
  top_k: z.number().int().min(1).optional(),
});

const rerankDimensions = 256;

/** Answers a rerank model at `/ai/run/{model}`: the texts that share most words with the query come first. */
export function runRerank(request: ProviderRequest): Reply {
  const parsed = parseBody(rerankBody, request.json() ?? {});
  if (!parsed.ok) return badInput(`${parsed.issue.path.join("/")}: ${parsed.issue.message}`);
  const { query, contexts, top_k: topK = contexts.length } = parsed.value;
  const asked = embeddingOf(query, rerankDimensions);
  const response = contexts
    .map(({ text }, id) => {
      const vector = embeddingOf(text, rerankDimensions);
      const score = asked.reduce((sum, value, at) => sum + value * (vector[at] ?? 0), 0);
      return { id, score: Math.max(0, score) };
    })
    .sort((left, right) => right.score - left.score || left.id - right.id)
    .slice(0, topK);
  const inputTokens = contexts.reduce((sum, { text }) => sum + countTokens(text), countTokens(query) * contexts.length);
  return jsonReply(200, envelope({ response }), { billed: { inputTokens } });
}
