import { z } from "zod";
import type { ChatError } from "../chat/dialect.ts";
import { shapeError } from "../chat/shape-error.ts";
import { type AudioFormat, audioContentType, makeSpeech, secondsToSay } from "../media/audio.ts";
import { countTokens } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { Refusal, type Reply, type StreamEvent, streamReply } from "../wire/reply.ts";
import { modelNotFound, openAiError } from "./errors.ts";

const voices = "alloy ash ballad coral echo fable onyx nova sage shimmer verse marin cedar".split(" ");

const body = z.strictObject({
  model: z.string(),
  input: z.string().min(1).max(4_096),
  voice: z.union([z.enum(voices as [string, ...string[]]), z.strictObject({ id: z.string() })]),
  instructions: z.string().max(4_096).optional(),
  response_format: z.enum(["mp3", "opus", "aac", "flac", "wav", "pcm"]).optional(),
  speed: z.number().min(0.25).max(4).optional(),
  stream_format: z.enum(["audio", "sse"]).optional(),
});

/** Tokens a second of speech is billed as. */
const tokensPerSecond = 20;
/** Base64 characters in one event. */
const pieceCharacters = 16_384;

/** `POST /audio/speech`: the audio itself, or its pieces as events. */
export function speech(request: ProviderRequest): Reply {
  const refuse = (error: ChatError): never => {
    throw new Refusal(openAiError(400, error));
  };
  const parsed = parseBody(body, request.json() ?? {});
  if (!parsed.ok) return refuse(shapeError(parsed.issue));
  const asked = parsed.value;
  const isClassic = asked.model === "tts-1" || asked.model === "tts-1-hd";
  if (!isClassic && !/^gpt-4o-mini-tts(-\d{4}-\d{2}-\d{2})?$/.test(asked.model)) return modelNotFound(asked.model);
  if (isClassic && asked.instructions !== undefined) {
    refuse({ message: "The 'instructions' parameter is not supported with this model.", param: "instructions" });
  }
  if (isClassic && asked.stream_format === "sse") {
    refuse({
      message: "Invalid value: 'sse' is not supported for this model.",
      param: "stream_format",
      code: "invalid_value",
    });
  }
  const format: AudioFormat = asked.response_format ?? "mp3";
  const audio = makeSpeech(asked.input, format, 24_000, asked.speed);
  const seconds = secondsToSay(asked.input, asked.speed);
  const tokens = { inputTokens: countTokens(asked.input), outputTokens: Math.ceil(seconds * tokensPerSecond) };
  const billed = isClassic
    ? { characters: asked.input.length }
    : { ...tokens, audioOutputTokens: tokens.outputTokens, seconds };
  if (asked.stream_format === "sse") return streamReply(events(audio.toString("base64"), tokens), billed);
  return { type: "bytes", status: 200, contentType: audioContentType[format], body: audio, billed };
}

function* events(audio: string, tokens: { inputTokens: number; outputTokens: number }): Iterable<StreamEvent> {
  const { inputTokens: input, outputTokens: output } = tokens;
  const write = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
  for (let at = 0; at < audio.length; at += pieceCharacters) {
    const piece = audio.slice(at, at + pieceCharacters);
    const outputTokens = Math.floor((output * Math.min(audio.length, at + pieceCharacters)) / audio.length);
    yield { wire: write({ type: "speech.audio.delta", audio: piece }), outputTokens };
  }
  const usage = { input_tokens: input, output_tokens: output, total_tokens: input + output };
  yield { wire: write({ type: "speech.audio.done", usage }), outputTokens: output, hasUsage: true };
}
