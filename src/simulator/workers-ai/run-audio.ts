import { z } from "zod";
import {
  type AudioFormat,
  audioContentType,
  type HeardAudio,
  hearAudio,
  makeSpeech,
  secondsToSay,
  transcribe,
} from "../media/audio.ts";
import { captions, toVtt } from "../media/subtitles.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { badInput, envelope } from "./errors.ts";

const auraBody = z.strictObject({
  text: z.string().min(1),
  speaker: z
    .string()
    .regex(/^[a-z]+$/)
    .optional(),
  encoding: z.enum(["linear16", "flac", "mulaw", "alaw", "mp3", "opus", "aac"]).optional(),
  container: z.enum(["none", "wav", "ogg"]).optional(),
  sample_rate: z.number().int().optional(),
  bit_rate: z.number().int().optional(),
});

const meloBody = z.strictObject({ prompt: z.string().min(1), lang: z.string().optional() });

export function isSpeechModel(model: string): boolean {
  return /^@cf\/(deepgram\/aura-(1|2-en|2-es)|myshell-ai\/melotts)$/.test(model);
}

/** Answers a speech model at `/ai/run/{model}`: Aura with the audio itself, MeloTTS with base64 in the envelope. */
export function runSpeech(request: ProviderRequest, model: string): Reply {
  if (model.endsWith("/melotts")) {
    const parsed = parseBody(meloBody, request.json() ?? {});
    if (!parsed.ok) return badInput(`${parsed.issue.path.join("/")}: ${parsed.issue.message}`);
    const text = parsed.value.prompt;
    const audio = makeSpeech(text, "mp3").toString("base64");
    return jsonReply(200, envelope({ audio }), { billed: { seconds: secondsToSay(text) } });
  }
  const parsed = parseBody(auraBody, request.json() ?? {});
  if (!parsed.ok) return badInput(`${parsed.issue.path.join("/")}: ${parsed.issue.message}`);
  const { text, encoding = "mp3", container, sample_rate: rate = 24_000 } = parsed.value;
  const bare = container === "none" ? "pcm" : "wav";
  const format: AudioFormat = encoding === "linear16" ? bare : encoding;
  const body = makeSpeech(text, format, rate);
  return {
    type: "bytes",
    status: 200,
    contentType: audioContentType[format],
    body,
    billed: { characters: text.length },
  };
}

const turboBody = z.strictObject({
  audio: z.string().min(1),
  task: z.enum(["transcribe", "translate"]).optional(),
  language: z.string().optional(),
  vad_filter: z.boolean().optional(),
  initial_prompt: z.string().optional(),
  prefix: z.string().optional(),
  beam_size: z.number().int().optional(),
  condition_on_previous_text: z.boolean().optional(),
  no_speech_threshold: z.number().optional(),
  compression_ratio_threshold: z.number().optional(),
  log_prob_threshold: z.number().optional(),
  hallucination_silence_threshold: z.number().optional(),
});

const whisperBody = z.strictObject({ audio: z.array(z.number().int().min(0).max(255)).min(1) });

export function isTranscriptionModel(model: string): boolean {
  return /^@cf\/(openai\/whisper(-large-v3-turbo|-tiny-en)?|deepgram\/nova-3)$/.test(model);
}

/** Answers a transcription model at `/ai/run/{model}`: each of the three takes its audio in its own way. */
export function runTranscription(request: ProviderRequest, model: string): Reply {
  const audio = audioOf(request, model);
  if (typeof audio === "string") return badInput(audio);
  const transcript = transcribe(audio, `workers-ai/${model}`);
  const { text, seconds, words } = transcript;
  const billed = { seconds };
  if (model.endsWith("/nova-3")) {
    const alternative = {
      transcript: text,
      confidence: 0.98,
      words: words.map(({ text: word, start, end }) => ({ word, start, end, confidence: 0.98 })),
    };
    const result = { results: { channels: [{ alternatives: [alternative] }] }, metadata: { duration: seconds } };
    return jsonReply(200, envelope(result), { billed });
  }
  const plain = { text, word_count: words.length, vtt: toVtt(transcript) };
  const timed = words.map(({ text: word, start, end }) => ({ word, start, end }));
  if (!model.endsWith("-turbo")) return jsonReply(200, envelope({ ...plain, words: timed }), { billed });
  const segments = captions(transcript).map(({ start, end, text: said }) => ({
    start,
    end,
    text: said,
    avg_logprob: -0.2,
    no_speech_prob: 0.01,
    words: timed.filter((word) => word.start >= start && word.end <= end),
  }));
  const info = { language: "en", language_probability: 1, duration: seconds, duration_after_vad: seconds };
  return jsonReply(200, envelope({ ...plain, segments, transcription_info: info }), { billed });
}

/** The audio of a request, or what is wrong with it. */
function audioOf(request: ProviderRequest, model: string): HeardAudio | string {
  const type = request.headers["content-type"] ?? "";
  const isBytes = !type.startsWith("application/json") && request.json() === undefined;
  if (model.endsWith("-turbo")) {
    const parsed = parseBody(turboBody, request.json() ?? {});
    if (!parsed.ok) return `${parsed.issue.path.join("/")}: ${parsed.issue.message}`;
    return hearAudio(Buffer.from(parsed.value.audio, "base64")) ?? "audio: unsupported format";
  }
  if (isBytes) return hearAudio(request.body) ?? "unsupported audio format";
  if (model.endsWith("/nova-3")) return "this model takes the audio as the body, with its own Content-Type";
  const parsed = parseBody(whisperBody, request.json() ?? {});
  if (!parsed.ok) return `${parsed.issue.path.join("/")}: ${parsed.issue.message}`;
  return hearAudio(Buffer.from(parsed.value.audio)) ?? "audio: unsupported format";
}
