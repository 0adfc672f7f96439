import { z } from "zod";
import type { Usage } from "../../core/usage.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { sizeOfFilm } from "../media/aspect.ts";
import { endingOf, jobs } from "../media/jobs.ts";
import { makeMp4 } from "../media/mp4.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, Route, WireContext } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { xaiErrors } from "./errors.ts";

/** Video models, and whether they film 1080 lines, last frames and keyframes. */
const models: Readonly<Record<string, boolean>> = {
  "grok-imagine-video": false,
  "grok-imagine-video-1.5": true,
  "grok-imagine-video-1.5-lite": true,
};
const usdPerSecond: Readonly<Record<string, number>> = { "480p": 0.05, "720p": 0.07, "1080p": 0.14 };
const lifetimeMs = 3_600_000;

const link = z.strictObject({ url: z.string().regex(/^(https?:|data:)/, "expected a URL") });
const shared = {
  model: z.string(),
  prompt: z.string().min(1),
  user: z.string().optional(),
  storage_options: z.unknown().optional(),
};
const generationBody = z.strictObject({
  ...shared,
  duration: z.number().int().min(1).max(15).optional(),
  aspect_ratio: z.enum(["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"]).optional(),
  resolution: z.enum(["480p", "720p", "1080p"]).optional(),
  generate_audio: z.boolean().optional(),
  image: link.optional(),
  last_frame: link.optional(),
  keyframes: z.array(z.strictObject({ image: link, timestamp_s: z.number().min(0) })).optional(),
  reference_images: z.array(link).optional(),
  reference_audios: z
    .array(z.union([link, z.strictObject({ voice_id: z.string() })]))
    .max(3)
    .optional(),
});
const editBody = z.strictObject({ ...shared, video: link });
const extensionBody = z.strictObject({ ...shared, video: link, duration: z.number().int().min(1).max(15).optional() });

interface Film {
  readonly model: string;
  readonly seconds: number;
  readonly ticks: number;
  readonly make: () => Buffer;
  url: string | null;
}

/** `POST /videos/generations`, `/videos/edits`, `/videos/extensions`, and `GET /videos/{id}`. */
export function videoRoutes(context: WireContext): Route[] {
  const films = jobs<Film>(context.paces, () => context.clock.now());

  function submit(
    request: ProviderRequest,
    asked: Partial<z.output<typeof generationBody>> & { model: string; prompt: string },
  ): Reply {
    const is15 = models[asked.model];
    const wrong = (message: string, status = 400) =>
      errorReply(xaiErrors, { status, message, code: "invalid-argument" }, request);
    if (is15 === undefined) return wrong(`The model ${asked.model} does not exist.`, 404);
    if (!is15 && asked.resolution === "1080p") return wrong(`Model ${asked.model} does not support resolution 1080p.`);
    if (!is15 && (asked.last_frame || asked.keyframes))
      return wrong(`Model ${asked.model} does not support last_frame and keyframes.`);
    const seconds = asked.duration ?? 6;
    const resolution = asked.resolution ?? "480p";
    const [width, height] = sizeOfFilm(asked.aspect_ratio ?? "16:9", Number.parseInt(resolution, 10));
    const ticks = Math.round(seconds * (usdPerSecond[resolution] ?? 0) * 10_000_000_000);
    const make = () => makeMp4(width, height, seconds, `${asked.model} ${asked.prompt}`);
    const ending = endingOf(asked.prompt);
    const id = context.ids.next("vid_");
    films.submit(id, { model: asked.model, seconds, ticks, make, url: null }, ending);
    const billed: Usage = ending === "succeeded" ? { seconds, providerCostNanoUsd: BigInt(ticks) / 10n } : {};
    return jsonReply(200, { request_id: id }, { billed });
  }

  function poll(request: ProviderRequest, id: string): Reply {
    const job = films.poll(id);
    if (!job)
      return errorReply(xaiErrors, { status: 404, message: `Video ${id} not found.`, code: "not-found" }, request);
    const { model, seconds, ticks } = job.work;
    const usage = { cost_in_usd_ticks: ticks };
    switch (job.state) {
      case "queued":
        // The first answers of a video that is not ready have no body.
        return { type: "bytes", status: 202, contentType: "application/json", body: "" };
      case "running":
        return jsonReply(202, { status: "pending", progress: 35 });
      case "failed":
        return jsonReply(200, {
          status: "failed",
          model,
          error: { code: "internal_error", message: "The video could not be made. (simulated)" },
        });
      case "refused":
        return jsonReply(200, {
          status: "done",
          progress: 100,
          model,
          video: { duration: seconds, respect_moderation: false },
          usage: { cost_in_usd_ticks: 0 },
        });
      default: {
        job.work.url ??= context.files.putLazily(job.work.make, "video/mp4", lifetimeMs, "mp4");
        const video = { url: job.work.url, duration: seconds, respect_moderation: true };
        return jsonReply(200, { status: "done", progress: 100, model, video, usage });
      }
    }
  }

  const posting = <S extends z.ZodType<{ model: string; prompt: string }>>(path: string, schema: S): Route => ({
    method: "POST",
    path,
    handle(request) {
      const parsed = parseBody(schema, request.json() ?? {});
      if (parsed.ok) return submit(request, parsed.value);
      const message = `Failed to deserialize the JSON body into the target type: ${shapeError(parsed.issue).message}`;
      return errorReply(xaiErrors, { status: 422, message, code: "unreadable" }, request);
    },
  });
  return [
    posting("/videos/generations", generationBody),
    posting("/videos/edits", editBody),
    posting("/videos/extensions", extensionBody),
    { method: "GET", path: /^\/videos\/([^/]+)$/, handle: (request, [id = ""]) => poll(request, id) },
  ];
}
