import type { z } from "zod";
import { shapeError } from "../chat/shape-error.ts";
import { type DialectErrors, dialectWire } from "../chat/wire.ts";
import { sizeOfFilm } from "../media/aspect.ts";
import { readImage } from "../media/image.ts";
import { endingOf, type Job, type JobState, jobs } from "../media/jobs.ts";
import { makeMp4 } from "../media/mp4.ts";
import { parseMultipart, readForm } from "../media/multipart.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, ProviderWire, Route, WireContext } from "../provider.ts";
import { headerOf } from "../wire/credentials.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { type Asked, creditsOf, routes as filmRoutes, issueOf } from "./request.ts";

/** PixVerse's answers: 200, with a code that is 0 when all went well. */
function answer(code: number, message: string, resp: object | null = null): object {
  return { ErrCode: code, ErrMsg: message, Resp: resp };
}

const errors: DialectErrors = {
  body: ({ message, code }) => answer(Number(code ?? 400), message),
  failures: {
    rate_limited: { status: 200, message: "reached the limit for concurrent generations (simulated)", code: "500044" },
    quota_exhausted: { status: 200, message: "insufficient balance (simulated)", code: "500090" },
    invalid_key: { status: 200, message: "token is invalid (simulated)", code: "10005" },
    server_error: { status: 200, message: "internal error (simulated)", code: "99999" },
    bad_gateway: { status: 502, message: "bad gateway (simulated)", code: "99999" },
    unavailable: { status: 200, message: "please try again later (simulated)", code: "500045" },
    gateway_timeout: { status: 504, message: "timeout (simulated)", code: "99999" },
    overloaded: { status: 200, message: "the system is currently overloaded (simulated)", code: "500069" },
  },
  tokensLimited: { status: 429, message: "too many requests (simulated)", code: "429" },
  retry: (hint) => (hint.limit === "tokens" ? { "retry-after": String(Math.ceil(hint.afterMs / 1_000)) } : {}),
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const stateCodes: Record<JobState, number> = {
  queued: 5,
  running: 5,
  succeeded: 1,
  failed: 8,
  refused: 7,
  cancelled: 6,
};
const nanoUsdPerCredit = 10_000_000n;
const lifetimeMs = 24 * 3_600_000;
const imageBytesMax = 20 * 1024 * 1024;
const tracesMax = 1_024;
/** Ids are 64-bit numbers that JavaScript still holds. */
const idBase = 318_633_193_768_000;

interface Film {
  readonly asked: Asked;
  readonly credits: number;
  readonly width: number;
  readonly height: number;
  readonly make: () => Buffer;
  url: string | null;
}

/** The API at `https://app-api.pixverse.ai`, below `/pixverse`. Every call brings a fresh `Ai-trace-id`. */
export function pixverseWire(context: WireContext): ProviderWire {
  const films = jobs<Film>(context.paces, () => context.clock.now());
  const images = new Set<number>();
  const traces = new Map<string, Reply>();
  let lastId = idBase;
  const ok = (resp: object) => jsonReply(200, answer(0, "Success", resp));
  const wrong = (code: number, message: string): Reply => jsonReply(200, answer(code, message));

  /** Checks the trace id; one that was seen before gets what it got then, and nothing is done twice. */
  const traced =
    (handle: Route["handle"]): Route["handle"] =>
    (request, parameters) => {
      const trace = headerOf(request, "ai-trace-id");
      if (trace === null || !uuid.test(trace)) return wrong(400_033, "invalid Ai-trace-id");
      const before = traces.get(trace);
      if (before) return { ...before, billed: {} };
      const reply = handle(request, parameters);
      traces.set(trace, reply);
      for (const oldest of traces.keys()) {
        if (traces.size <= tracesMax) break;
        traces.delete(oldest);
      }
      return reply;
    };

  function film(route: keyof typeof filmRoutes, request: ProviderRequest): Reply {
    const parsed = parseBody<z.ZodType>(filmRoutes[route], request.json() ?? {});
    if (!parsed.ok) return wrong(parsed.issue.kind === "missing" ? 400_011 : 400_017, shapeError(parsed.issue).message);
    const asked = parsed.value as Asked;
    const issue = issueOf(route, asked);
    if (issue) return wrong(400_017, issue);
    const ids = [
      asked.img_id,
      ...(asked.img_ids ?? []),
      asked.first_frame_img,
      asked.last_frame_img,
      ...(asked.image_references ?? []).map(({ img_id }) => img_id),
    ];
    if (ids.some((id) => id !== undefined && !images.has(id))) return wrong(400_032, "invalid img_id");
    if (/\bblock this prompt\b/i.test(asked.prompt))
      return wrong(500_063, "the prompt did not pass moderation (simulated)");
    const credits = creditsOf(asked);
    const [width, height] = sizeOfFilm(asked.aspect_ratio ?? "16:9", Number.parseInt(asked.quality, 10));
    const make = () => makeMp4(width, height, asked.duration, `${asked.model} ${asked.prompt} ${asked.seed ?? 0}`);
    const ending = endingOf(asked.prompt);
    const id = ++lastId;
    films.submit(String(id), { asked, credits, width, height, make, url: null }, ending);
    const billed =
      ending === "succeeded"
        ? { seconds: asked.duration, providerCostNanoUsd: BigInt(credits) * nanoUsdPerCredit }
        : {};
    return { ...ok({ video_id: id, credits }), billed };
  }

  function resultOf(job: Job<Film>): object {
    const { asked, credits, width, height, make } = job.work;
    const hasEnded = job.state === "succeeded";
    if (hasEnded) job.work.url ??= context.files.putLazily(make, "video/mp4", lifetimeMs, "mp4");
    return {
      id: Number(job.id),
      status: stateCodes[job.state],
      url: job.work.url ?? "",
      prompt: asked.prompt,
      negative_prompt: asked.negative_prompt ?? "",
      seed: asked.seed ?? 7,
      style: asked.style ?? "",
      size: hasEnded ? make().length : 0,
      outputWidth: hasEnded ? width : 0,
      outputHeight: hasEnded ? height : 0,
      resolution_ratio: 0,
      create_time: new Date(job.createdAtMs).toISOString(),
      modify_time: new Date(context.clock.now()).toISOString(),
      has_audio: asked.generate_audio_switch ?? false,
      credits: job.state === "failed" || job.state === "refused" ? 0 : credits,
      customer_paths: null,
    };
  }

  function uploadImage(request: ProviderRequest): Reply {
    const parts = parseMultipart(request.headers["content-type"], request.body);
    if (!parts) return wrong(400_017, "expected multipart/form-data");
    const { fields, files } = readForm(parts);
    const file = files.find(({ name }) => name === "image");
    const link = fields.image_url;
    if ((file === undefined) === (link === undefined))
      return wrong(400_011, "exactly one of image and image_url is required");
    if (file && file.data.length > imageBytesMax) return wrong(500_030, "the image is too large");
    const read = file ? readImage(file.data) : null;
    if (file && (!read || read.format === "gif")) return wrong(500_032, "the image's format is not supported");
    if (typeof link === "string" && !/^https?:\/\//.test(link))
      return wrong(500_042, "the image's path can not be read");
    const id = ++lastId;
    images.add(id);
    const img_url = file ? context.files.put(file.data, "image/png", lifetimeMs, "png") : String(link);
    return ok({ img_id: id, img_url });
  }

  const base = "/openapi/v2";
  const routes: Route[] = [
    ...(Object.keys(filmRoutes) as (keyof typeof filmRoutes)[]).map(
      (name): Route => ({
        method: "POST",
        path: `${base}/video/${name}/generate`,
        handle: traced((request) => film(name, request)),
      }),
    ),
    {
      method: "GET",
      path: /^\/openapi\/v2\/video\/result\/(\d+)$/,
      handle: traced((_request, [id = ""]) => {
        const job = films.poll(id);
        return job ? ok(resultOf(job)) : wrong(500_008, "the video was not found");
      }),
    },
    { method: "POST", path: `${base}/image/upload`, handle: traced(uploadImage) },
    {
      method: "GET",
      path: `${base}/account/balance`,
      handle: traced(() => ok({ account_id: 1, credit_monthly: 0, credit_package: 100_000 })),
    },
  ];
  return dialectWire(
    {
      name: "pixverse",
      clientPath: "/pixverse",
      routePath: "/pixverse",
      routes,
      keyOf: (request) => headerOf(request, "api-key"),
      headers: () => ({}),
    },
    errors,
  );
}
