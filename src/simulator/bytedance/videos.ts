import { z } from "zod";
import type { Usage } from "../../core/usage.ts";
import type { ChatError } from "../chat/dialect.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { sizeOfFilm } from "../media/aspect.ts";
import { makeImage } from "../media/image.ts";
import { endingOf, type Job, type JobState, jobs } from "../media/jobs.ts";
import { isLink } from "../media/link.ts";
import { makeMp4 } from "../media/mp4.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, Route, WireContext } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { modelNotFound } from "./chat-dialect.ts";
import { arkErrors } from "./errors.ts";

/** Video models, by generation: which seconds each films. */
const models: readonly (readonly [pattern: RegExp, generation: number, secondsMin: number, secondsMax: number])[] = [
  [/^dreamina-seedance-2-5-\d{6}$/, 2.5, 4, 30],
  [/^dreamina-seedance-2-0(-fast|-mini)?-\d{6}$/, 2, 4, 15],
  [/^seedance-1-5-pro-\d{6}$/, 1.5, 4, 12],
  [/^seedance-1-0-(pro|pro-fast|lite-[ti]2v)-\d{6}$/, 1, 2, 12],
];
const lifetimeMs = 24 * 3_600_000;
const tokensPerSecond: Readonly<Record<string, number>> = {
  "480p": 10_044,
  "720p": 21_780,
  "1080p": 49_005,
  "4k": 196_020,
};

const url = z.strictObject({ url: z.string().refine(isLink, "expected a URL or a data URL") });
const content = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string().min(1) }),
  z.strictObject({
    type: z.literal("image_url"),
    image_url: url,
    role: z.enum(["first_frame", "last_frame", "reference_image"]).optional(),
  }),
  z.strictObject({ type: z.literal("video_url"), video_url: url, role: z.literal("reference_video").optional() }),
  z.strictObject({ type: z.literal("audio_url"), audio_url: url, role: z.literal("reference_audio").optional() }),
  z.strictObject({ type: z.literal("draft_task"), draft_task: z.strictObject({ id: z.string() }) }),
]);

