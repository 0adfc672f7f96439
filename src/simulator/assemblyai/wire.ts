import { z } from "zod";
import { shapeError } from "../chat/shape-error.ts";
import { type DialectErrors, dialectWire, errorReply } from "../chat/wire.ts";
import { type HeardAudio, hearAudio, type Transcript } from "../media/audio.ts";
import { type Job, jobs } from "../media/jobs.ts";
import { hearLink } from "../media/link.ts";
import { captions, toSrt, toVtt } from "../media/subtitles.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, ProviderWire, Route, WireContext } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { issueOf, type TranscriptRequest, transcriptRequest } from "./request.ts";
import { hearRange, transcriptBody } from "./transcript.ts";

const errors: DialectErrors = {
  body: ({ message }) => ({ error: message }),
  failures: {
    rate_limited: { status: 429, message: "Too many requests (simulated)" },
    quota_exhausted: {
      status: 400,
      message: "Your current account balance is negative. Please top up to continue using the API. (simulated)",
    },
    invalid_key: { status: 401, message: "Authentication error, API token missing/invalid" },
    server_error: { status: 500, message: "Server error, developers have been alerted" },
    bad_gateway: { status: 502, message: "Bad gateway (simulated)" },
    unavailable: { status: 503, message: "Service unavailable (simulated)" },
    gateway_timeout: { status: 504, message: "Gateway timeout (simulated)" },
    overloaded: { status: 503, message: "Service unavailable (simulated)" },
  },
};

interface Work {
  readonly asked: TranscriptRequest;
  readonly heard: HeardAudio | null;
  made: Transcript | null;
}

const statusNames = {
  queued: "queued",
  running: "processing",
  succeeded: "completed",
  failed: "error",
  refused: "error",
  cancelled: "error",
} as const;
const uploadsMax = 256;

