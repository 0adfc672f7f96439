import { z } from "zod";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { audioContentType, hearAudio, makeSpeech, secondsToSay, transcribe } from "../media/audio.ts";
import { parseMultipart, readForm } from "../media/multipart.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { xaiErrors } from "./errors.ts";

const voices = ["eve", "ara", "rex", "sal", "leo"];
const charactersMax = 15_000;

const ttsBody = z.strictObject({
  text: z.string().min(1).max(charactersMax),
  // Five are documented and there are more: any word is taken, in upper or lower case.
  voice_id: z.string().regex(/^[a-z][\w-]*$/i, "expected the name of a voice"),
  language: z.string(),
  output_format: z
    .strictObject({
      codec: z.enum(["mp3", "wav", "pcm", "mulaw", "alaw"]).optional(),
      sample_rate: z.number().int().min(8_000).max(48_000).optional(),
      bit_rate: z.number().int().optional(),
    })
    .optional(),
  speed: z.number().min(0.7).max(1.5).optional(),
  optimize_streaming_latency: z.number().int().optional(),
  text_normalization: z.boolean().optional(),
  with_timestamps: z.boolean().optional(),
  replace: z.unknown().optional(),
});

/** `POST /tts`. Its errors are a text alone. */
export function tts(request: ProviderRequest): Reply {
  const parsed = parseBody(ttsBody, request.json() ?? {});
  if (!parsed.ok)
    return errorReply(xaiErrors, { message: shapeError(parsed.issue).message, code: "unreadable" }, request);
  const asked = parsed.value;
  const codec = asked.output_format?.codec ?? "mp3";
  const body = makeSpeech(asked.text, codec, asked.output_format?.sample_rate ?? 24_000, asked.speed);
  const billed = { characters: asked.text.length };
  if (!asked.with_timestamps) return { type: "bytes", status: 200, contentType: audioContentType[codec], body, billed };
  const seconds = secondsToSay(asked.text, asked.speed);
  const { words } = transcribe({ seconds, spoken: asked.text }, "xai");
  return jsonReply(
    200,
    {
      audio: body.toString("base64"),
      content_type: audioContentType[codec],
      duration: seconds,
      audio_timestamps: words,
    },
    { billed },
  );
}

export function ttsVoices(): Reply {
  return jsonReply(200, { voices: voices.map((id) => ({ voice_id: id, name: id })) });
}

const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const sttFields = z.strictObject({
  audio_format: z.enum(["pcm", "mulaw", "alaw"]).optional(),
  sample_rate: z.coerce.number().int().optional(),
  language: z.string().optional(),
  format: flag.optional(),
  multichannel: flag.optional(),
  channels: z.coerce.number().int().min(1).optional(),
  diarize: flag.optional(),
  filler_words: flag.optional(),
  keyterm: z.union([z.string(), z.array(z.string())]).optional(),
});

/** `POST /stt`: the file has to be the last part of the form. */
export function stt(request: ProviderRequest): Reply {
  const wrong = (message: string) => errorReply(xaiErrors, { message, code: "unreadable" }, request);
  const parts = parseMultipart(request.headers["content-type"], request.body);
  if (!parts) return wrong("expected multipart/form-data");
  if (parts.at(-1)?.name !== "file") return wrong("the file must be the last field of the form");
  const { fields, files } = readForm(parts);
  const parsed = parseBody(sttFields, fields);
  if (!parsed.ok) return wrong(shapeError(parsed.issue).message);
  const asked = parsed.value;
  if (asked.format && asked.language === undefined) return wrong("format requires language");
  if (asked.audio_format && asked.sample_rate === undefined) return wrong("audio_format requires sample_rate");
  const data = files.at(-1)?.data ?? Buffer.alloc(0);
  const bytesPerSecond = (asked.sample_rate ?? 16_000) * (asked.audio_format === "pcm" ? 2 : 1);
  const heard = asked.audio_format ? { seconds: data.length / bytesPerSecond, spoken: null } : hearAudio(data);
  if (!heard) return wrong("unsupported audio file");
  const { text, seconds, words } = transcribe(heard, "xai/grok-stt");
  const body = {
    text,
    language: asked.language ?? "en",
    duration: seconds,
    words: words.map((word) => (asked.diarize ? { ...word, speaker: 0 } : word)),
    ...(asked.multichannel ? { channels: [{ index: 0, text, words }] } : {}),
  };
  return jsonReply(200, body, { billed: { seconds } });
}
