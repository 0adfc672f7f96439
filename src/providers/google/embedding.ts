import type { ModelCard } from "../../core/model-card.ts";
import { checkInputs, embeddingOutcome, readVector, splitInputs } from "../dialects/openai-embeddings/embedding.ts";
import { asCount, asList, asObject, defined, type JsonObject, parseObject } from "../narrow.ts";
import { withProviderOptions } from "../provider-options.ts";
import type { EmbeddingParams, EmbeddingRequest, EmbeddingResult } from "../shapes/embedding.ts";
import type { UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";

const batchMax = 100;

const taskTypes: Readonly<Record<NonNullable<EmbeddingParams["purpose"]>, string>> = {
  query: "RETRIEVAL_QUERY",
  document: "RETRIEVAL_DOCUMENT",
  similarity: "SEMANTIC_SIMILARITY",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
  code_query: "CODE_RETRIEVAL_QUERY",
  question_answering: "QUESTION_ANSWERING",
  fact_verification: "FACT_VERIFICATION",
};

/** `:batchEmbedContents`. */
export const embedding: UnaryAdapter<EmbeddingRequest, EmbeddingResult> = {
  kind: "unary",
  check,
  split: (request) => splitInputs(request, batchMax),
  request: ({ params, provider_options }, model, credentials) => {
    refuseUnsupported(check({ prompt: "", params }, model), model);
    const id = model.nativeId.replace(/^models\//, "");
    const shared: JsonObject = {
      model: `models/${id}`,
      ...(params.purpose && { taskType: taskTypes[params.purpose] }),
      ...(params.dimensions !== undefined && { outputDimensionality: params.dimensions }),
    };
    const requests = params.input.map((text) => ({ ...shared, content: { parts: [{ text }] } }));
    return {
      method: "POST",
      url: `${credentials.baseUrl}/models/${encodeURIComponent(id)}:batchEmbedContents`,
      headers: { "x-goog-api-key": credentials.apiKey, "content-type": "application/json", ...credentials.headers },
      body: JSON.stringify(withProviderOptions({ requests }, provider_options, "google")),
    };
  },
  decode: (answer, { params }) => {
    const body = parseObject(Buffer.from(answer.body).toString("utf8"));
    const vectors = asList(body?.embeddings).map((item) => {
      const vector = readVector(asObject(item)?.values);
      // Google normalises only vectors of full length.
      return vector && params.dimensions !== undefined ? normalised(vector) : vector;
    });
    const usage = defined({ inputTokens: asCount(asObject(body?.usageMetadata)?.promptTokenCount) });
    return embeddingOutcome(vectors, params.input.length, { usage, requestId: undefined });
  },
};

function check({ params }: EmbeddingRequest, model: ModelCard): UnsupportedField[] {
  const found = checkInputs(params.input);
  if (params.purpose !== undefined && !model.nativeId.endsWith("embedding-001")) {
    found.push({ field: "params.purpose", reason: "it reads the purpose from the text itself", droppable: true });
  }
  return found;
}

function normalised(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