/** The API at `https://api.assemblyai.com`, below `/assemblyai`. The key is bare, without a scheme. */
export function assemblyaiWire(context: WireContext): ProviderWire {
  const transcripts = jobs<Work>(context.paces, () => context.clock.now());
  const uploads = new Map<string, Buffer>();
  const uploadsUrl = () => `${context.origin()}/assemblyai/upload/`;
  const wrong = (request: ProviderRequest, message: string, status = 400) =>
    errorReply(errors, { status, message }, request);

  function upload(request: ProviderRequest): Reply {
    if (request.body.length === 0) return wrong(request, "Upload failed: the body is empty");
    const url = `${uploadsUrl()}${context.ids.next("")}`;
    uploads.set(url, request.body);
    for (const oldest of uploads.keys()) {
      if (uploads.size <= uploadsMax) break;
      uploads.delete(oldest);
    }
    return jsonReply(200, { upload_url: url });
  }

  /** What is heard at a URL; `foreign` for an upload of somebody else's. */
  function hear(url: string): HeardAudio | "foreign" | null {
    if (!url.startsWith(uploadsUrl())) return hearLink(url, context);
    const bytes = uploads.get(url);
    return bytes ? hearAudio(bytes) : "foreign";
  }

  function submit(request: ProviderRequest): Reply {
    const parsed = parseBody(transcriptRequest, request.json() ?? {});
    if (!parsed.ok) return wrong(request, shapeError(parsed.issue).message);
    const asked = parsed.value;
    const issue = issueOf(asked);
    if (issue) return wrong(request, issue);
    const heard = hear(asked.audio_url);
    if (heard === "foreign") return wrong(request, "Cannot access uploaded file", 403);
    const fails = heard === null || /fail-this-job/.test(asked.audio_url);
    const made = heard && !fails ? hearRange(heard, asked) : null;
    const job = transcripts.submit(context.ids.next(""), { asked, heard, made }, fails ? "failed" : "succeeded");
    const billed = made ? { seconds: Math.round(made.seconds) } : {};
    return jsonReply(200, transcriptBody(job.id, "queued", asked, null), { billed });
  }

  function bodyOf(job: Job<Work>): object {
    const status = statusNames[job.state];
    const { asked, made, heard } = job.work;
    const body = transcriptBody(job.id, status, asked, status === "completed" ? made : null);
    if (status !== "error") return body;
    const reason =
      heard === null
        ? "Transcoding failed. File does not appear to contain audio."
        : "Server error, developers have been alerted";
    return { ...body, error: reason };
  }

  /** A route about a transcript that has ended. */
  const ended = (suffix: string, handle: (made: Transcript, request: ProviderRequest, id: string) => Reply): Route => ({
    method: "GET",
    path: new RegExp(`^/v2/transcript/([^/]+)/${suffix}$`),
    handle(request, [id = ""]) {
      const job = transcripts.find(id);
      if (!job) return notFound(request);
      if (job.state !== "succeeded" || !job.work.made)
        return wrong(request, "This transcript has a status of queued or processing");
      return handle(job.work.made, request, id);
    },
  });
  const notFound = (request: ProviderRequest) =>
    wrong(request, "Transcript lookup error, transcript id not found", 404);
  const plain = (body: string): Reply => ({
    type: "bytes",
    status: 200,
    contentType: "text/plain; charset=utf-8",
    body,
  });
  const spoken = (made: Transcript) =>
    captions(made).map(({ start, end, text }) => ({
      text,
      start: start * 1_000,
      end: end * 1_000,
      confidence: 0.98,
      words: [],
    }));

  const routes: Route[] = [
    { method: "POST", path: "/v2/upload", handle: upload },
    { method: "POST", path: "/v2/transcript", handle: submit },
    { method: "GET", path: "/v2/transcript", handle: list },
    {
      method: "GET",
      path: /^\/v2\/transcript\/([^/]+)$/,
      handle(request, [id = ""]) {
        const job = transcripts.poll(id);
        return job ? jsonReply(200, bodyOf(job)) : notFound(request);
      },
    },
    {
      method: "DELETE",
      path: /^\/v2\/transcript\/([^/]+)$/,
      handle(request, [id = ""]) {
        const job = transcripts.find(id);
        if (!job) return notFound(request);
        if (job.state === "queued" || job.state === "running")
          return wrong(request, "This transcript is still being processed and can not be deleted");
        transcripts.remove(id);
        return jsonReply(200, {
          ...bodyOf(job),
          text: "Deleted by user.",
          audio_url: "http://deleted_by_user",
          words: null,
          utterances: null,
        });
      },
    },
    ended("sentences", (made, _request, id) =>
      jsonReply(200, { id, confidence: 0.98, audio_duration: made.seconds, sentences: spoken(made) }),
    ),
    ended("paragraphs", (made, _request, id) =>
      jsonReply(200, { id, confidence: 0.98, audio_duration: made.seconds, paragraphs: spoken(made) }),
    ),
    ended("srt", (made) => plain(toSrt(made))),
    ended("vtt", (made) => plain(toVtt(made))),
    ended("word-search", (made, request, id) => {
      const words = (request.query.get("words") ?? "").split(",").filter((word) => word !== "");
      const plainWord = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
      const matches = words.map((text) => {
        const indexes = made.words.flatMap((word, index) => (plainWord(word.text) === plainWord(text) ? [index] : []));
        const timestamps = indexes.map((index) => [
          (made.words[index]?.start ?? 0) * 1_000,
          (made.words[index]?.end ?? 0) * 1_000,
        ]);
        return { text, count: indexes.length, timestamps, indexes };
      });
      return jsonReply(200, { id, total_count: matches.reduce((sum, { count }) => sum + count, 0), matches });
    }),
  ];

  function list(request: ProviderRequest): Reply {
    const limit = Number(request.query.get("limit") ?? 10);
    const status = request.query.get("status");
    const all = transcripts
      .list()
      .map((job) => ({
        id: job.id,
        status: statusNames[job.state],
        audio_url: job.work.asked.audio_url,
        created: new Date(job.createdAtMs).toISOString(),
        completed: null,
        error: null,
        resource_url: `/v2/transcript/${job.id}`,
      }))
      .filter((one) => status === null || one.status === status)
      .toReversed();
    const page = all.slice(0, limit);
    const page_details = { limit, result_count: page.length, current_url: "", prev_url: null, next_url: null };
    return jsonReply(200, { page_details, transcripts: page });
  }

  return dialectWire(
    {
      name: "assemblyai",
      clientPath: "/assemblyai",
      routePath: "/assemblyai",
      routes,
      keyOf(request) {
        const key = request.headers.authorization;
        return key === undefined || /\s/.test(key) ? null : key;
      },
      modelOf(request) {
        const parsed = modelShape.safeParse(request.path === "/v2/transcript" ? request.json() : null);
        return parsed.success ? (parsed.data.speech_models?.[0] ?? parsed.data.speech_model ?? null) : null;
      },
      headers: ({ requestId }) => ({ "x-request-id": requestId }),
    },
    errors,
  );
}

const modelShape = z.object({ speech_models: z.array(z.string()).nullish(), speech_model: z.string().nullish() });
