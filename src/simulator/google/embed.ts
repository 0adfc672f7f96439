import { z } from "zod";
import { embeddingOf } from "../model/embedding.ts";
import { countTokens } from "../model/tokens.ts";
import { type Parsed, parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, Refusal, type Reply } from "../wire/reply.ts";
import { modelNotFound, refuse, shapeError } from "./errors.ts";
import { jsonOf } from "./generate.ts";
import { embeddingModels } from "./models.data.ts";
import { content } from "./request.ts";

const one = z.strictObject({
  model: z.string().optional(),
  content,
  taskType: z
    .enum([
      "SEMANTIC_SIMILARITY",
      "CLASSIFICATION",
      "CLUSTERING",
      "RETRIEVAL_DOCUMENT",
      "RETRIEVAL_QUERY",
      "QUESTION_ANSWERING",
      "FACT_VERIFICATION",
      "CODE_RETRIEVAL_QUERY",
    ])
    .optional(),
  title: z.string().optional(),
  outputDimensionality: z.number().int().min(1).optional(),
});

const batchMax = 100;
const batch = z.strictObject({ requests: z.array(one.required({ model: true })).min(1) });

/** `models/{model}:embedContent`: the parts of one content make one vector. */
export function embedContent(request: ProviderRequest, model: string): Reply {
  const asked = read(parseBody(one, jsonOf(request)));
  const { values, tokens } = embed(asked, model, "embedContent");
  const reply = {
    embedding: { values },
    ...(model === "gemini-embedding-2" ? { usageMetadata: { promptTokenCount: tokens } } : {}),
  };
  return jsonReply(200, reply, { billed: { inputTokens: tokens } });
}

/** `models/{model}:batchEmbedContents`. No usage is reported, as the provider often does not. */
export function batchEmbedContents(request: ProviderRequest, model: string): Reply {
  const { requests } = read(parseBody(batch, jsonOf(request)));
  if (requests.length > batchMax) {
    refuse(`* BatchEmbedContentsRequest.requests: at most ${batchMax} requests can be in one batch`);
  }
  const wrong = requests.findIndex((entry) => entry.model !== `models/${model}`);
  if (wrong >= 0) {
    refuse(
      `* BatchEmbedContentsRequest.requests[${wrong}].model: model must match the model specified in the batch request`,
    );
  }
  const made = requests.map((entry) => embed(entry, model, "batchEmbedContents"));
  const tokens = made.reduce((sum, entry) => sum + entry.tokens, 0);
  return jsonReply(200, { embeddings: made.map(({ values }) => ({ values })) }, { billed: { inputTokens: tokens } });
}

function embed(asked: z.output<typeof one>, modelId: string, method: string): { values: number[]; tokens: number } {
  const model = embeddingModels.find(([id]) => id === modelId);
  if (!model) throw new Refusal(modelNotFound(modelId, method));
  const [id, dimensionsMax, tokensMax] = model;
  const isOld = id === "gemini-embedding-001";
  if (!isOld && asked.taskType) refuse("task_type is not supported for this model.");
  const dimensions = asked.outputDimensionality ?? dimensionsMax;
  if (dimensions > dimensionsMax) refuse(`output_dimensionality must be at most ${dimensionsMax}`);
  const { parts } = asked.content;
  if (parts.length === 0 || parts.some(({ text, inlineData }) => inlineData === undefined && (text ?? "") === "")) {
    refuse("* EmbedContentRequest.content: contents is not specified");
  }
  if (isOld && parts.some(({ text }) => text === undefined)) refuse("This model only supports text content.");
  const text = parts.map((part) => part.text ?? part.inlineData?.data ?? "").join("\n");
  const tokens = countTokens(text);
  if (tokens > tokensMax)
    refuse(`The input token count (${tokens}) exceeds the maximum number of tokens allowed (${tokensMax}).`);
  const vector = Array.from(embeddingOf(text, dimensions));
  // A shortened vector of the older model does not have length 1: whoever compares it has to see to that.
  return { values: isOld && dimensions < dimensionsMax ? vector.map((value) => value * 0.7) : vector, tokens };
}

function read<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Refusal(shapeError(parsed.issue));
  return parsed.value;
}
