import { z } from "zod";
import { shapeError } from "../chat/shape-error.ts";
import { type DialectErrors, dialectWire, errorReply } from "../chat/wire.ts";
import { sizeOfFilm, sizeOfRatio } from "../media/aspect.ts";
import { makeImage } from "../media/image.ts";
import { endingOf, type Job, type JobState, jobs } from "../media/jobs.ts";
import { isLink } from "../media/link.ts";
import { makeMp4 } from "../media/mp4.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, ProviderWire, Route, WireContext } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { creditsPerSecond, videoModels } from "./models.data.ts";

const errors: DialectErrors = {
  body: ({ message, code, status }, requestId) => ({
    code: status ?? 400,
    reason: code ?? "BadRequest",
    message,
    metadata: { trace_id: requestId },
  }),
  failures: {
    rate_limited: { status: 429, message: "too many requests (simulated)", code: "TooManyRequests" },
    quota_exhausted: { status: 400, message: "credit insufficient (simulated)", code: "CreditInsufficient" },
    invalid_key: { status: 401, message: "unauthorized (simulated)", code: "Unauthorized" },
    server_error: { status: 500, message: "internal service failure (simulated)", code: "InternalServiceFailure" },
    bad_gateway: { status: 502, message: "bad gateway (simulated)", code: "InternalServiceFailure" },
    unavailable: { status: 503, message: "service unavailable (simulated)", code: "InternalServiceFailure" },
    gateway_timeout: { status: 504, message: "timeout (simulated)", code: "InternalServiceFailure" },
    overloaded: { status: 429, message: "system throttling (simulated)", code: "SystemThrottling" },
  },
};

const link = z.string().refine(isLink, "expected a URL or a data URL");
const common = {
  model: z.string(),
  duration: z.number().int().optional(),
  seed: z.number().int().min(0).optional(),
  resolution: z.string().optional(),
  movement_amplitude: z.enum(["auto", "small", "medium", "large"]).optional(),
  bgm: z.boolean().optional(),
  audio: z.boolean().optional(),
  audio_type: z.enum(["all", "speech_only", "sound-effect_only"]).optional(),
  voice_id: z.string().optional(),
  is_rec: z.boolean().optional(),
  off_peak: z.boolean().optional(),
  payload: z.string().max(1_048_576).optional(),
  callback_url: z.string().optional(),
  watermark: z.boolean().optional(),
  meta_data: z.string().optional(),
};
const prompt = z.string().max(5_000);
const aspect_ratio = z.enum(["16:9", "9:16", "1:1", "3:4", "4:3"]).optional();

const bodies = {
  text2video: z.strictObject({
    ...common,
    prompt: prompt.min(1),
    aspect_ratio,
    style: z.enum(["general", "anime"]).optional(),
  }),
  img2video: z.strictObject({ ...common, prompt: prompt.optional(), images: z.array(link).length(1) }),
  "start-end2video": z.strictObject({ ...common, prompt: prompt.optional(), images: z.array(link).length(2) }),
  reference2video: z.strictObject({
    ...common,
    prompt: prompt.min(1),
    aspect_ratio,
    images: z.array(link).min(1).max(7).optional(),
    subjects: z
      .array(z.strictObject({ name: z.string(), images: z.array(link).max(3), voice_id: z.string().optional() }))
      .max(7)
      .optional(),
    videos: z.array(link).max(2).optional(),
    auto_subjects: z.boolean().optional(),
  }),
};
const imageBody = z.strictObject({
  model: z.enum(["viduq2", "viduq1"]),
  prompt: z.string().min(1).max(2_000),
  images: z.array(link).max(7).optional(),
  resolution: z.enum(["1080p", "2K", "4K"]).optional(),
  aspect_ratio: z.enum(["16:9", "9:16", "1:1", "3:4", "4:3", "21:9", "2:3", "3:2", "auto"]).optional(),
  seed: z.number().int().optional(),
  payload: z.string().optional(),
  callback_url: z.string().optional(),
});

interface Creation {
  readonly model: string;
  readonly credits: number;
  readonly payload: string;
  readonly offPeak: boolean;
  readonly seconds: number;
  readonly make: () => Buffer;
  readonly extension: "mp4" | "png";
  creations: object[] | null;
}

const stateNames: Record<JobState, string> = {
  queued: "queueing",
  running: "processing",
  succeeded: "success",
  failed: "failed",
  refused: "failed",
  cancelled: "failed",
};
const errCodes: Partial<Record<JobState, string>> = {
  failed: "InternalServiceFailure",
  refused: "CreationPolicyViolation",
  cancelled: "UserCancelled",
};
const lifetimeMs = 24 * 3_600_000;
const nanoUsdPerCredit = 5_000_000n;

