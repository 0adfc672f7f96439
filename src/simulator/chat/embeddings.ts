import { z } from "zod";
import { embeddingOf } from "../model/embedding.ts";
import { countTokens } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, Refusal, type Reply } from "../wire/reply.ts";
import type { ChatError } from "./dialect.ts";
import { shapeError } from "./shape-error.ts";

export interface EmbeddingModel {
  readonly id: string;
  readonly dimensions: number;
  /** Whether this many dimensions can be asked for; null when none can. */
  readonly canHave: ((dimensions: number) => boolean) | null;
}

/** What providers that speak OpenAI's embeddings differ in. */
export interface EmbeddingDialect {
  readonly models: readonly EmbeddingModel[];
  readonly itemsMax: number;
  readonly itemTokensMax: number;
  readonly requestTokensMax: number;
  readonly formats: readonly [string, ...string[]];
  /** Whether token ids are taken besides texts. */
  readonly tokenIds: boolean;
  readonly fields: readonly ("dimensions" | "encoding_format" | "user")[];
  readonly error: (error: ChatError, request: ProviderRequest) => Reply;
  readonly modelNotFound: (model: string, request: ProviderRequest) => Reply;
}

type Input = string | readonly string[] | readonly number[] | readonly (readonly number[])[];

interface Asked {
  readonly model: string;
  readonly input: Input;
  readonly dimensions?: number | undefined;
  readonly encoding_format?: string | undefined;
}

/** Answers `POST /embeddings` in one provider's dialect. */
export function embeddings(dialect: EmbeddingDialect): (request: ProviderRequest) => Reply {
  const schema = schemaOf(dialect);
  return (request) => {
    const refuse = (error: ChatError): never => {
      throw new Refusal(dialect.error(error, request));
    };
    const parsed = parseBody(schema, request.json() ?? {});
    if (!parsed.ok) return refuse(shapeError(parsed.issue));
    const asked = parsed.value;
    const model = dialect.models.find(({ id }) => id === asked.model);
    if (!model) throw new Refusal(dialect.modelNotFound(asked.model, request));
    const dimensionsError = errorOfDimensions(asked.dimensions, model);
    if (dimensionsError) refuse(dimensionsError);
    const items = itemsOf(asked.input);
    const itemsError = errorOfItems(items, dialect);
    if (itemsError) refuse(itemsError);
    const tokens = items.reduce((sum, { count }) => sum + count, 0);
    const dimensions = asked.dimensions ?? model.dimensions;
    const data = items.map(({ text }, index) => {
      const vector = embeddingOf(text, dimensions);
      const embedding =
        asked.encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : Array.from(vector);
      return { object: "embedding", index, embedding };
    });
    const usage = { prompt_tokens: tokens, total_tokens: tokens };
    return jsonReply(200, { object: "list", model: asked.model, data, usage }, { billed: { inputTokens: tokens } });
  };
}

function schemaOf(dialect: EmbeddingDialect): z.ZodType<Asked> {
  const tokenIds = z.array(z.number().int().min(0)).min(1);
  const texts = z.union([z.string(), z.array(z.string()).min(1)]);
  const fields = {
    dimensions: z.number().int().min(1).optional(),
    encoding_format: z.enum(dialect.formats).optional(),
    user: z.string().optional(),
  };
  const taken = Object.fromEntries(dialect.fields.map((name) => [name, fields[name]]));
  const input = dialect.tokenIds ? z.union([texts, tokenIds, z.array(tokenIds).min(1)]) : texts;
  // Narrower than the type: a provider takes some of the fields.
  return z.strictObject({ model: z.string(), input, ...taken }) as unknown as z.ZodType<Asked>;
}

function errorOfDimensions(dimensions: number | undefined, model: EmbeddingModel): ChatError | null {
  if (dimensions === undefined) return null;
  if (model.canHave === null) {
    return { message: "This model does not support specifying dimensions.", param: "dimensions" };
  }
  return model.canHave(dimensions)
    ? null
    : {
        message: `Invalid value for 'dimensions' = ${dimensions} with this model.`,
        param: "dimensions",
        code: "invalid_value",
      };
}

function errorOfItems(items: readonly { text: string; count: number }[], dialect: EmbeddingDialect): ChatError | null {
  if (items.length > dialect.itemsMax) {
    return {
      message: `Invalid 'input': array too long. Expected an array with maximum length ${dialect.itemsMax}, but got an array with length ${items.length} instead.`,
      param: "input",
      code: "array_above_max_length",
    };
  }
  if (items.some(({ text }) => text === "")) {
    return { message: "Invalid 'input': input cannot be an empty string.", param: "input" };
  }
  if (items.some(({ count }) => count > dialect.itemTokensMax)) {
    return {
      message: `Invalid 'input': maximum input length is ${dialect.itemTokensMax} tokens.`,
      param: "input",
      code: "context_length_exceeded",
    };
  }
  const tokens = items.reduce((sum, { count }) => sum + count, 0);
  return tokens > dialect.requestTokensMax
    ? {
        message: `Invalid 'input': maximum request size is ${dialect.requestTokensMax} tokens.`,
        param: "input",
        code: "max_tokens_per_request",
      }
    : null;
}

/** The texts to embed. Token ids stand for themselves: nothing here knows the tokenizer. */
function itemsOf(input: Input): { text: string; count: number }[] {
  const list = typeof input === "string" || typeof input[0] === "number" ? [input] : input;
  return list.map((item) =>
    typeof item === "string"
      ? { text: item, count: countTokens(item) }
      : { text: String(item), count: Array.isArray(item) ? item.length : 1 },
  );
}
