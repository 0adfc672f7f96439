import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { makeAudio } from "../../media/audio.ts";
import { isLink } from "../../media/link.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, WireContext } from "../../provider.ts";
import { jsonReply, type Reply } from "../../wire/reply.ts";
import { baseResp, nativeError, refuse } from "./envelope.ts";

const lifetimeMs = 12 * 3_600_000;
/** A simulated track is this long, whatever its lyrics. */
const trackSeconds = 8;

const body = z.strictObject({
  model: z.enum(["music-3.0", "music-2.6", "music-2.6-free", "music-cover", "music-cover-free", "music-2.0"]),
  prompt: z.string().max(2_000).optional(),
  lyrics: z.string().min(1).max(3_500).optional(),
  is_instrumental: z.boolean().optional(),
  lyrics_optimizer: z.boolean().optional(),
  stream: z.literal(false).optional(),
  output_format: z.enum(["hex", "url"]).optional(),
  audio_setting: z
    .strictObject({
      sample_rate: z.literal([16_000, 24_000, 32_000, 44_100]).optional(),
      bitrate: z.number().int().optional(),
      format: z.enum(["mp3", "wav", "pcm"]).optional(),
    })
    .optional(),
  audio_url: z.string().refine(isLink, "expected a URL").optional(),
  audio_base64: z.string().optional(),
});

/** `POST /v1/music_generation`. */
export function compose(request: ProviderRequest, context: WireContext): Reply {
  const parsed = parseBody(body, request.json() ?? {});
  if (!parsed.ok) return refuse(shapeError(parsed.issue).message);
  const asked = parsed.value;
  const isCover = asked.model.startsWith("music-cover");
  if (asked.lyrics === undefined && !asked.is_instrumental && !asked.lyrics_optimizer && !isCover)
    refuse("lyrics is required");
  if (isCover && (asked.audio_url === undefined) === (asked.audio_base64 === undefined)) {
    refuse("exactly one of audio_url and audio_base64 is required");
  }
  if (/\brefuse\b/i.test(`${asked.prompt} ${asked.lyrics}`)) return nativeError(1_026, "input sensitive (simulated)");
  const format = asked.audio_setting?.format ?? "mp3";
  const rate = asked.audio_setting?.sample_rate ?? 44_100;
  const bytes = makeAudio(trackSeconds, asked.lyrics ?? asked.prompt ?? "", format, rate);
  const audio =
    asked.output_format === "url"
      ? context.files.put(bytes, `audio/${format}`, lifetimeMs, format)
      : bytes.toString("hex");
  const extra_info = {
    music_duration: trackSeconds * 1_000,
    music_sample_rate: rate,
    music_channel: 2,
    bitrate: asked.audio_setting?.bitrate ?? 256_000,
    music_size: bytes.length,
  };
  const answer = { data: { status: 2, audio }, extra_info, trace_id: request.requestId, ...baseResp() };
  return jsonReply(200, answer, { billed: { seconds: trackSeconds } });
}
