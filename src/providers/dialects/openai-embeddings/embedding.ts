import type { ModelCard } from "../../../core/model-card.ts";
import { failure } from "../../failure.ts";
import { asCount, asList, asObject, asWord, defined, type JsonObject, parseObject } from "../../narrow.ts";
import { withProviderOptions } from "../../provider-options.ts";
import type { EmbeddingRequest, EmbeddingResult } from "../../shapes/embedding.ts";
import type { Credentials, WireAnswer, WireRequest } from "../../shapes/wire.ts";
import type { Outcome, UnaryAdapter } from "../../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../../unsupported.ts";
import { bearer } from "../openai-chat/request.ts";
import type { EmbeddingsDialect } from "./dialect.ts";

/** Embeddings over the OpenAI dialect. */
export function openaiEmbeddings(dialect: EmbeddingsDialect): UnaryAdapter<EmbeddingRequest, EmbeddingResult> {
  const check = (request: EmbeddingRequest, model: ModelCard) => checkEmbedding(dialect, request, model);
  return {
    kind: "unary",
    check,
    split: (request, model) => splitInputs(request, dialect.batchMax(model)),
    request: (request, model, credentials) => {
      refuseUnsupported(check(request, model), model);
      return embeddingRequest(dialect, request, model, credentials);
    },
    decode: (answer, request) => decodeEmbeddings(answer, request),
  };
}

function checkEmbedding(
  dialect: EmbeddingsDialect,
  { params }: EmbeddingRequest,
  model: ModelCard,
): UnsupportedField[] {
  const found = checkInputs(params.input);
  if (params.dimensions !== undefined && !dialect.dimensions(model)) {
    found.push({ field: "params.dimensions", reason: "its vectors have one length", droppable: true });
  }
  if (params.purpose !== undefined) {
    found.push({ field: "params.purpose", reason: "it does not distinguish purposes", droppable: true });
  }
  return found;
}

/** No provider makes a vector of nothing. */
export function checkInputs(input: readonly string[]): UnsupportedField[] {
  return input.flatMap((text, at) =>
    text === ""
      ? [{ field: `params.input[${at}]`, reason: "it is empty", allowed: "some text", droppable: false }]
      : [],
  );
}

/** The same request for each batch of inputs. */
export function splitInputs(request: EmbeddingRequest, batchMax: number): EmbeddingRequest[] {
  const { input } = request.params;
  const parts: EmbeddingRequest[] = [];
  for (let at = 0; at < input.length; at += batchMax) {
    parts.push({ ...request, params: { ...request.params, input: input.slice(at, at + batchMax) } });
  }
  return parts;
}

function embeddingRequest(
  dialect: EmbeddingsDialect,
  { params, provider_options }: EmbeddingRequest,
  model: ModelCard,
  credentials: Credentials,
): WireRequest {
  const body: JsonObject = {
    model: model.nativeId,
    input: params.input,
    ...(dialect.encoding && { encoding_format: dialect.encoding }),
    ...(params.dimensions !== undefined && { dimensions: params.dimensions }),
  };
  return {
    method: "POST",
    url: `${credentials.baseUrl}${dialect.path}`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(withProviderOptions(body, provider_options, dialect.provider)),
  };
}

function decodeEmbeddings(answer: WireAnswer, { params }: EmbeddingRequest): Outcome<EmbeddingResult> {
  const body = parseObject(Buffer.from(answer.body).toString("utf8"));
  const vectors: (readonly number[])[] = [];
  for (const [at, item] of asList(body?.data).entries()) {
    const entry = asObject(item);
    const vector = readVector(entry?.embedding);
    if (vector) vectors[asCount(entry?.index) ?? at] = vector;
  }
  return embeddingOutcome(vectors, params.input.length, {
    usage: embeddingUsage(asObject(body?.usage)),
    requestId: asWord(body?.id),
  });
}

/** The outcome of vectors, or the failure that there are not as many as there were texts. */
export function embeddingOutcome(
  vectors: readonly (readonly number[] | undefined)[],
  expected: number,
  facts: { usage: ReturnType<typeof embeddingUsage>; requestId: string | undefined },
): Outcome<EmbeddingResult> {
  const whole = Array.from({ length: expected }, (_, at) => vectors[at]).filter((vector) => vector !== undefined);
  if (whole.length !== expected || vectors.length !== expected) {
    return { failure: failure("malformed", `the answer has ${whole.length} vectors for ${expected} texts`) };
  }
  return { result: { embeddings: whole }, ...facts };
}

function embeddingUsage(usage: JsonObject | undefined) {
  // Some servers answer with zeros: that is nothing known.
  return defined({ inputTokens: asCount(usage?.prompt_tokens) || asCount(usage?.total_tokens) || undefined });
}

/** A vector as numbers, or as base64 of little-endian float32. */
export function readVector(value: unknown): readonly number[] | undefined {
  if (typeof value === "string") {
    const bytes = Buffer.from(value, "base64");
    if (bytes.byteLength === 0 || bytes.byteLength % 4 !== 0) return undefined;
    return finite(Array.from({ length: bytes.byteLength / 4 }, (_, at) => bytes.readFloatLE(at * 4)));
  }
  return Array.isArray(value) && value.length > 0 ? finite(value) : undefined;
}

function finite(vector: readonly unknown[]): readonly number[] | undefined {
  return vector.every((number): number is number => typeof number === "number" && Number.isFinite(number))
    ? vector
    : undefined;
}
