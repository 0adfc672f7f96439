import { shapeError } from "../chat/shape-error.ts";
import { type DialectErrors, dialectWire, errorReply } from "../chat/wire.ts";
import { makeSpeech } from "../media/audio.ts";
import { makeImage } from "../media/image.ts";
import { endingOf, type Job, jobs } from "../media/jobs.ts";
import { makeMp4 } from "../media/mp4.ts";
import { parseMultipart } from "../media/multipart.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, ProviderWire, Route, WireContext } from "../provider.ts";
import { modelIn } from "../wire/credentials.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { creditsOf, secondsOf } from "./credits.ts";
import { endpoints } from "./models.data.ts";
import { type Asked, limitIssue, schemaFor } from "./request.ts";

const version = "2024-11-06";
const nanoUsdPerCredit = 10_000_000n;
const lifetimeMs = 24 * 3_600_000;

const errors: DialectErrors = {
  body: ({ message, param, code }) => ({
    error: message,
    ...(param == null ? {} : { issues: [{ code: code ?? "custom", path: [param], message }] }),
    docUrl: "https://docs.dev.runwayml.com/simulated",
  }),
  failures: {
    rate_limited: { status: 429, message: "You have reached the daily task limit. (simulated)" },
    quota_exhausted: { status: 400, message: "You do not have enough credits to run this task. (simulated)" },
    invalid_key: { status: 401, message: "The API key you provided is not valid. (simulated)" },
    server_error: { status: 500, message: "An internal error occurred. (simulated)" },
    bad_gateway: { status: 502, message: "Bad gateway (simulated)" },
    unavailable: { status: 503, message: "Service unavailable (simulated)" },
    gateway_timeout: { status: 504, message: "Gateway timeout (simulated)" },
    overloaded: { status: 503, message: "The server is overloaded. (simulated)" },
  },
};

interface Task {
  readonly endpoint: string;
  readonly asked: Asked;
  readonly credits: number;
  output: string[] | null;
}

