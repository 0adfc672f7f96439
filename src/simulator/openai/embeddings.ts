import { z } from "zod";
import { embeddingOf } from "../model/embedding.ts";
import { countTokens } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, Refusal, type Reply } from "../wire/reply.ts";
import { modelNotFound, refuse, shapeError } from "./errors.ts";
import { embeddingModels } from "./models.data.ts";

const itemsMax = 2_048;
const tokensPerItemMax = 8_192;
const tokensMax = 300_000;

const tokenIds = z.array(z.number().int().min(0)).min(1);

const body = z.strictObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).min(1), tokenIds, z.array(tokenIds).min(1)]),
  dimensions: z.number().int().min(1).optional(),
  encoding_format: z.enum(["float", "base64"]).optional(),
  user: z.string().optional(),
});

/** `POST /embeddings`. */
export function embeddings(request: ProviderRequest): Reply {
  const parsed = parseBody(body, request.json() ?? {});
  if (!parsed.ok) refuse(shapeError(parsed.issue));
  const asked = parsed.value;
  const model = embeddingModels.find(([id]) => id === asked.model);
  if (!model) throw new Refusal(modelNotFound(asked.model));
  const [, dimensionsMax, canShorten] = model;
  if (asked.dimensions !== undefined && !canShorten) {
    refuse({ message: "This model does not support specifying dimensions.", param: "dimensions" });
  }
  if ((asked.dimensions ?? 1) > dimensionsMax) {
    refuse({
      message: `Invalid value for 'dimensions' = ${asked.dimensions}. Must be less than or equal to ${dimensionsMax}.`,
      param: "dimensions",
    });
  }
  const items = itemsOf(asked.input);
  if (items.length > itemsMax) {
    refuse({
      message: `Invalid 'input': array too long. Expected an array with maximum length ${itemsMax}, but got an array with length ${items.length} instead.`,
      param: "input",
      code: "array_above_max_length",
    });
  }
  let tokens = 0;
  for (const { text, count } of items) {
    if (text === "") refuse({ message: "Invalid 'input': input cannot be an empty string.", param: "input" });
    if (count > tokensPerItemMax) {
      refuse({
        message: `Invalid 'input': maximum input length is ${tokensPerItemMax} tokens.`,
        param: "input",
        code: "context_length_exceeded",
      });
    }
    tokens += count;
  }
  if (tokens > tokensMax) {
    refuse({
      message: `Invalid 'input': maximum request size is ${tokensMax} tokens.`,
      param: "input",
      code: "max_tokens_per_request",
    });
  }
  const dimensions = asked.dimensions ?? dimensionsMax;
  const data = items.map(({ text }, index) => {
    const vector = embeddingOf(text, dimensions);
    const embedding =
      asked.encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : Array.from(vector);
    return { object: "embedding", index, embedding };
  });
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return jsonReply(200, { object: "list", model: asked.model, data, usage }, { billed: { inputTokens: tokens } });
}

/** The texts to embed. Token ids stand for themselves: nothing here knows the tokenizer. */
function itemsOf(input: z.output<typeof body>["input"]): { text: string; count: number }[] {
  const list = typeof input === "string" || typeof input[0] === "number" ? [input] : input;
  return list.map((item) =>
    typeof item === "string"
      ? { text: item, count: countTokens(item) }
      : { text: String(item), count: Array.isArray(item) ? item.length : 1 },
  );
}
