import { z } from "zod";
import type { Usage } from "../../core/usage.ts";
import type { ChatError } from "../chat/dialect.ts";
import { shapeError } from "../chat/shape-error.ts";
import { makeImage, readImage } from "../media/image.ts";
import { type FormPart, parseMultipart, readForm } from "../media/multipart.ts";
import { countTokens, tokensPerImage } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, WireContext } from "../provider.ts";
import { jsonReply, Refusal, type Reply, type StreamEvent, streamReply } from "../wire/reply.ts";
import { modelNotFound, openAiError } from "./errors.ts";

/** Image models by generation; those that have ended are not there. */
const generations: Readonly<Record<string, number>> = {
  "gpt-image-2.6-sunburst": 2.6,
  "gpt-image-2.6-flare": 2.6,
  "gpt-image-2.5-sunburst": 2.5,
  "gpt-image-2.5-flare": 2.5,
  "gpt-image-2": 2,
  "gpt-image-1.5": 1.5,
  "gpt-image-1-mini": 1,
  "chatgpt-image-latest": 1.5,
};

const sizes = ["auto", "1024x1024", "1536x1024", "1024x1536"];
const filesMax = 16;
const fileBytesMax = 50 * 1024 * 1024;

/** A form has only texts, JSON has numbers. */
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max).optional();

const shared = {
  model: z.string(),
  prompt: z.string().min(1).max(32_000),
  n: count(1, 10),
  size: z.string().optional(),
  quality: z.enum(["auto", "low", "medium", "high", "xhigh", "max"]).optional(),
  background: z.enum(["auto", "transparent", "opaque"]).optional(),
  output_format: z.enum(["png", "jpeg", "webp"]).optional(),
  output_compression: count(0, 100),
  moderation: z.enum(["auto", "low"]).optional(),
  partial_images: count(0, 3),
  stream: z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]).optional(),
  safety_identifier: z.string().optional(),
  user: z.string().optional(),
};
const generationBody = z.strictObject(shared);
const editBody = z.strictObject({ ...shared, input_fidelity: z.enum(["high", "low"]).optional() });

type Asked = z.output<typeof editBody>;

export interface ImageHandlers {
  readonly generate: (request: ProviderRequest) => Reply;
  readonly edit: (request: ProviderRequest) => Reply;
}

/** `POST /images/generations` and `/images/edits`. */
export function imageHandlers(context: WireContext): ImageHandlers {
  const created = () => Math.floor(context.clock.now() / 1_000);
  return {
    generate(request) {
      const parsed = parseBody(generationBody, request.json() ?? {});
      if (!parsed.ok) return refuse(shapeError(parsed.issue));
      return made(parsed.value, [], created(), "image_generation");
    },
    edit(request) {
      const parts = parseMultipart(request.headers["content-type"], request.body);
      if (!parts) return refuse({ message: "Expected a multipart/form-data body.", code: "invalid_content_type" });
      const { fields, files } = readForm(parts);
      const parsed = parseBody(editBody, fields);
      if (!parsed.ok) return refuse(shapeError(parsed.issue));
      const images = files.filter(({ name }) => name === "image" || name === "image[]");
      const issue = filesError(images, files.find(({ name }) => name === "mask") ?? null, files);
      if (issue) return refuse(issue);
      return made(parsed.value, images, created(), "image_edit");
    },
  };
}

function made(asked: Asked, inputs: readonly FormPart[], created: number, event: string): Reply {
  const generation = generations[asked.model];
  if (generation === undefined) return modelNotFound(asked.model);
  const error = parameterError(asked, generation);
  if (error) return refuse(error);
  const [width, height] = sizeOf(asked.size);
  const quality = asked.quality === undefined || asked.quality === "auto" ? "medium" : asked.quality;
  const format = asked.output_format ?? "png";
  const isTransparent = asked.background === "transparent";
  const images = Array.from({ length: asked.n ?? 1 }, (_, index) =>
    makeImage(format, width, height, `${asked.model} ${asked.prompt} ${index}`, isTransparent).toString("base64"),
  );
  const billed = usageOf(asked, inputs.length, images.length, width * height, quality);
  const facts = {
    background: isTransparent ? "transparent" : "opaque",
    output_format: format,
    quality,
    size: `${width}x${height}`,
  };
  const usage = usageBody(billed);
  if (!asked.stream) {
    const data = images.map((b64_json) => ({ b64_json }));
    return jsonReply(200, { created, ...facts, data, usage }, { billed });
  }
  const [first = ""] = images;
  return streamReply(
    events(first, asked.partial_images ?? 0, { created_at: created, ...facts }, usage, event, billed),
    billed,
  );
}

function* events(
  image: string,
  partials: number,
  facts: object,
  usage: object,
  event: string,
  billed: Usage,
): Iterable<StreamEvent> {
  const total = billed.outputTokens ?? 0;
  const write = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  for (let index = 0; index < partials; index += 1) {
    const fields = { b64_json: image, partial_image_index: index, ...facts };
    yield {
      wire: write(`${event}.partial_image`, fields),
      outputTokens: Math.floor((total * (index + 1)) / (partials + 1)),
    };
  }
  yield {
    wire: write(`${event}.completed`, { b64_json: image, ...facts, usage }),
    outputTokens: total,
    hasUsage: true,
  };
}

