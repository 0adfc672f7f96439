import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { embeddingOf } from "../../model/embedding.ts";
import { countTokens } from "../../model/tokens.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest } from "../../provider.ts";
import { jsonReply, type Reply } from "../../wire/reply.ts";
import { refuse } from "./errors.ts";

const documentsMax = 500;
const tokensMax = 120_000;
const dimensions = 256;

const body = z.strictObject({
  model: z.literal("qwen3-rerank"),
  input: z.strictObject({ query: z.string().min(1), documents: z.array(z.string().min(1)).min(1).max(documentsMax) }),
  parameters: z
    .strictObject({
      top_n: z.number().int().min(1).optional(),
      return_documents: z.boolean().optional(),
      instruct: z.string().optional(),
    })
    .optional(),
});

/** `rerank/text-rerank/text-rerank`: the texts that share most words with the query come first. */
export function rank(request: ProviderRequest): Reply {
  const parsed = parseBody(body, request.json() ?? {});
  if (!parsed.ok) return refuse(request.requestId, shapeError(parsed.issue).message);
  const { input, parameters = {} } = parsed.value;
  const { query, documents } = input;
  const total_tokens = documents.reduce((sum, text) => sum + countTokens(text), countTokens(query) * documents.length);
  if (total_tokens > tokensMax) return refuse(request.requestId, `the input is longer than ${tokensMax} tokens`);
  const asked = embeddingOf(query, dimensions);
  const results = documents
    .map((text, index) => {
      const vector = embeddingOf(text, dimensions);
      const score = asked.reduce((sum, value, at) => sum + value * (vector[at] ?? 0), 0);
      return {
        index,
        relevance_score: Math.max(0, score),
        ...(parameters.return_documents ? { document: { text } } : {}),
      };
    })
    .sort((one, other) => other.relevance_score - one.relevance_score || one.index - other.index)
    .slice(0, parameters.top_n);
  const answer = { request_id: request.requestId, output: { results }, usage: { total_tokens } };
  return jsonReply(200, answer, { billed: { inputTokens: total_tokens } });
}
