import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { sizeOfFilm } from "../../media/aspect.ts";
import { endingOf, type JobState, jobs } from "../../media/jobs.ts";
import { isLink } from "../../media/link.ts";
import { makeMp4 } from "../../media/mp4.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, Route, WireContext } from "../../provider.ts";
import { jsonReply, type Reply } from "../../wire/reply.ts";
import { baseResp, nativeError, refuse } from "./envelope.ts";

const link = z.string().refine(isLink, "expected a URL or a data URI");

/** Models of the first API: what they film from, and seconds by resolution. */
const models: Readonly<Record<string, { inputs: string; seconds: Readonly<Record<string, readonly number[]>> }>> = {
  "MiniMax-Hailuo-2.3": { inputs: "text image", seconds: { "768P": [6, 10], "1080P": [6] } },
  "MiniMax-Hailuo-2.3-Fast": { inputs: "image", seconds: { "768P": [6, 10], "1080P": [6] } },
  "MiniMax-Hailuo-02": { inputs: "text image last", seconds: { "512P": [6, 10], "768P": [6, 10], "1080P": [6] } },
  "T2V-01": { inputs: "text", seconds: { "720P": [6] } },
  "T2V-01-Director": { inputs: "text", seconds: { "720P": [6] } },
  "I2V-01": { inputs: "image", seconds: { "720P": [6] } },
  "I2V-01-Director": { inputs: "image", seconds: { "720P": [6] } },
  "I2V-01-live": { inputs: "image", seconds: { "720P": [6] } },
  "S2V-01": { inputs: "subject", seconds: { "720P": [6] } },
};

const body = z.strictObject({
  model: z.enum(Object.keys(models) as [string, ...string[]]),
  prompt: z.string().max(2_000).optional(),
  prompt_optimizer: z.boolean().optional(),
  fast_pretreatment: z.boolean().optional(),
  duration: z.number().int().optional(),
  resolution: z.enum(["512P", "720P", "768P", "1080P"]).optional(),
  first_frame_image: link.optional(),
  last_frame_image: link.optional(),
  subject_reference: z
    .array(z.strictObject({ type: z.literal("character"), image: z.array(link).length(1) }))
    .optional(),
  callback_url: z.string().optional(),
  aigc_watermark: z.boolean().optional(),
});

type Asked = z.output<typeof body>;

interface Film {
  readonly width: number;
  readonly height: number;
  readonly fileId: string;
  readonly createdAtS: number;
  readonly make: () => Buffer;
}

const stateNames: Record<JobState, string> = {
  queued: "Queueing",
  running: "Processing",
  succeeded: "Success",
  failed: "Fail",
  refused: "Fail",
  cancelled: "Fail",
};
const lifetimeMs = 9 * 3_600_000;

/** `POST /v1/video_generation`, its query, and the file it ends in. */
export function videoRoutes(context: WireContext): Route[] {
  const films = jobs<Film>(context.paces, () => context.clock.now());
  const byFile = new Map<string, Film>();

  function submit(request: ProviderRequest): Reply {
    const parsed = parseBody(body, request.json() ?? {});
    if (!parsed.ok) return refuse(shapeError(parsed.issue).message);
    const asked = parsed.value;
    const issue = issueOf(asked);
    if (issue) refuse(issue);
    const seconds = asked.duration ?? 6;
    const [width, height] = sizeOfFilm("16:9", Number.parseInt(asked.resolution ?? "768P", 10));
    const prompt = asked.prompt ?? "";
    const film: Film = {
      width,
      height,
      fileId: digits(context.ids.next("")),
      createdAtS: Math.floor(context.clock.now() / 1_000),
      make: () => makeMp4(width, height, seconds, `${asked.model} ${prompt}`),
    };
    const ending = endingOf(prompt);
    const job = films.submit(digits(context.ids.next("")), film, ending);
    const billed = ending === "succeeded" ? { seconds } : {};
    return jsonReply(200, { task_id: job.id, ...baseResp() }, { billed });
  }

  function query(request: ProviderRequest): Reply {
    const id = request.query.get("task_id") ?? "";
    const job = films.poll(id);
    if (!job) return refuse(`task ${id} not found`);
    const head = { task_id: id, status: stateNames[job.state] };
    if (job.state === "refused")
      return jsonReply(200, { ...head, file_id: "", ...baseResp(1_027, "output sensitive (simulated)") });
    if (job.state !== "succeeded") return jsonReply(200, { ...head, file_id: "", ...baseResp() });
    const { fileId, width, height } = job.work;
    byFile.set(fileId, job.work);
    return jsonReply(200, { ...head, file_id: fileId, video_width: width, video_height: height, ...baseResp() });
  }

  function retrieve(request: ProviderRequest): Reply {
    const id = request.query.get("file_id") ?? "";
    const film = byFile.get(id);
    if (!film) return nativeError(2_013, `invalid params, file ${id} not found`);
    const download_url = context.files.putLazily(film.make, "video/mp4", lifetimeMs, "mp4");
    const file = {
      file_id: id,
      bytes: film.make().length,
      created_at: film.createdAtS,
      filename: "output.mp4",
      purpose: "video_generation",
      download_url,
    };
    return jsonReply(200, { file, ...baseResp() });
  }

  return [
    { method: "POST", path: "/v1/video_generation", handle: submit },
    { method: "GET", path: "/v1/query/video_generation", handle: query },
    { method: "GET", path: "/v1/files/retrieve", handle: retrieve },
  ];
}

/** Ids here are long numbers as texts. */
function digits(id: string): string {
  return `10${[...id].map((character) => character.charCodeAt(0) % 10).join("")}`;
}

function issueOf(asked: Asked): string | null {
  const { inputs, seconds } = models[asked.model] ?? { inputs: "", seconds: {} };
  const takes = new Set(inputs.split(" "));
  const hasText = (asked.prompt ?? "") !== "";
  if (asked.last_frame_image && !takes.has("last")) return "last_frame_image is not supported by this model";
  if (asked.first_frame_image && !takes.has("image")) return "first_frame_image is not supported by this model";
  if (takes.has("subject") !== (asked.subject_reference !== undefined))
    return "subject_reference is for S2V-01 alone, which requires it";
  if (!takes.has("text") && !takes.has("subject") && !asked.first_frame_image) return "first_frame_image is required";
  if (takes.has("text") && !asked.first_frame_image && !asked.last_frame_image && !hasText) return "prompt is required";
  const resolution = asked.resolution ?? (takes.has("image") || asked.model.includes("Hailuo") ? "768P" : "720P");
  const known = seconds[resolution] ?? seconds["720P"];
  if (asked.resolution && !seconds[asked.resolution])
    return `resolution ${asked.resolution} is not supported by this model`;
  if (asked.resolution === "512P" && !asked.first_frame_image) return "resolution 512P requires first_frame_image";
  return known && !known.includes(asked.duration ?? 6)
    ? `duration must be one of ${known.join(", ")} at ${resolution}`
    : null;
}
