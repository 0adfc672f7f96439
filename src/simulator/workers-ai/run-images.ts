import { z } from "zod";
import { makeImage } from "../media/image.ts";
import { type FormPart, parseMultipart, readForm } from "../media/multipart.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { badInput, envelope } from "./errors.ts";

const side = z.coerce.number().int().min(256).max(2_048).optional();
const steps = (max: number) => z.coerce.number().int().min(1).max(max).optional();
const seed = z.coerce.number().int().optional();
const prompt = z.string().min(1).max(2_048);
const guidance = z.number().min(0).max(20).optional();

/** Image models: what each takes, whether by form, and whether the image comes bare. */
const models: readonly (readonly [
  pattern: RegExp,
  schema: z.ZodType<Asked>,
  answers: "json" | "png" | "jpeg",
  form: boolean,
])[] = [
  [/^@cf\/black-forest-labs\/flux-1-schnell$/, z.strictObject({ prompt, steps: steps(8), seed }), "json", false],
  [
    /^@cf\/black-forest-labs\/flux-2-(dev|klein-\db)$/,
    z.strictObject({
      prompt,
      width: side,
      height: side,
      steps: steps(50),
      seed,
      guidance: z.coerce.number().optional(),
    }),
    "json",
    true,
  ],
  [
    /^@cf\/leonardo\/lucid-origin$/,
    z.strictObject({ prompt, width: side, height: side, guidance, num_steps: steps(40), steps: steps(40), seed }),
    "json",
    false,
  ],
  [
    /^@cf\/leonardo\/phoenix-1\.0$/,
    z.strictObject({
      prompt,
      width: side,
      height: side,
      guidance,
      num_steps: steps(50),
      seed,
      negative_prompt: z.string().optional(),
    }),
    "jpeg",
    false,
  ],
  [
    /^@cf\/(stabilityai\/stable-diffusion-xl-base-1\.0|bytedance\/stable-diffusion-xl-lightning|lykon\/dreamshaper-8-lcm)$/,
    z.strictObject({
      prompt,
      negative_prompt: z.string().optional(),
      width: side,
      height: side,
      num_steps: steps(20),
      guidance,
      seed,
      strength: z.number().min(0).max(1).optional(),
      image: z.array(z.number()).optional(),
      image_b64: z.string().optional(),
      mask: z.array(z.number()).optional(),
    }),
    "png",
    false,
  ],
];

interface Asked {
  readonly prompt: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly seed?: number | undefined;
}

const inputImage = /^input_image_[0-3]$/;

export function isImageModel(model: string): boolean {
  return models.some(([pattern]) => pattern.test(model));
}

/** Answers an image model at `/ai/run/{model}`: base64 in the envelope, or the image itself. */
export function runImage(request: ProviderRequest, model: string): Reply {
  const found = models.find(([pattern]) => pattern.test(model));
  if (!found) return badInput(`${model} is no image model`);
  const [, schema, answers, isForm] = found;
  const parts = isForm ? parseMultipart(request.headers["content-type"], request.body) : null;
  if (isForm && !parts) return badInput("this model takes multipart/form-data");
  const form = readForm(parts ?? []);
  const odd = form.files.find(({ name }: FormPart) => !inputImage.test(name));
  if (odd) return badInput(`${odd.name}: unknown field`);
  const parsed = parseBody(schema, parts ? form.fields : (request.json() ?? {}));
  if (!parsed.ok) return badInput(`${parsed.issue.path.join("/")}: ${parsed.issue.message}`);
  const { prompt: text, width = 1_024, height = 1_024, seed: chosen = 0 } = parsed.value;
  const bytes = makeImage(answers === "png" ? "png" : "jpeg", width, height, `${model} ${text} ${chosen}`);
  const billed = { images: 1 };
  if (answers === "json") return jsonReply(200, envelope({ image: bytes.toString("base64") }), { billed });
  return { type: "bytes", status: 200, contentType: `image/${answers}`, body: bytes, billed };
}
