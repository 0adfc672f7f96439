import { z } from "zod";
import { parseArguments } from "../../arguments/parse-arguments.ts";
import { inferArgs } from "../../infer/request.ts";
import type { InferResult } from "../../infer/result.ts";
import { callOptions, callOptionsOf, modelId } from "../api/call-options.ts";
import type { Endpoint } from "../api/exchange.ts";
import { wholeAnswer } from "../api/generation-answer.ts";
import { unsupportedField } from "../api/unsupported-field.ts";
import { answerJson } from "../http-answer.ts";
import { switchyardFacts } from "./chat-completion.ts";
import { openAiErrors } from "./error.ts";

const embeddingRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.string()).min(1), z.array(z.number()), z.array(z.array(z.number()))]),
  dimensions: z.number().int().positive().nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  ...callOptions,
});

/** OpenAI's embeddings over any embedding model. https://platform.openai.com/docs/api-reference/embeddings/create */
export const embeddings: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/embeddings$/,
  errors: openAiErrors,
  async handle(exchange) {
    const asked = parseArguments({ name: "embeddings", input: embeddingRequest }, exchange.body);
    const given = Array.isArray(asked.input) ? asked.input : [asked.input];
    const texts = given.filter((one) => typeof one === "string");
    if (texts.length < given.length) {
      throw unsupportedField("input", "token numbers mean something to one model alone", "Send the texts themselves");
    }
    const args = parseArguments(
      { name: "embeddings", input: inferArgs },
      {
        model: modelId(asked.model, "openai"),
        params: { input: texts, ...(asked.dimensions ? { dimensions: asked.dimensions } : {}) },
        ...callOptionsOf(asked, exchange.request),
      },
    );
    const result = await wholeAnswer(args, exchange);
    const isBase64 = asked.encoding_format === "base64";
    answerJson(exchange.response, 200, embeddingList(result, isBase64), { "x-request-id": result.id });
  },
};

function embeddingList(result: InferResult, isBase64: boolean): object {
  const tokens = result.usage?.input_tokens ?? 0;
  const vectors = result.output.embeddings ?? [];
  return {
    object: "list",
    data: vectors.map((vector, index) => {
      return { object: "embedding", index, embedding: isBase64 ? packed(vector) : vector };
    }),
    model: result.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    switchyard: switchyardFacts(result),
  };
}

/** Little-endian 32-bit floats, which the official library asks for unless told otherwise. */
function packed(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
