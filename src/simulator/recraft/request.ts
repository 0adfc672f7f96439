import { z } from "zod";
import { isLink } from "../media/link.ts";
import { parseMultipart, readForm } from "../media/multipart.ts";
import type { ProviderRequest } from "../provider.ts";

const rgb = z.tuple([z.number(), z.number(), z.number()]);
const number = z.coerce.number();
const image = z.union([z.string().refine(isLink, "expected a URL or a data URL"), z.instanceof(Buffer)]);

/** A form writes objects as JSON texts. */
const json = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }, schema);

const common = {
  model: z.string().optional(),
  n: number.int().min(1).max(6).optional(),
  style: z.string().optional(),
  substyle: z.string().optional(),
  style_id: z.string().optional(),
  negative_prompt: z.string().optional(),
  response_format: z.enum(["url", "b64_json"]).optional(),
  image_format: z.enum(["webp", "png"]).optional(),
  random_seed: number.int().optional(),
  controls: json(
    z.strictObject({
      colors: z.array(z.strictObject({ rgb, weight: z.number().optional() })).optional(),
      background_color: z.strictObject({ rgb }).optional(),
      artistic_level: z.number().int().min(0).max(5).optional(),
      no_text: z.boolean().optional(),
    }),
  ).optional(),
  text_layout: json(z.array(z.strictObject({ text: z.string(), bbox: z.array(z.array(z.number())) }))).optional(),
  creativity: z.enum(["simple", "standard", "eccentric"]).optional(),
  block_nsfw: json(z.boolean()).optional(),
  calculate_features: json(z.boolean()).optional(),
  expire: json(z.boolean()).optional(),
};

const prompt = z.string().min(1).max(10_000);
const size = z.string().optional();
const expand = number.int().min(0).optional();

/** The routes that answer a list of images, with what each takes besides what all take. */
export const listRoutes = {
  generations: z.strictObject({ ...common, prompt, size }),
  "generations/raster": z.strictObject({ ...common, prompt, size }),
  "generations/vector": z.strictObject({ ...common, prompt, size }),
  imageToImage: z.strictObject({ ...common, image, prompt, strength: number.min(0).max(1) }),
  inpaint: z.strictObject({ ...common, image, mask: image, prompt }),
  generateBackground: z.strictObject({ ...common, image, mask: image, prompt }),
  replaceBackground: z.strictObject({ ...common, image, prompt }),
  outpaint: z.strictObject({
    ...common,
    image,
    prompt: prompt.optional(),
    size,
    expand_left: expand,
    expand_right: expand,
    expand_top: expand,
    expand_bottom: expand,
    zoom_out_percentage: number.min(0).max(100).optional(),
  }),
  variateImage: z.strictObject({ ...common, image, size: z.string() }),
  explore: z.strictObject({ ...common, prompt }),
  "explore/similar": z.strictObject({ ...common, source_image_id: z.string(), similarity: number.min(0).max(1) }),
} as const;

export const processBody = z.strictObject({
  image,
  mask: image.optional(),
  response_format: z.enum(["url", "b64_json"]).optional(),
  image_format: z.enum(["webp", "png"]).optional(),
  expire: json(z.boolean()).optional(),
});

/** A body in JSON or in a form, with a form's files as bytes; null when it is neither. */
export function bodyOf(request: ProviderRequest): unknown {
  const json = request.json();
  if (json !== undefined) return json;
  const parts = parseMultipart(request.headers["content-type"], request.body);
  if (!parts) return null;
  const { fields, files } = readForm(parts);
  return { ...fields, ...Object.fromEntries(files.map(({ name, data }) => [name, data])) };
}