const body = z.strictObject({
  model: z.string(),
  content: z.array(content).min(1),
  resolution: z.enum(["480p", "720p", "1080p", "4k"]).optional(),
  ratio: z.enum(["16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "adaptive"]).optional(),
  duration: z.number().int().optional(),
  frames: z.number().int().optional(),
  seed: z.number().int().min(-1).max(4_294_967_295).optional(),
  camera_fixed: z.boolean().optional(),
  watermark: z.boolean().optional(),
  generate_audio: z.boolean().optional(),
  return_last_frame: z.boolean().optional(),
  service_tier: z.enum(["default", "flex"]).optional(),
  execution_expires_after: z.number().int().min(3_600).optional(),
  priority: z.number().int().optional(),
  draft: z.boolean().optional(),
  callback_url: z.string().optional(),
  safety_identifier: z.string().optional(),
  output_format: z.string().optional(),
  tools: z.unknown().optional(),
});

type Asked = z.output<typeof body>;

interface Film {
  readonly asked: Asked;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  readonly tokens: number;
  links: { video_url: string; last_frame_url: string | null } | null;
}

const stateNames: Record<JobState, string> = {
  queued: "queued",
  running: "running",
  succeeded: "succeeded",
  failed: "failed",
  refused: "failed",
  cancelled: "cancelled",
};

const tasksPath = "/contents/generations/tasks";

/** `POST /contents/generations/tasks`, poll, list, and the delete that cancels what waits. */
export function videoRoutes(context: WireContext): Route[] {
  const tasks = jobs<Film>(context.paces, () => context.clock.now());
  const wrong = (error: ChatError, request: ProviderRequest) => errorReply(arkErrors, error, request);

  function submit(request: ProviderRequest): Reply {
    const parsed = parseBody(body, request.json() ?? {});
    if (!parsed.ok) return wrong({ ...shapeError(parsed.issue), code: "InvalidParameter" }, request);
    const asked = parsed.value;
    const model = models.find(([pattern]) => pattern.test(asked.model));
    if (!model) return modelNotFound(asked.model, request);
    const issue = issueOf(asked, model[1], model[2], model[3]);
    if (issue) return wrong({ ...issue, code: "InvalidParameter" }, request);
    const prompt = asked.content.map((part) => (part.type === "text" ? part.text : "")).join(" ");
    const resolution = asked.resolution ?? "720p";
    const seconds = asked.duration === undefined || asked.duration === -1 ? 5 : asked.duration;
    const ratio = asked.ratio === undefined || asked.ratio === "adaptive" ? "16:9" : asked.ratio;
    const [width, height] = sizeOfFilm(ratio, resolution === "4k" ? 2_160 : Number.parseInt(resolution, 10));
    const tokens = seconds * (tokensPerSecond[resolution] ?? 0);
    const ending = endingOf(prompt);
    const job = tasks.submit(context.ids.next("cgt-"), { asked, seconds, width, height, tokens, links: null }, ending);
    const billed: Usage = ending === "succeeded" ? { outputTokens: tokens, seconds } : {};
    return jsonReply(200, { id: job.id }, { billed });
  }

  function bodyOf(job: Job<Film>): object {
    const { asked, seconds, width, height, tokens } = job.work;
    const head = {
      id: job.id,
      model: asked.model,
      status: stateNames[job.state],
      error: errorOf(job.state),
      created_at: Math.floor(job.createdAtMs / 1_000),
      updated_at: Math.floor(context.clock.now() / 1_000),
      service_tier: asked.service_tier ?? "default",
    };
    if (job.state !== "succeeded") return head;
    const seed = `${asked.model} ${JSON.stringify(asked.content)}`;
    job.work.links ??= {
      video_url: context.files.putLazily(() => makeMp4(width, height, seconds, seed), "video/mp4", lifetimeMs, "mp4"),
      last_frame_url: asked.return_last_frame
        ? context.files.putLazily(() => makeImage("png", width, height, seed), "image/png", lifetimeMs, "png")
        : null,
    };
    return {
      ...head,
      content: job.work.links,
      seed: asked.seed ?? 58_944,
      resolution: asked.resolution ?? "720p",
      ratio: asked.ratio ?? "16:9",
      duration: seconds,
      framespersecond: 24,
      generate_audio: asked.generate_audio ?? true,
      usage: { completion_tokens: tokens, total_tokens: tokens },
    };
  }

  const notFound = (request: ProviderRequest, id: string) =>
    wrong(
      { status: 404, message: `The specified task ${id} is not found.`, type: "NotFound", code: "ResourceNotFound" },
      request,
    );

  function remove(request: ProviderRequest, id: string): Reply {
    const job = tasks.find(id);
    if (!job) return notFound(request, id);
    if (job.state === "running") {
      return wrong(
        { message: "The task is running and can not be deleted.", code: "InvalidAction.RunningTaskDeletion" },
        request,
      );
    }
    if (!tasks.cancel(id, ["queued"])) {
      tasks.remove(id);
      return jsonReply(200, {});
    }
    return jsonReply(200, {}, { billed: { outputTokens: -job.work.tokens, seconds: -job.work.seconds } });
  }

  function list(request: ProviderRequest): Reply {
    const size = Number(request.query.get("page_size") ?? 20);
    const page = Number(request.query.get("page_num") ?? 1);
    const status = request.query.get("filter.status");
    const all = tasks
      .list()
      .map(bodyOf)
      .filter((one) => status === null || (one as { status: string }).status === status);
    return jsonReply(200, { items: all.slice((page - 1) * size, page * size), total: all.length });
  }

  return [
    { method: "POST", path: tasksPath, handle: submit },
    { method: "GET", path: tasksPath, handle: list },
    {
      method: "GET",
      path: new RegExp(`^${tasksPath}/([^/]+)$`),
      handle(request, [id = ""]) {
        const job = tasks.poll(id);
        return job ? jsonReply(200, bodyOf(job)) : notFound(request, id);
      },
    },
    {
      method: "DELETE",
      path: new RegExp(`^${tasksPath}/([^/]+)$`),
      handle: (request, [id = ""]) => remove(request, id),
    },
  ];
}

function errorOf(state: JobState): object | null {
  if (state === "failed") return { code: "InternalServiceError", message: "The video could not be made. (simulated)" };
  if (state === "refused")
    return {
      code: "OutputVideoSensitiveContentDetected",
      message: "The video may contain sensitive information. (simulated)",
    };
  return null;
}

function issueOf(
  asked: Asked,
  generation: number,
  min: number,
  max: number,
): { message: string; param: string } | null {
  const wrong = (param: string, message: string) => ({ param, message });
  const roles = asked.content.flatMap((part) => ("role" in part && part.role ? [part.role] : []));
  const count = (role: string) => roles.filter((one) => one === role).length;
  const hasReferences = roles.some((role) => role.startsWith("reference_"));
  if (count("first_frame") > 1 || count("last_frame") > 1)
    return wrong("content", "at most one first_frame and one last_frame");
  if (hasReferences && count("first_frame") + count("last_frame") > 0)
    return wrong("content", "first/last frame content cannot be mixed with reference media content");
  if (count("last_frame") > 0 && count("first_frame") === 0) return wrong("content", "last_frame requires first_frame");
  if (hasReferences && generation < 2) return wrong("content", "reference media is not supported by the current model");
  if (
    asked.duration !== undefined &&
    !(asked.duration === -1 && generation >= 1.5) &&
    (asked.duration < min || asked.duration > max)
  ) {
    return wrong(
      "duration",
      `the parameter duration specified in the request is not valid: must be between ${min} and ${max}`,
    );
  }
  if (asked.camera_fixed !== undefined && generation >= 2)
    return wrong("camera_fixed", "camera_fixed is not supported by the current model");
  if (asked.generate_audio !== undefined && generation < 1.5)
    return wrong("generate_audio", "generate_audio is not supported by the current model");
  if (asked.draft && generation !== 1.5) return wrong("draft", "draft is not supported by the current model");
  const isLarge =
    asked.resolution === "4k" ? !/-2-0-\d/.test(asked.model) : asked.resolution === "1080p" && isSmall(asked.model);
  return isLarge ? wrong("resolution", `${asked.resolution} is not supported by the current model`) : null;
}

/** Models that film at most 720 lines. */
function isSmall(model: string): boolean {
  return /-2-0-fast-|-2-5-/.test(model);
}
