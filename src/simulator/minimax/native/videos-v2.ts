import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { sizeOfFilm } from "../../media/aspect.ts";
import { endingOf, type JobState, jobs } from "../../media/jobs.ts";
import { isLink } from "../../media/link.ts";
import { makeMp4 } from "../../media/mp4.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, Route, WireContext } from "../../provider.ts";
import { jsonReply, type Reply } from "../../wire/reply.ts";
import { baseResp, refuse } from "./envelope.ts";

const url = z.strictObject({
  url: z.string().refine((text) => isLink(text) || text.startsWith("mm_file://"), "expected a URL"),
});

const body = z.strictObject({
  model: z.enum(["MiniMax-H3", "MiniMax-H3-Max"]),
  content: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("text"), text: z.string().min(1).max(7_000) }),
        z.strictObject({
          type: z.literal("image_url"),
          image_url: url,
          role: z.enum(["first_frame", "last_frame", "reference_image"]),
        }),
        z.strictObject({ type: z.literal("video_url"), video_url: url, role: z.literal("reference_video") }),
        z.strictObject({ type: z.literal("audio_url"), audio_url: url, role: z.literal("reference_audio") }),
      ]),
    )
    .min(1),
  resolution: z.enum(["768P", "2K"]),
  duration: z.number().int().min(4).max(15),
  ratio: z.enum(["adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]).optional(),
  callback_url: z.string().optional(),
});

type Asked = z.output<typeof body>;

const stateNames: Record<JobState, string> = {
  queued: "queued",
  running: "running",
  succeeded: "succeeded",
  failed: "failed",
  refused: "failed",
  cancelled: "cancelled",
};
const lifetimeMs = 9 * 3_600_000;

/** `POST /v2/video_generation` and its query, which wraps the task. */
export function videoV2Routes(context: WireContext): Route[] {
  const films = jobs<{ asked: Asked; url: string | null }>(context.paces, () => context.clock.now());

  function submit(request: ProviderRequest): Reply {
    const parsed = parseBody(body, request.json() ?? {});
    if (!parsed.ok) return refuse(shapeError(parsed.issue).message);
    const asked = parsed.value;
    const issue = issueOf(asked);
    if (issue) refuse(issue);
    const ending = endingOf(promptOf(asked));
    const job = films.submit(context.ids.next("task_"), { asked, url: null }, ending);
    return jsonReply(
      200,
      { task_id: job.id, ...baseResp() },
      { billed: ending === "succeeded" ? { seconds: asked.duration } : {} },
    );
  }

  function query(_request: ProviderRequest, id: string): Reply {
    const job = films.poll(id);
    if (!job) return refuse(`task ${id} not found`);
    const { asked } = job.work;
    const head = { id, model: asked.model, status: stateNames[job.state] };
    const failure =
      job.state === "failed"
        ? { code: "1024", message: "internal error (simulated)" }
        : job.state === "refused"
          ? { code: "1027", message: "output sensitive (simulated)" }
          : null;
    if (job.state !== "succeeded") return jsonReply(200, { task: { ...head, error: failure }, ...baseResp() });
    const ratio = asked.ratio === undefined || asked.ratio === "adaptive" ? "16:9" : asked.ratio;
    const [width, height] = sizeOfFilm(ratio, asked.resolution === "2K" ? 1_440 : 768);
    const make = () => makeMp4(width, height, asked.duration, `${asked.model} ${promptOf(asked)}`);
    job.work.url ??= context.files.putLazily(make, "video/mp4", lifetimeMs, "mp4");
    const images = asked.content.filter(({ type }) => type === "image_url").length;
    const usage = {
      total_seconds: asked.duration,
      input_seconds: 0,
      output_seconds: asked.duration,
      input_image_count: images,
    };
    const task = {
      ...head,
      error: null,
      content: { url: job.work.url },
      resolution: asked.resolution,
      duration: asked.duration,
      usage,
      ratio,
    };
    return jsonReply(200, { task, ...baseResp() });
  }

  return [
    { method: "POST", path: "/v2/video_generation", handle: submit },
    {
      method: "GET",
      path: /^\/v2\/query\/video_generation\/([^/]+)$/,
      handle: (request, [id = ""]) => query(request, id),
    },
  ];
}

function promptOf({ content }: Asked): string {
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

function issueOf({ content, ratio }: Asked): string | null {
  const texts = content.filter(({ type }) => type === "text").length;
  if (texts !== 1) return "content must have exactly one text";
  const roles = content.flatMap((part) => ("role" in part ? [part.role as string] : []));
  const count = (role: string) => roles.filter((one) => one === role).length;
  const frames = count("first_frame") + count("last_frame");
  if (count("first_frame") > 1 || count("last_frame") > 1) return "at most one first_frame and one last_frame";
  if (frames > 0 && roles.length > frames) return "frames and references are exclusive";
  if (count("reference_image") > 9 || count("reference_video") > 3 || count("reference_audio") > 3)
    return "too many references";
  return roles.length === 0 && (ratio === undefined || ratio === "adaptive")
    ? "ratio is required for text to video and must not be adaptive"
    : null;
}
