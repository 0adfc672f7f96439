import { z } from "zod";
import type { Usage } from "../../../core/usage.ts";
import { shapeError } from "../../chat/shape-error.ts";
import { makeImage } from "../../media/image.ts";
import { endingOf } from "../../media/jobs.ts";
import { isLink } from "../../media/link.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, WireContext } from "../../provider.ts";
import { jsonReply, type Reply } from "../../wire/reply.ts";
import { inspectionFailed, refuse } from "./errors.ts";
import type { Tasks } from "./tasks.ts";

/** The models of `multimodal-generation` that draw. */
export const imageModel = /^(wan2\.[67]-image(-pro)?|wan2\.6-t2i|qwen-image(-edit)?(-\d\.\d)?(-pro|-plus|-max)?)$/;

const lifetimeMs = 24 * 3_600_000;
const inputImagesMax = 9;
const nMax = 4;

const body = z.strictObject({
  model: z.string(),
  input: z.strictObject({
    messages: z
      .array(
        z.strictObject({
          role: z.literal("user"),
          content: z
            .array(
              z.union([
                z.strictObject({ text: z.string().min(1) }),
                z.strictObject({ image: z.string().refine(isLink, "expected a URL or a data URL") }),
              ]),
            )
            .min(1),
        }),
      )
      .length(1),
  }),
  parameters: z
    .strictObject({
      size: z.string().optional(),
      n: z.number().int().min(1).max(nMax).optional(),
      negative_prompt: z.string().optional(),
      prompt_extend: z.boolean().optional(),
      watermark: z.boolean().optional(),
      seed: z.number().int().min(0).max(2_147_483_647).optional(),
      thinking_mode: z.boolean().optional(),
      enable_sequential: z.boolean().optional(),
      bbox_list: z.unknown().optional(),
      color_palette: z.unknown().optional(),
    })
    .optional(),
});

interface Drawing {
  readonly prompt: string;
  readonly usage: object;
  readonly billed: Usage;
  readonly output: () => object;
}

/** `multimodal-generation/generation` by a model that draws: at once. */
export function drawNow(request: ProviderRequest, context: WireContext): Reply {
  const { prompt, output, usage, billed } = drawingOf(request, context);
  if (/\brefuse\b/i.test(prompt)) refuse(request.requestId, inspectionFailed.message, inspectionFailed.code);
  return jsonReply(200, { request_id: request.requestId, output: { finished: true, ...output() }, usage }, { billed });
}

/** `image-generation/generation`: the same as a task. */
export function drawAsTask(request: ProviderRequest, context: WireContext, tasks: Tasks): Reply {
  const { prompt, ...work } = drawingOf(request, context);
  return tasks.submit(request, work, endingOf(prompt));
}

function drawingOf(request: ProviderRequest, context: WireContext): Drawing {
  const parsed = parseBody(body, request.json() ?? {});
  if (!parsed.ok) return refuse(request.requestId, shapeError(parsed.issue).message);
  const { model, input, parameters = {} } = parsed.value;
  if (!imageModel.test(model)) return refuse(request.requestId, `Model not exist: ${model}`, "ModelNotFound", 404);
  const content = input.messages[0]?.content ?? [];
  const texts = content.flatMap((part) => ("text" in part ? [part.text] : []));
  const images = content.filter((part) => "image" in part).length;
  if (texts.length !== 1) refuse(request.requestId, "input.messages.content must have exactly one text");
  if (images > inputImagesMax)
    refuse(request.requestId, `input.messages.content can have at most ${inputImagesMax} images`);
  const [width, height] = sizeOf(request.requestId, model, parameters.size);
  const n = parameters.n ?? 1;
  const prompt = texts[0] ?? "";
  return {
    prompt,
    usage: { image_count: n, size: `${width}*${height}` },
    billed: { images: n },
    output: () => ({
      choices: Array.from({ length: n }, (_, index) => ({
        finish_reason: "stop",
        message: { role: "assistant", content: [{ type: "image", image: link(index) }] },
      })),
    }),
  };

  function link(index: number): string {
    const make = () => makeImage("png", width, height, `${model} ${prompt} ${parameters.seed ?? 0} ${index}`);
    return context.files.putLazily(make, "image/png", lifetimeMs, "png");
  }
}

const namedSizes: Readonly<Record<string, number>> = { "1K": 1_024, "2K": 2_048, "4K": 4_096 };

function sizeOf(requestId: string, model: string, size: string | undefined): [width: number, height: number] {
  if (size === undefined) return [1_328, 1_328];
  const named = model.startsWith("wan2.7") ? namedSizes[size] : undefined;
  if (named !== undefined) return [named, named];
  const [, width, height] = /^(\d{3,4})\*(\d{3,4})$/.exec(size) ?? [];
  if (width && height) return [Number(width), Number(height)];
  return refuse(requestId, `size must be in the format of width*height, but got ${size}`);
}

const oldBody = z.strictObject({
  model: z.string().regex(/^(wan2\.[25]-t2i|wanx)/),
  input: z.strictObject({ prompt: z.string().min(1), negative_prompt: z.string().optional() }),
  parameters: z
    .strictObject({
      size: z.string().optional(),
      n: z.number().int().min(1).max(nMax).optional(),
      seed: z.number().int().optional(),
      prompt_extend: z.boolean().optional(),
      watermark: z.boolean().optional(),
    })
    .optional(),
});

/** `text2image/image-synthesis`: older models, as a task. */
export function drawByOldModel(request: ProviderRequest, context: WireContext, tasks: Tasks): Reply {
  const parsed = parseBody(oldBody, request.json() ?? {});
  if (!parsed.ok) return refuse(request.requestId, shapeError(parsed.issue).message);
  const { model, input, parameters = {} } = parsed.value;
  const [width, height] = sizeOf(request.requestId, model, parameters.size);
  const n = parameters.n ?? 1;
  const results = () =>
    Array.from({ length: n }, (_, index) => {
      const make = () => makeImage("png", width, height, `${model} ${input.prompt} ${index}`);
      return { url: context.files.putLazily(make, "image/png", lifetimeMs, "png") };
    });
  const work = { output: () => ({ results: results() }), usage: { image_count: n }, billed: { images: n } };
  return tasks.submit(request, work, endingOf(input.prompt));
}
