import { z } from "zod";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { sizeOfRatio } from "../media/aspect.ts";
import { makeImage } from "../media/image.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, WireContext } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { xaiErrors } from "./errors.ts";

/** Image models and US dollars for an image. */
const prices: Readonly<Record<string, number>> = {
  "grok-imagine-image": 0.02,
  "grok-imagine-image-2.0": 0.04,
  "grok-imagine-image-quality": 0.05,
};
const ratios = "1:1 16:9 9:16 4:3 3:4 3:2 2:3 2:1 1:2 19.5:9 9:19.5 20:9 9:20 auto".split(" ");
const inputUsd = 0.002;
const imagesMax = 3;
const lifetimeMs = 3_600_000;

const shared = {
  model: z.string(),
  prompt: z.string().min(1),
  n: z.number().int().min(1).max(10).optional(),
  aspect_ratio: z.enum(ratios as [string, ...string[]]).optional(),
  resolution: z.enum(["1k", "2k"]).optional(),
  quality: z.enum(["low", "medium", "high"]).optional(),
  output_format: z.enum(["jpeg", "png", "webp"]).optional(),
  response_format: z.enum(["url", "b64_json"]).optional(),
  user: z.string().optional(),
};
const source = z.strictObject({
  url: z.string().regex(/^(https?:|data:image\/)/, "expected a URL"),
  type: z.literal("image_url").optional(),
});
const generationBody = z.strictObject(shared);
const editBody = z.strictObject({
  ...shared,
  image: source.optional(),
  images: z.array(source).min(1).max(imagesMax).optional(),
});

/** `POST /images/generations`, and `/images/edits`, which takes JSON here. */
export function images(kind: "generation" | "edit", context: WireContext): (request: ProviderRequest) => Reply {
  return (request) => {
    const parsed = parseBody(kind === "edit" ? editBody : generationBody, request.json() ?? {});
    if (!parsed.ok) {
      const message = `Failed to deserialize the JSON body into the target type: ${shapeError(parsed.issue).message}`;
      return errorReply(xaiErrors, { status: 422, message, code: "unreadable" }, request);
    }
    const asked: z.output<typeof editBody> = parsed.value;
    const price = prices[asked.model];
    if (price === undefined) {
      return errorReply(
        xaiErrors,
        { status: 404, message: `The model ${asked.model} does not exist.`, code: "not-found" },
        request,
      );
    }
    const inputs = (asked.image ? 1 : 0) + (asked.images?.length ?? 0);
    if (kind === "edit" && (inputs === 0 || (asked.image && asked.images))) {
      return errorReply(xaiErrors, { message: "exactly one of image and images is required" }, request);
    }
    const count = asked.n ?? 1;
    const ratio = asked.aspect_ratio === undefined || asked.aspect_ratio === "auto" ? "1:1" : asked.aspect_ratio;
    const [width, height] = sizeOfRatio(ratio, asked.resolution === "2k" ? 2_048 : 1_024);
    const format = asked.output_format ?? "jpeg";
    const isRefused = /\brefuse\b/i.test(asked.prompt);
    const data = Array.from({ length: count }, (_, index) => {
      if (isRefused) return { respect_moderation: false };
      const bytes = makeImage(format, width, height, `${asked.model} ${asked.prompt} ${index}`);
      const content =
        asked.response_format === "b64_json"
          ? { b64_json: bytes.toString("base64") }
          : { url: context.files.put(bytes, `image/${format}`, lifetimeMs, format) };
      return { ...content, mime_type: `image/${format}`, revised_prompt: "", respect_moderation: true };
    });
    const usd = count * price + inputs * inputUsd;
    const ticks = Math.round(usd * 10_000_000_000);
    const billed = { images: count, providerCostNanoUsd: BigInt(ticks) / 10n };
    return jsonReply(200, { data, usage: { cost_in_usd_ticks: ticks } }, { billed });
  };
}
