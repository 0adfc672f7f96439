import { z } from "zod";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { embeddingOf } from "../model/embedding.ts";
import { countTokens, tokensPerImage } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, WireContext } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { modelNotFound } from "./chat-dialect.ts";
import { arkErrors } from "./errors.ts";
import { multimodalEmbeddingModels } from "./models.data.ts";

const body = z.strictObject({
  model: z.string(),
  input: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("text"), text: z.string().min(1) }),
        z.strictObject({ type: z.literal("image_url"), image_url: z.strictObject({ url: z.string() }) }),
        z.strictObject({ type: z.literal("video_url"), video_url: z.strictObject({ url: z.string() }) }),
      ]),
    )
    .min(1),
  encoding_format: z.enum(["float", "base64"]).optional(),
  dimensions: z.union([z.literal(1_024), z.literal(2_048)]).optional(),
});

/** `POST /embeddings/multimodal`: all inputs are fused into one vector, and `data` is one object. */
export function multimodalEmbeddings(context: WireContext): (request: ProviderRequest) => Reply {
  return (request) => {
    const parsed = parseBody(body, request.json() ?? {});
    if (!parsed.ok) return errorReply(arkErrors, shapeError(parsed.issue), request);
    const asked = parsed.value;
    const model = multimodalEmbeddingModels.find(([id]) => id === asked.model);
    if (!model) return modelNotFound(asked.model, request);
    const texts = asked.input.flatMap((part) => (part.type === "text" ? [part.text] : []));
    const media = asked.input.flatMap((part) =>
      part.type === "image_url" ? [part.image_url.url] : part.type === "video_url" ? [part.video_url.url] : [],
    );
    const textTokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
    const imageTokens = media.length * tokensPerImage;
    const vector = embeddingOf([...texts, ...media].join(" "), asked.dimensions ?? model[1]);
    const embedding =
      asked.encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : Array.from(vector);
    const total = textTokens + imageTokens;
    return jsonReply(
      200,
      {
        id: context.ids.next("0217"),
        object: "list",
        created: Math.floor(context.clock.now() / 1_000),
        model: asked.model,
        data: { object: "embedding", embedding },
        usage: {
          prompt_tokens: total,
          total_tokens: total,
          prompt_tokens_details: { text_tokens: textTokens, image_tokens: imageTokens },
        },
      },
      { billed: { inputTokens: total, imageInputTokens: imageTokens } },
    );
  };
}