function parameterError(asked: Asked, generation: number): ChatError | null {
  const { quality, size = "auto", output_format: format = "png" } = asked;
  if ((quality === "xhigh" || quality === "max") && generation < 2.5) {
    return {
      message: `Invalid value: '${quality}'. Supported values are: 'low', 'medium', 'high', and 'auto'.`,
      param: "quality",
      code: "invalid_value",
    };
  }
  if (!sizes.includes(size) && (generation < 2 || !isFreeSize(size))) {
    return {
      message: `Invalid value: '${size}'. Supported values are: ${sizes.map((one) => `'${one}'`).join(", ")}.`,
      param: "size",
      code: "invalid_value",
    };
  }
  if (asked.background === "transparent" && format === "jpeg") {
    return {
      message: "Transparent background is not supported for JPEG format.",
      param: "background",
      code: "invalid_value",
    };
  }
  if (asked.output_compression !== undefined && format === "png") {
    return {
      message: "Compression less than 100 is not supported for PNG output format.",
      param: "output_compression",
      code: "invalid_value",
    };
  }
  if (asked.input_fidelity !== undefined && generation >= 2) {
    return {
      message: "The model does not support the 'input_fidelity' parameter.",
      param: "input_fidelity",
      code: "invalid_value",
    };
  }
  if (asked.partial_images !== undefined && !asked.stream) {
    return { message: "'partial_images' is only allowed when 'stream' is enabled.", param: "partial_images" };
  }
  if (/\brefuse\b/i.test(asked.prompt)) {
    return {
      message: "Your request was rejected by the safety system. (simulated)",
      type: "image_generation_user_error",
      code: "moderation_blocked",
    };
  }
  return null;
}

/** Multiples of 16, no longer than three to one, at most 3840x2160. */
function isFreeSize(size: string): boolean {
  const [width, height] = sizeOf(size);
  const ratio = width / height;
  return (
    /^\d+x\d+$/.test(size) &&
    width % 16 === 0 &&
    height % 16 === 0 &&
    ratio >= 1 / 3 &&
    ratio <= 3 &&
    width * height <= 3_840 * 2_160
  );
}

function sizeOf(size: string | undefined): [width: number, height: number] {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size ?? "") ?? [];
  return width && height ? [Number(width), Number(height)] : [1_024, 1_024];
}

function filesError(images: readonly FormPart[], mask: FormPart | null, files: readonly FormPart[]): ChatError | null {
  const odd = files.find((file) => !images.includes(file) && file !== mask);
  if (odd) return { message: `Unknown parameter: '${odd.name}'.`, param: odd.name, code: "unknown_parameter" };
  if (images.length === 0) {
    return { message: "Missing required parameter: 'image'.", param: "image", code: "missing_required_parameter" };
  }
  if (images.length > filesMax) return { message: `Too many images: at most ${filesMax}.`, param: "image" };
  for (const { data } of images) {
    const read = readImage(data);
    if (data.length >= fileBytesMax || !read || read.format === "gif") {
      return {
        message: "Invalid image file or mode for image, please check your image file.",
        param: "image",
        code: "invalid_image_file",
      };
    }
  }
  if (!mask) return null;
  const [read, first] = [readImage(mask.data), readImage(images[0]?.data ?? Buffer.alloc(0))];
  if (!read?.alpha)
    return {
      message: "Invalid mask image format - mask image missing alpha channel",
      param: "mask",
      code: "invalid_mask_image_format",
    };
  return read.width === first?.width && read.height === first.height
    ? null
    : {
        message: "Invalid mask image - mask size does not match image size",
        param: "mask",
        code: "invalid_mask_image_size",
      };
}

const tokensByQuality: Readonly<Record<string, number>> = {
  low: 272,
  medium: 1_056,
  high: 4_160,
  xhigh: 6_240,
  max: 8_320,
};

function usageOf(asked: Asked, inputs: number, images: number, pixels: number, quality: string): Usage {
  const text = countTokens(asked.prompt);
  const image = inputs * tokensPerImage;
  const output = Math.ceil(((tokensByQuality[quality] ?? 0) * pixels) / 1_048_576) * images;
  return {
    inputTokens: text + image,
    imageInputTokens: image,
    outputTokens: output,
    imageOutputTokens: output,
    images,
  };
}

function usageBody(billed: Usage): object {
  const [input, image, output] = [billed.inputTokens ?? 0, billed.imageInputTokens ?? 0, billed.outputTokens ?? 0];
  return {
    input_tokens: input,
    input_tokens_details: { text_tokens: input - image, image_tokens: image },
    output_tokens: output,
    total_tokens: input + output,
  };
}

function refuse(error: ChatError): never {
  throw new Refusal(openAiError(400, error));
}
