import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { sizeOfRatio } from "../../media/aspect.ts";
import { makeImage } from "../../media/image.ts";
import { isLink } from "../../media/link.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, WireContext } from "../../provider.ts";
import { jsonReply, type Reply } from "../../wire/reply.ts";
import { baseResp, nativeError, refuse } from "./envelope.ts";

const lifetimeMs = 24 * 3_600_000;
const side = z.number().int().min(512).max(2_048).multipleOf(8).optional();
const link = z.string().refine(isLink, "expected a URL or a data URL").optional();

const body = z.strictObject({
  model: z.enum(["image-01", "image-01-live"]),
  prompt: z.string().min(1).max(1_500),
  aspect_ratio: z.enum(["1:1", "16:9", "4:3", "3:2", "2:3", "3:4", "9:16", "21:9"]).optional(),
  width: side,
  height: side,
  n: z.number().int().min(1).max(9).optional(),
  seed: z.number().int().optional(),
  response_format: z.enum(["url", "base64"]).optional(),
  prompt_optimizer: z.boolean().optional(),
  aigc_watermark: z.boolean().optional(),
  subject_reference: z
    .array(z.strictObject({ type: z.literal("character"), image_file: link, image_url: link }))
    .max(1)
    .optional(),
});

/** `POST /v1/image_generation`. When all is taken out by moderation, it succeeds with nothing. */
export function draw(request: ProviderRequest, context: WireContext): Reply {
  const parsed = parseBody(body, request.json() ?? {});
  if (!parsed.ok) return refuse(shapeError(parsed.issue).message);
  const asked = parsed.value;
  if ((asked.width === undefined) !== (asked.height === undefined)) refuse("width and height must be given together");
  if (/\brefuse\b/i.test(asked.prompt)) return nativeError(1_026, "input sensitive (simulated)");
  const n = asked.n ?? 1;
  const isModerated = /\bshow nothing\b/i.test(asked.prompt);
  const count = isModerated ? 0 : n;
  const [width, height] =
    asked.aspect_ratio === undefined && asked.width !== undefined
      ? [asked.width, asked.height ?? asked.width]
      : sizeOfRatio(asked.aspect_ratio ?? "1:1", 1_024, 8);
  const images = Array.from({ length: count }, (_, index) =>
    makeImage("jpeg", width, height, `${asked.model} ${asked.prompt} ${asked.seed ?? 0} ${index}`),
  );
  const data =
    asked.response_format === "base64"
      ? { image_base64: images.map((bytes) => bytes.toString("base64")) }
      : { image_urls: images.map((bytes) => context.files.put(bytes, "image/jpeg", lifetimeMs, "jpeg")) };
  const metadata = { success_count: count, failed_count: n - count };
  return jsonReply(200, { id: request.requestId, data, metadata, ...baseResp() }, { billed: { images: count } });
}
