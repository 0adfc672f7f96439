import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { sizeOfFilm } from "../../media/aspect.ts";
import { endingOf } from "../../media/jobs.ts";
import { isLink } from "../../media/link.ts";
import { makeMp4 } from "../../media/mp4.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, WireContext } from "../../provider.ts";
import type { Reply } from "../../wire/reply.ts";
import { refuse } from "./errors.ts";
import type { Tasks } from "./tasks.ts";

const link = z.string().refine(isLink, "expected a URL");
const media = (types: readonly [string, ...string[]]) =>
  z.array(z.strictObject({ type: z.enum(types), url: link, reference_voice: link.optional() }));
const upperResolution = (values: readonly [string, ...string[]]) => z.enum(values).optional();
const size = z
  .string()
  .regex(/^\d{3,4}\*\d{3,4}$/, "expected width*height")
  .optional();
const common = {
  seed: z.number().int().min(0).max(2_147_483_647).optional(),
  prompt_extend: z.boolean().optional(),
  watermark: z.boolean().optional(),
};
const ratio = z.enum(["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive"]).optional();
const prompt = z.string().max(5_000);
const seconds = (min: number, max: number) => z.number().int().min(min).max(max).optional();
const oneOf5 = z.union([z.literal(5), z.literal(10), z.literal(15)]).optional();

/** What each family of models takes: fields of `input` and of `parameters`. */
const families: readonly (readonly [model: RegExp, input: z.ZodRawShape, parameters: z.ZodRawShape])[] = [
  [
    /^(wan3\.0(-video|-prime)?|happyhorse-1\.[01](-[tir]2v)?)$/,
    {
      prompt: prompt.optional(),
      media: media([
        "first_frame",
        "last_frame",
        "reference_image",
        "reference_video",
        "reference_audio",
        "file",
        "link",
      ]).optional(),
    },
    {
      resolution: upperResolution(["480P", "720P", "1080P"]),
      ratio,
      duration: seconds(2, 15),
      audio: z.boolean().optional(),
    },
  ],
  [
    /^wan2\.7-t2v$/,
    { prompt, negative_prompt: prompt.optional(), audio_url: link.optional() },
    { resolution: upperResolution(["720P", "1080P"]), ratio, duration: seconds(2, 15) },
  ],
  [
    /^wan2\.7-i2v$/,
    {
      prompt: prompt.optional(),
      negative_prompt: prompt.optional(),
      media: media(["first_frame", "last_frame", "driving_audio", "first_clip"]).min(1),
    },
    { resolution: upperResolution(["720P", "1080P"]), duration: seconds(2, 15) },
  ],
  [
    /^wan2\.7-(r2v|videoedit)$/,
    {
      prompt,
      negative_prompt: prompt.optional(),
      media: media(["reference_image", "reference_video", "video"]).min(1),
    },
    { resolution: upperResolution(["720P", "1080P"]), ratio, duration: seconds(2, 15) },
  ],
  [
    /^(wan2\.6-t2v|wan2\.5-t2v-preview)$/,
    { prompt, negative_prompt: prompt.optional(), audio_url: link.optional() },
    { size, duration: oneOf5, shot_type: z.enum(["single", "multi"]).optional() },
  ],
  [
    /^wan2\.6-i2v$/,
    { prompt: prompt.optional(), negative_prompt: prompt.optional(), img_url: link, audio_url: link.optional() },
    {
      resolution: upperResolution(["480P", "720P", "1080P"]),
      duration: oneOf5,
      shot_type: z.enum(["single", "multi"]).optional(),
      audio: z.boolean().optional(),
    },
  ],
  [
    /^wan2\.6-r2v$/,
    { prompt, negative_prompt: prompt.optional(), reference_urls: z.array(link).min(1) },
    { size, duration: oneOf5, shot_type: z.enum(["single", "multi"]).optional() },
  ],
];

interface Asked {
  readonly input: { readonly prompt?: string; readonly media?: readonly { readonly type: string }[] };
  readonly parameters?: {
    readonly duration?: number;
    readonly resolution?: string;
    readonly size?: string;
    readonly ratio?: string;
  };
}

const lifetimeMs = 24 * 3_600_000;
const secondsDefault = 5;

/** `video-generation/video-synthesis`, always a task. */
export function film(request: ProviderRequest, context: WireContext, tasks: Tasks): Reply {
  const json = (request.json() ?? {}) as { model?: unknown };
  const model = String(json.model ?? "");
  const family = families.find(([pattern]) => pattern.test(model));
  if (!family) return refuse(request.requestId, `Model not exist: ${model}`, "ModelNotFound", 404);
  const schema = z.strictObject({
    model: z.string(),
    input: z.strictObject(family[1]),
    parameters: z.strictObject({ ...family[2], ...common }).optional(),
  });
  const parsed = parseBody(schema, json);
  if (!parsed.ok) return refuse(request.requestId, shapeError(parsed.issue).message);
  const { input, parameters = {} } = parsed.value as unknown as Asked;
  const issue = mediaIssue(input.media ?? []);
  if (issue) refuse(request.requestId, issue);
  const [width, height] = sizeOf(parameters);
  const duration = parameters.duration ?? secondsDefault;
  const original = input.prompt ?? "";
  const make = () => makeMp4(width, height, duration, `${model} ${original}`);
  const output = () => ({
    orig_prompt: original,
    actual_prompt: `${original} (simulated)`,
    video_url: context.files.putLazily(make, "video/mp4", lifetimeMs, "mp4"),
  });
  const reads = (input.media ?? []).some(({ type }) => type.endsWith("video")) ? secondsDefault : 0;
  const usage = {
    duration: duration + reads,
    output_video_duration: duration,
    input_video_duration: reads,
    SR: Math.min(width, height),
    video_count: 1,
  };
  return tasks.submit(request, { output, usage, billed: { seconds: duration + reads } }, endingOf(original));
}

function sizeOf({
  size: given,
  resolution = "720P",
  ratio: shape,
}: NonNullable<Asked["parameters"]>): [number, number] {
  const [, width, height] = /^(\d+)\*(\d+)$/.exec(given ?? "") ?? [];
  if (width && height) return [Number(width), Number(height)];
  return sizeOfFilm(shape === undefined || shape === "adaptive" ? "16:9" : shape, Number.parseInt(resolution, 10));
}

function mediaIssue(list: readonly { readonly type: string }[]): string | null {
  const count = (type: string) => list.filter((one) => one.type === type).length;
  if (count("first_frame") > 1 || count("last_frame") > 1)
    return "input.media can have one first_frame and one last_frame";
  const hasFrames = count("first_frame") + count("last_frame") > 0;
  const hasReferences = list.some(({ type }) => type.startsWith("reference_"));
  return hasFrames && hasReferences ? "input.media: references are exclusive with frames" : null;
}
