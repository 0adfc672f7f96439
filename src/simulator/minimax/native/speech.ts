import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { type AudioFormat, makeAudio, secondsToSay } from "../../media/audio.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, WireContext } from "../../provider.ts";
import { jsonReply, type Reply, type StreamEvent, streamReply } from "../../wire/reply.ts";
import { baseResp, nativeError, refuse } from "./envelope.ts";

const models = ["2.8", "2.6", "02", "01"].flatMap((version) => [`speech-${version}-hd`, `speech-${version}-turbo`]);
const lifetimeMs = 24 * 3_600_000;
const signed = z.number().int().min(-100).max(100).optional();

const body = z.strictObject({
  model: z.enum(models as [string, ...string[]]),
  text: z.string().min(1).max(9_999),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ exclude_aggregated_audio: z.boolean().optional() }).optional(),
  voice_setting: z
    .strictObject({
      voice_id: z.string().optional(),
      speed: z.number().min(0.5).max(2).optional(),
      vol: z.number().gt(0).max(10).optional(),
      pitch: z.number().int().min(-12).max(12).optional(),
      emotion: z
        .enum(["happy", "sad", "angry", "fearful", "disgusted", "surprised", "calm", "fluent", "whisper"])
        .optional(),
      text_normalization: z.boolean().optional(),
      latex_read: z.boolean().optional(),
    })
    .optional(),
  audio_setting: z
    .strictObject({
      sample_rate: z.literal([8_000, 16_000, 22_050, 24_000, 32_000, 44_100]).optional(),
      bitrate: z.literal([32_000, 64_000, 128_000, 256_000]).optional(),
      format: z.enum(["mp3", "pcm", "flac", "wav", "pcmu_raw", "pcmu_wav", "opus"]).optional(),
      channel: z.number().int().min(1).max(2).optional(),
      force_cbr: z.boolean().optional(),
    })
    .optional(),
  pronunciation_dict: z.strictObject({ tone: z.array(z.string()) }).optional(),
  timbre_weights: z
    .array(z.strictObject({ voice_id: z.string(), weight: z.number().int().min(1).max(100) }))
    .max(4)
    .optional(),
  language_boost: z.string().optional(),
  voice_modify: z
    .strictObject({ pitch: signed, intensity: signed, timbre: signed, sound_effects: z.string().optional() })
    .optional(),
  subtitle_enable: z.boolean().optional(),
  subtitle_type: z.enum(["sentence", "word", "word_streaming"]).optional(),
  output_format: z.enum(["url", "hex"]).optional(),
});

const formats: Readonly<Record<string, AudioFormat>> = { pcmu_raw: "mulaw", pcmu_wav: "mulaw_wav" };
const sensitive = 1_026;

/** `POST /v1/t2a_v2`: hex, or a link; streamed always hex. */
export function speak(request: ProviderRequest, context: WireContext): Reply {
  const parsed = parseBody(body, request.json() ?? {});
  if (!parsed.ok) return refuse(shapeError(parsed.issue).message);
  const asked = parsed.value;
  const hasVoice = (asked.voice_setting?.voice_id ?? "") !== "";
  if (hasVoice === (asked.timbre_weights?.length ?? 0) > 0)
    refuse("exactly one of voice_setting.voice_id and timbre_weights is required");
  const { emotion } = asked.voice_setting ?? {};
  if (emotion === "whisper" && !asked.model.startsWith("speech-2.6"))
    refuse("emotion whisper is only supported by speech-2.6");
  if (emotion === "fluent" && !/^speech-2\.[68]/.test(asked.model))
    refuse("emotion fluent is only supported by speech-2.6 and 2.8");
  if (asked.stream && asked.output_format === "url") refuse("output_format url is not supported with stream");
  if (/\brefuse\b/i.test(asked.text)) return nativeError(sensitive, "input text sensitive (simulated)");

  const setting = asked.audio_setting ?? {};
  const format = setting.format ?? "mp3";
  const rate = setting.sample_rate ?? 32_000;
  const spoken = asked.text.replace(/<#[\d.]+#>/g, " ");
  const seconds = secondsToSay(spoken, asked.voice_setting?.speed);
  const audio = makeAudio(seconds, spoken, formats[format] ?? (format as AudioFormat), rate);
  const characters = asked.text.length;
  const extra_info = {
    audio_length: Math.round(seconds * 1_000),
    audio_sample_rate: rate,
    audio_size: audio.length,
    bitrate: setting.bitrate ?? 128_000,
    audio_format: format,
    audio_channel: setting.channel ?? 1,
    word_count: spoken.split(/\s+/).length,
    invisible_character_ratio: 0,
    usage_characters: characters,
  };
  const tail = { extra_info, trace_id: request.requestId, ...baseResp() };
  const billed = { characters };
  if (asked.stream) {
    const repeats = !(asked.stream_options?.exclude_aggregated_audio ?? false);
    return streamReply(events(audio.toString("hex"), repeats, tail, request.requestId), billed);
  }
  const shown =
    asked.output_format === "url"
      ? context.files.put(audio, "application/octet-stream", lifetimeMs, format)
      : audio.toString("hex");
  return jsonReply(200, { data: { audio: shown, status: 2 }, ...tail }, { billed });
}

const pieceCharacters = 8_192;

/** The last event holds the whole again unless it was asked not to: it must not be played twice. */
function* events(hex: string, repeats: boolean, tail: object, traceId: string): Iterable<StreamEvent> {
  const write = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
  for (let at = 0; at < hex.length; at += pieceCharacters) {
    const data = { audio: hex.slice(at, at + pieceCharacters), status: 1 };
    yield { wire: write({ data, trace_id: traceId, ...baseResp() }), outputTokens: 0 };
  }
  yield { wire: write({ data: { audio: repeats ? hex : "", status: 2 }, ...tail }), outputTokens: 0, hasUsage: true };
}
