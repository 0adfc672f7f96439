import { z } from "zod";
import type { Usage } from "../../core/usage.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { makeImage } from "../media/image.ts";
import { isLink } from "../media/link.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, WireContext } from "../provider.ts";
import { jsonReply, type Reply, type StreamEvent, streamReply } from "../wire/reply.ts";
import { modelNotFound } from "./chat-dialect.ts";
import { arkErrors } from "./errors.ts";

/** Image models, by generation, with the named sizes each knows. */
const models: readonly (readonly [pattern: RegExp, generation: number, sizes: readonly string[]])[] = [
  [/^(dola-)?seedream-5-0(-pro|-lite)?-\d{6}$/, 5, ["1K", "2K", "4K"]],
  [/^seedream-4-5-\d{6}$/, 4.5, ["2K", "4K"]],
  [/^seedream-4-0-\d{6}$/, 4, ["1K", "2K", "4K"]],
  [/^seededit-3-0-i2i-\d{6}$/, 3, ["adaptive"]],
];
const imagesMax = 14;
const lifetimeMs = 24 * 3_600_000;
const outputTokensPerImage = 16_384;
const namedSizes: Readonly<Record<string, number>> = { "1K": 1_024, "2K": 2_048, "4K": 4_096, adaptive: 1_024 };

const image = z.string().refine(isLink, "expected a URL or a data URL");
const body = z.strictObject({
  model: z.string(),
  prompt: z.string().min(1),
  image: z.union([image, z.array(image).min(1).max(imagesMax)]).optional(),
  size: z.string().optional(),
  response_format: z.enum(["url", "b64_json"]).optional(),
  sequential_image_generation: z.enum(["auto", "disabled"]).optional(),
  sequential_image_generation_options: z
    .strictObject({ max_images: z.number().int().min(1).max(15).optional() })
    .optional(),
  output_format: z.enum(["png", "jpeg"]).optional(),
  watermark: z.boolean().optional(),
  seed: z.number().int().min(-1).max(2_147_483_647).optional(),
  guidance_scale: z.number().min(1).max(10).optional(),
  optimize_prompt_options: z
    .strictObject({ mode: z.enum(["standard", "fast"]).optional(), thinking: z.string().optional() })
    .optional(),
  tools: z.array(z.strictObject({ type: z.literal("web_search") })).optional(),
  layer_decomposition: z.unknown().optional(),
  stream: z.boolean().optional(),
});

type Asked = z.output<typeof body>;

/** `POST /images/generations`: drawing, and with images editing. */
export function images(context: WireContext): (request: ProviderRequest) => Reply {
  return (request) => {
    const parsed = parseBody(body, request.json() ?? {});
    if (!parsed.ok) return errorReply(arkErrors, { ...shapeError(parsed.issue), code: "InvalidParameter" }, request);
    const asked = parsed.value;
    const model = models.find(([pattern]) => pattern.test(asked.model));
    if (!model) return modelNotFound(asked.model, request);
    const issue = issueOf(asked, model[1], model[2]);
    if (issue) return errorReply(arkErrors, { ...issue, code: "InvalidParameter" }, request);
    if (/\brefuse\b/i.test(asked.prompt)) {
      const message = "The request failed because the input text may contain sensitive information.";
      return errorReply(arkErrors, { message, code: "InputTextSensitiveContentDetected" }, request);
    }
    const count =
      asked.sequential_image_generation === "auto" ? (asked.sequential_image_generation_options?.max_images ?? 1) : 1;
    const [width, height] = sizeOf(asked.size);
    const format = asked.output_format ?? "jpeg";
    // `one in a set fails` stands for what moderation takes out of a set.
    const isPartial = /\bone in the set fails\b/i.test(asked.prompt);
    const data = Array.from({ length: count }, (_, index) => {
      if (isPartial && index === count - 1) {
        return {
          error: {
            code: "OutputImageSensitiveContentDetected",
            message: "The image may contain sensitive information.",
          },
        };
      }
      const bytes = makeImage(format, width, height, `${asked.model} ${asked.prompt} ${asked.seed ?? 0} ${index}`);
      const content =
        asked.response_format === "b64_json"
          ? { b64_json: bytes.toString("base64") }
          : { url: context.files.put(bytes, `image/${format}`, lifetimeMs, format) };
      return { ...content, size: `${width}x${height}` };
    });
    const made = data.filter((item) => !("error" in item)).length;
    const billed: Usage = { images: made, outputTokens: made * outputTokensPerImage };
    const usage = { generated_images: made, output_tokens: billed.outputTokens, total_tokens: billed.outputTokens };
    const head = { model: asked.model, created: Math.floor(context.clock.now() / 1_000) };
    if (asked.stream) return streamReply(events(head, data, usage), billed);
    return jsonReply(200, { ...head, data, usage }, { billed });
  };
}

function* events(head: object, data: readonly object[], usage: object): Iterable<StreamEvent> {
  const write = (type: string, fields: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...head, ...fields })}\n\n`;
  let outputTokens = 0;
  for (const [image_index, item] of data.entries()) {
    const hasFailed = "error" in item;
    if (!hasFailed) outputTokens += outputTokensPerImage;
    yield {
      wire: write(`image_generation.partial_${hasFailed ? "failed" : "succeeded"}`, { image_index, ...item }),
      outputTokens,
    };
  }
  yield { wire: write("image_generation.completed", { usage }), outputTokens, hasUsage: true };
  yield { wire: "data: [DONE]\n\n", outputTokens };
}

function issueOf(
  asked: Asked,
  generation: number,
  sizes: readonly string[],
): { message: string; param: string } | null {
  const { size } = asked;
  const wrong = (param: string, message = `The parameter \`${param}\` is not supported by the current model.`) => ({
    message,
    param,
  });
  if (asked.output_format !== undefined && generation < 5) return wrong("output_format");
  if ((asked.seed !== undefined || asked.guidance_scale !== undefined) && generation > 3) {
    return wrong(asked.seed === undefined ? "guidance_scale" : "seed");
  }
  if (generation === 3 && asked.image === undefined)
    return wrong("image", "The parameter `image` is required by the current model.");
  if (size !== undefined && !sizes.includes(size) && !/^\d{3,4}x\d{3,4}$/.test(size)) {
    return wrong(
      "size",
      `The parameter \`size\` specified in the request is not valid: must be one of ${sizes.join(", ")} or WIDTHxHEIGHT.`,
    );
  }
  return asked.sequential_image_generation_options && asked.sequential_image_generation !== "auto"
    ? wrong("sequential_image_generation_options", "sequential_image_generation must be auto.")
    : null;
}

function sizeOf(size = "2K"): [width: number, height: number] {
  const named = namedSizes[size];
  if (named !== undefined) return [named, named];
  const [width = 1_024, height = 1_024] = size.split("x").map(Number);
  return [width, height];
}
