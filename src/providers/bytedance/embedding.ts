import { bearer } from "../dialects/openai-chat/request.ts";
import { checkInputs, embeddingOutcome, readVector, splitInputs } from "../dialects/openai-embeddings/embedding.ts";
import { asCount, asObject, asWord, defined, parseObject } from "../narrow.ts";
import { withProviderOptions } from "../provider-options.ts";
import type { EmbeddingRequest, EmbeddingResult } from "../shapes/embedding.ts";
import type { UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";

/** `POST /embeddings/multimodal`, which makes one vector of all it is given: one exchange for each text. */
export const embedding: UnaryAdapter<EmbeddingRequest, EmbeddingResult> = {
  kind: "unary",
  check,
  split: (request) => splitInputs(request, 1),
  request: ({ params, provider_options }, model, credentials) => {
    refuseUnsupported(check({ prompt: "", params }), model);
    const body = {
      model: model.nativeId,
      input: params.input.map((text) => ({ type: "text", text })),
      encoding_format: "float",
      ...(params.dimensions !== undefined && { dimensions: params.dimensions }),
    };
    return {
      method: "POST",
      url: `${credentials.baseUrl}/embeddings/multimodal`,
      headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
      body: JSON.stringify(withProviderOptions(body, provider_options, "bytedance")),
    };
  },
  decode: (answer) => {
    const body = parseObject(Buffer.from(answer.body).toString("utf8"));
    const usage = defined({ inputTokens: asCount(asObject(body?.usage)?.prompt_tokens) });
    const vector = readVector(asObject(body?.data)?.embedding);
    return embeddingOutcome([vector], 1, { usage, requestId: asWord(body?.id) });
  },
};

function check({ params }: EmbeddingRequest): UnsupportedField[] {
  const found = checkInputs(params.input);
  if (params.purpose !== undefined) {
    found.push({ field: "params.purpose", reason: "it does not distinguish purposes", droppable: true });
  }
  return found;
}