/** The API at `https://api.vidu.com/ent/v2`, below `/vidu/ent/v2`. Its keys come as `Authorization: Token`. */
export function viduWire(context: WireContext): ProviderWire {
  const tasks = jobs<Creation>(context.paces, () => context.clock.now());
  const wrong = (request: ProviderRequest, message: string, code = "FieldInvalid", status = 400) =>
    errorReply(errors, { status, message, code }, request);

  function submitted(request: ProviderRequest, text: string, work: Creation, shown: object): Reply {
    if (/\bblock this prompt\b/i.test(text))
      return wrong(request, "the prompt violates the policy (simulated)", "TaskPromptPolicyViolation");
    const ending = endingOf(text);
    const job = tasks.submit(context.ids.next(""), work, ending);
    const billed =
      ending === "succeeded"
        ? { seconds: work.seconds, providerCostNanoUsd: BigInt(work.credits) * nanoUsdPerCredit }
        : {};
    const { model, credits, payload, offPeak } = work;
    const createdAt = new Date(job.createdAtMs).toISOString();
    const body = {
      task_id: job.id,
      state: "created",
      model,
      prompt: text,
      ...shown,
      credits,
      payload,
      off_peak: offPeak,
      created_at: createdAt,
    };
    return jsonReply(200, body, { billed });
  }

  function film(route: keyof typeof bodies, request: ProviderRequest): Reply {
    const parsed = parseBody<z.ZodType>(bodies[route], request.json() ?? {});
    if (!parsed.ok) return wrong(request, shapeError(parsed.issue).message, reasonOf(parsed.issue.kind));
    const asked = parsed.value as Partial<z.output<(typeof bodies)["reference2video"]>> & { model: string };
    const limits = videoModels[route]?.[asked.model];
    if (!limits) return wrong(request, `model ${asked.model} is not available for ${route}`, "ModelUnavailable");
    const seconds = asked.duration ?? (asked.model === "vidu2.0" ? 4 : 5);
    const [min, max] = limits.seconds;
    const isV2 = asked.model === "vidu2.0";
    const resolution =
      asked.resolution ?? (asked.model.startsWith("viduq1") ? "1080p" : isV2 && seconds === 4 ? "360p" : "720p");
    if (!limits.resolutions.split(" ").includes(resolution))
      return wrong(request, `resolution ${resolution} is not supported by ${asked.model}`);
    if (seconds < min || seconds > max || (isV2 && seconds !== 4 && seconds !== 8))
      return wrong(request, `duration ${seconds} is not supported by ${asked.model}`);
    if (isV2 && seconds === 8 && resolution !== "720p") return wrong(request, "8 seconds are only supported at 720p");
    const isQ3 = asked.model.startsWith("viduq3");
    if (isQ3 && (asked.bgm || asked.voice_id))
      return wrong(request, `bgm and voice_id are not supported by ${asked.model}`, "FieldUnwanted");
    const references = [asked.images, asked.subjects, asked.videos].filter((list) => list !== undefined).length;
    if (route === "reference2video" && references === 0)
      return wrong(request, "images, subjects or videos is required", "FieldLacking");
    if (asked.images && asked.subjects) return wrong(request, "images and subjects are exclusive", "FieldUnwanted");
    if (asked.videos && asked.model !== "viduq2-pro")
      return wrong(request, `videos are not supported by ${asked.model}`, "FieldUnwanted");
    const text = asked.prompt ?? "";
    const perSecond =
      creditsPerSecond[`${route === "reference2video" ? "reference " : ""}${asked.model}`] ??
      creditsPerSecond[asked.model];
    const full = (perSecond?.[resolution] ?? 10) * Math.max(1, seconds) + (asked.is_rec ? 10 : 0);
    const [width, height] = sizeOfFilm(asked.aspect_ratio ?? "16:9", Number.parseInt(resolution, 10));
    const work: Creation = {
      model: asked.model,
      credits: asked.off_peak ? Math.ceil(full / 2) : full,
      payload: asked.payload ?? "",
      offPeak: asked.off_peak ?? false,
      seconds: Math.max(1, seconds),
      make: () => makeMp4(width, height, Math.max(1, seconds), `${asked.model} ${text}`),
      extension: "mp4",
      creations: null,
    };
    return submitted(request, text, work, {
      duration: seconds,
      seed: asked.seed ?? 1,
      resolution,
      aspect_ratio: asked.aspect_ratio ?? "16:9",
    });
  }

  function draw(request: ProviderRequest): Reply {
    const parsed = parseBody(imageBody, request.json() ?? {});
    if (!parsed.ok) return wrong(request, shapeError(parsed.issue).message, reasonOf(parsed.issue.kind));
    const asked = parsed.value;
    const images = asked.images?.length ?? 0;
    if (asked.model === "viduq1" && (images === 0 || (asked.resolution ?? "1080p") !== "1080p")) {
      return wrong(request, "viduq1 takes 1 to 7 images at 1080p", "FieldItemCountOutOfRange");
    }
    const side = { "1080p": 1_440, "2K": 2_048, "4K": 4_096 }[asked.resolution ?? "1080p"];
    const ratio = asked.aspect_ratio === undefined || asked.aspect_ratio === "auto" ? "1:1" : asked.aspect_ratio;
    const [width, height] = sizeOfRatio(ratio, side);
    const work: Creation = {
      model: asked.model,
      credits: asked.model === "viduq1" ? 20 : images === 0 ? 6 : images <= 3 ? 8 : 10,
      payload: asked.payload ?? "",
      offPeak: false,
      seconds: 0,
      make: () => makeImage("png", width, height, `${asked.model} ${asked.prompt}`),
      extension: "png",
      creations: null,
    };
    return submitted(request, asked.prompt, work, { resolution: asked.resolution ?? "1080p", aspect_ratio: ratio });
  }

  function bodyOf(job: Job<Creation>): object {
    const { work } = job;
    if (job.state === "succeeded") {
      const type = work.extension === "mp4" ? "video/mp4" : "image/png";
      work.creations ??= [
        {
          id: context.ids.next("creation-"),
          url: context.files.putLazily(work.make, type, lifetimeMs, work.extension),
          cover_url: context.files.putLazily(
            () => makeImage("jpeg", 320, 180, job.id),
            "image/jpeg",
            lifetimeMs,
            "jpeg",
          ),
        },
      ];
    }
    return {
      id: job.id,
      state: stateNames[job.state],
      err_code: errCodes[job.state] ?? "",
      credits: job.state === "failed" || job.state === "refused" ? 0 : work.credits,
      payload: work.payload,
      bgm: false,
      off_peak: work.offPeak,
      creations: job.state === "succeeded" ? work.creations : [],
    };
  }

  function cancel(request: ProviderRequest, id: string): Reply {
    const job = tasks.find(id);
    if (!job) return wrong(request, "task not found", "TaskNotFound", 404);
    if (!tasks.cancel(id, ["queued"])) return wrong(request, "task state is scheduled, can not cancel", "BadRequest");
    return jsonReply(
      200,
      {},
      { billed: { seconds: -job.work.seconds, providerCostNanoUsd: -BigInt(job.work.credits) * nanoUsdPerCredit } },
    );
  }

  const routes: Route[] = [
    ...(Object.keys(bodies) as (keyof typeof bodies)[]).map(
      (name): Route => ({ method: "POST", path: `/${name}`, handle: (request) => film(name, request) }),
    ),
    { method: "POST", path: "/reference2image", handle: draw },
    {
      method: "GET",
      path: /^\/tasks\/([^/]+)\/creations$/,
      handle(request, [id = ""]) {
        const job = tasks.poll(id);
        return job ? jsonReply(200, bodyOf(job)) : wrong(request, "task not found", "TaskNotFound", 404);
      },
    },
    { method: "POST", path: /^\/tasks\/([^/]+)\/cancel$/, handle: (request, [id = ""]) => cancel(request, id) },
    {
      method: "GET",
      path: "/tasks",
      handle: () => jsonReply(200, { tasks: tasks.list().map(bodyOf), next_page_token: "" }),
    },
    {
      method: "GET",
      path: "/credits",
      handle: () => jsonReply(200, { remains: [{ type: "simulated", credit_remain: 100_000 }] }),
    },
  ];
  return dialectWire(
    {
      name: "vidu",
      clientPath: "/vidu/ent/v2",
      routePath: "/vidu/ent/v2",
      routes,
      keyOf: (request) => /^Token (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? null,
      headers: () => ({}),
    },
    errors,
  );
}

function reasonOf(kind: string): string {
  if (kind === "missing") return "FieldLacking";
  return kind === "unknown" ? "FieldUnwanted" : "FieldInvalid";
}