/** The API at `https://api.dev.runwayml.com`, below `/runway`. */
export function runwayWire(context: WireContext): ProviderWire {
  const tasks = jobs<Task>(context.paces, () => context.clock.now());
  const uploads = new Set<string>();
  const wrong = (request: ProviderRequest, message: string, param?: string, status = 400) =>
    errorReply(errors, { status, message, ...(param === undefined ? {} : { param }) }, request);

  /** Every call has to name the version. */
  const versioned =
    (handle: Route["handle"]): Route["handle"] =>
    (request, parameters) => {
      const given = request.headers["x-runway-version"];
      if (given === version) return handle(request, parameters);
      return wrong(
        request,
        given === undefined ? "X-Runway-Version header is required" : `Unknown API version ${String(given)}`,
      );
    };

  function submit(endpoint: string, request: ProviderRequest): Reply {
    const body = request.json() ?? {};
    const model = modelIn(body) ?? "";
    const schema = schemaFor(endpoint, model);
    if (!schema)
      return wrong(request, `Validation of body failed: model ${model} is not supported at /v1/${endpoint}`, "model");
    const parsed = parseBody(schema, body);
    if (!parsed.ok) {
      const { message, param } = shapeError(parsed.issue);
      return wrong(request, `Validation of body failed: ${message}`, param ?? "body");
    }
    const asked = parsed.value;
    const issue = limitIssue(asked);
    if (issue) return wrong(request, `Validation of body failed: ${issue.message}`, issue.path);
    const unknown = /runway:\/\/[^"]*/.exec(JSON.stringify(asked))?.[0];
    if (unknown && !uploads.has(unknown)) return wrong(request, `Upload ${unknown} was not found`, "promptImage");
    const credits = creditsOf(endpoint, asked);
    const ending = endingOf(asked.promptText ?? "");
    const id = uuid(context.ids.next(""));
    tasks.submit(id, { endpoint, asked, credits, output: null }, ending);
    // What the safety of the input refuses is charged; what the service fails at is given back.
    const billed =
      ending === "failed"
        ? {}
        : { providerCostNanoUsd: BigInt(credits) * nanoUsdPerCredit, ...unitsOf(endpoint, asked) };
    return jsonReply(200, { id, estimatedCost: { credits } }, { billed });
  }

  function bodyOf(job: Job<Task>): object {
    const { credits } = job.work;
    const head = { id: job.id, createdAt: new Date(job.createdAtMs).toISOString() };
    switch (job.state) {
      case "queued":
        // Behind the concurrency limit at first, which is no error.
        return { ...head, status: job.polls === 1 ? "THROTTLED" : "PENDING", estimatedCost: { credits } };
      case "running":
        return { ...head, status: "RUNNING", progress: 0.5, estimatedCost: { credits } };
      case "succeeded":
        job.work.output ??= outputOf(job.work, context);
        return { ...head, status: "SUCCEEDED", output: job.work.output, cost: { credits } };
      case "failed":
        return {
          ...head,
          status: "FAILED",
          failure: "The task failed. (simulated)",
          failureCode: "INTERNAL.BAD_OUTPUT.CODE01",
          cost: { credits: 0 },
        };
      case "refused":
        return {
          ...head,
          status: "FAILED",
          failure: "The input was moderated. (simulated)",
          failureCode: "SAFETY.INPUT.TEXT",
          cost: { credits },
        };
      case "cancelled":
        return { ...head, status: "CANCELLED", cost: { credits: 0 } };
    }
  }

  function poll(request: ProviderRequest, id: string): Reply {
    const job = tasks.poll(id);
    return job ? jsonReply(200, bodyOf(job)) : wrong(request, "Could not find a task with that ID", undefined, 404);
  }

  function remove(request: ProviderRequest, id: string): Reply {
    const job = tasks.find(id);
    if (!job) return wrong(request, "Could not find a task with that ID", undefined, 404);
    const isCancelled = tasks.cancel(id, ["queued", "running"]);
    if (!isCancelled) tasks.remove(id);
    const units = Object.entries(unitsOf(job.work.endpoint, job.work.asked)).map(([unit, amount]) => [unit, -amount]);
    const refund = { providerCostNanoUsd: -BigInt(job.work.credits) * nanoUsdPerCredit, ...Object.fromEntries(units) };
    return {
      type: "bytes",
      status: 204,
      contentType: "application/json",
      body: "",
      ...(isCancelled ? { billed: refund } : {}),
    };
  }

  function createUpload(request: ProviderRequest): Reply {
    const { filename, type } = (request.json() ?? {}) as { filename?: unknown; type?: unknown };
    if (typeof filename !== "string" || type !== "ephemeral")
      return wrong(request, "Validation of body failed", "filename");
    const key = context.ids.next("upload-");
    const fields = { key, policy: "simulated" };
    return jsonReply(200, {
      uploadUrl: `${context.origin()}/runway/__uploads/${key}`,
      fields,
      runwayUri: `runway://${key}`,
    });
  }

  /** The bucket: it wants every field that was given first, then the file, and no key. */
  function receiveUpload(request: ProviderRequest, [key = ""]: readonly string[]): Reply {
    const parts = parseMultipart(request.headers["content-type"], request.body);
    const names = parts?.map(({ name }) => name) ?? [];
    if (names.join() !== "key,policy,file" || request.headers.authorization !== undefined) {
      return {
        type: "bytes",
        status: 403,
        contentType: "application/xml",
        body: "<Error><Code>AccessDenied</Code></Error>",
      };
    }
    uploads.add(`runway://${key}`);
    return { type: "bytes", status: 204, contentType: "application/xml", body: "" };
  }

  const routes: Route[] = [
    ...Object.keys(endpoints).map(
      (endpoint): Route => ({
        method: "POST",
        path: `/v1/${endpoint}`,
        handle: versioned((request) => submit(endpoint, request)),
      }),
    ),
    { method: "GET", path: /^\/v1\/tasks\/([^/]+)$/, handle: versioned((request, [id = ""]) => poll(request, id)) },
    {
      method: "DELETE",
      path: /^\/v1\/tasks\/([^/]+)$/,
      handle: versioned((request, [id = ""]) => remove(request, id)),
    },
    { method: "POST", path: "/v1/uploads", handle: versioned(createUpload) },
    { method: "POST", path: /^\/__uploads\/([^/]+)$/, handle: receiveUpload, isOpen: true },
    {
      method: "GET",
      path: "/v1/organization",
      handle: versioned(() =>
        jsonReply(200, {
          creditBalance: 100_000,
          tier: { maxMonthlyCreditSpend: 100_000, models: {} },
          usage: { models: {} },
        }),
      ),
    },
  ];
  return dialectWire(
    { name: "runway", clientPath: "/runway", routePath: "/runway", routes, headers: () => ({}) },
    errors,
  );
}

/** A version 4 UUID made from an id, so that runs repeat. */
function uuid(id: string): string {
  const hex = Buffer.from(id.padStart(16, "0").slice(-16)).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const isSound = (endpoint: string) => /speech|sound|voice/.test(endpoint);

function unitsOf(endpoint: string, asked: Asked): Record<string, number> {
  if (endpoint === "text_to_image") return { images: asked.outputCount ?? 1 };
  return isSound(endpoint) ? { characters: (asked.promptText ?? "").length } : { seconds: secondsOf(asked) };
}

function outputOf({ endpoint, asked }: Task, context: WireContext): string[] {
  const seed = `${asked.model} ${asked.promptText} ${asked.seed ?? 0}`;
  const [width = 1_280, height = 720] = /^\d{3,5}:\d{3,5}$/.test(asked.ratio ?? "")
    ? (asked.ratio ?? "").split(":").map(Number)
    : [];
  if (endpoint === "text_to_image") {
    return Array.from({ length: asked.outputCount ?? 1 }, (_, index) =>
      context.files.putLazily(
        () => makeImage("png", width, height, `${seed} ${index}`),
        "image/png",
        lifetimeMs,
        "png",
      ),
    );
  }
  if (isSound(endpoint)) {
    return [context.files.putLazily(() => makeSpeech(asked.promptText ?? "", "mp3"), "audio/mpeg", lifetimeMs, "mp3")];
  }
  const make = () => makeMp4(width, height, secondsOf(asked), seed);
  return [context.files.putLazily(make, "video/mp4", lifetimeMs, "mp4")];
}
