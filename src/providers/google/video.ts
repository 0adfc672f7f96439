import type { ModelCard } from "../../core/model-card.ts";
import { checkAllBytes, checkBytes, inputSource } from "../input-media.ts";
import { answerObject, fromBase64, fromUrl, heldBack, missing } from "../media-answer.ts";
import { asCount, asWord, type JsonObject } from "../narrow.ts";
import { checkParams, checkPrompt, type ParamRule } from "../param-rules.ts";
import type { MediaInput, MediaOutput } from "../shapes/media.ts";
import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Job, JobAdapter, JobState, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import {
  interactionFailure,
  interactionOf,
  interactionRequest,
  interactionUsage,
  modelOutput,
  spokenText,
} from "./interactions.ts";

const secondsMin = 3;
const secondsMax = 15;
const filesOrigin = "https://generativelanguage.googleapis.com";

/** Gemini Omni over Interactions. Veo has ended on this API. */
export const video: TaskFor<VideoRequest, VideoResult> = ({ nativeId }) =>
  /^(?:models\/)?veo/.test(nativeId) ? undefined : adapter;

const adapter: JobAdapter<VideoRequest, VideoResult> = {
  kind: "job",
  pollEveryMs: 6_000,
  check,
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    return interactionRequest(body(request, model), credentials, request.provider_options);
  },
  submitted: (answer, { params }) => stateOf(answer, params.duration_s),
  poll: ({ id }, _model, credentials) => interactionOf(id, credentials),
  polled: (answer, job) => stateOf(answer, asCount(job.data?.duration_s), job),
  cancel: ({ id }, _model, credentials) => interactionOf(id, credentials, "cancel"),
};

const sources = ["video", "first_frame", "reference_images"] as const;
const tasks = { video: "edit", first_frame: "image_to_video", reference_images: "reference_to_video" } as const;

function check({ prompt, params }: VideoRequest): UnsupportedField[] {
  const [begins] = sources.filter((name) => params[name] !== undefined);
  const alone = (name: (typeof sources)[number]): ParamRule =>
    begins === undefined || begins === name || { refused: `there is ${begins} as well`, allowed: "one of the two" };
  return [
    ...checkPrompt(prompt),
    ...checkParams(params, {
      duration_s: { from: secondsMin, to: secondsMax, whole: true },
      aspect_ratio: { oneOf: ["16:9", "9:16"] },
      resolution: { oneOf: ["360p", "720p", "1080p", "4k"] },
      seed: true,
      with_audio: { oneOf: [true] },
      video: alone("video"),
      first_frame: alone("first_frame"),
      reference_images: alone("reference_images"),
    }),
    ...checkBytes("params.video", params.video),
    ...checkBytes("params.first_frame", params.first_frame),
    ...checkAllBytes("params.reference_images", params.reference_images),
  ];
}

function body({ prompt, params }: VideoRequest, model: ModelCard): JsonObject {
  const source = sources.find((name) => params[name] !== undefined);
  const images = [params.first_frame ?? [], params.reference_images ?? []].flat();
  return {
    model: model.nativeId,
    input: [
      { type: "text", text: prompt },
      ...images.map((input) => block("image", input)),
      ...(params.video ? [block("video", params.video)] : []),
    ],
    response_format: {
      type: "video",
      ...(params.aspect_ratio !== undefined && { aspect_ratio: params.aspect_ratio }),
      ...(params.resolution !== undefined && { resolution: params.resolution }),
      ...(params.duration_s !== undefined && { duration: `${params.duration_s}s` }),
      delivery: "uri",
    },
    generation_config: {
      ...(params.seed !== undefined && { seed: params.seed }),
      video_config: { task: source ? tasks[source] : "text_to_video" },
    },
    background: true,
  };
}

function block(type: "image" | "video", input: MediaInput): JsonObject {
  const source = inputSource(type, input);
  return { type, data: source.kind === "data" ? source.base64 : "", mime_type: source.mediaType };
}

/** An interaction is answered with itself, whether it was just made, asked for, or done at once. */
function stateOf(answer: WireAnswer, durationS: number | undefined, job?: Job): JobState<VideoResult> {
  const interaction = answerObject(answer);
  const id = asWord(interaction?.id) ?? job?.id;
  if (!interaction || id === undefined) return { state: "failed", ...missing("interaction") };
  const usage = interactionUsage(interaction);
  switch (interaction.status) {
    case "in_progress":
    case "queued":
      return { state: "running", job: { id, ...(durationS !== undefined && { data: { duration_s: durationS } }) } };
    case "cancelled":
      return { state: "cancelled" };
    case "completed":
    case "incomplete": {
      const blocks = modelOutput(interaction);
      const videos = blocks.flatMap((one) => videoOf(one, durationS) ?? []);
      if (videos.length > 0) return { state: "succeeded", result: { videos }, usage, requestId: id };
      // Words in place of a video are the model's way to decline.
      const said = spokenText(blocks);
      return { state: "failed", ...(said ? heldBack(said) : missing("video")), usage };
    }
    default:
      return { state: "failed", failure: interactionFailure(interaction), usage };
  }
}

function videoOf(one: JsonObject, durationS: number | undefined): MediaOutput | undefined {
  if (one.type !== "video") return undefined;
  const mediaType = asWord(one.mime_type) ?? "video/mp4";
  const found = fromBase64(asWord(one.data), mediaType) ?? fromUrl(one.uri, mediaType, true);
  return found && { ...found, ...(durationS !== undefined && { durationS }) };
}

/** Files of the Gemini API want the key; it goes to no other host, whatever an answer names. */
export function download(url: string, credentials: Credentials): WireRequest {
  const { origin } = new URL(url);
  const isGoogle = origin === new URL(credentials.baseUrl).origin || origin === filesOrigin;
  return { method: "GET", url, headers: isGoogle ? { "x-goog-api-key": credentials.apiKey } : {} };
}
