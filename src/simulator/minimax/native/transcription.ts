import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { hearAudio, transcribe } from "../../media/audio.ts";
import { parseMultipart, readForm } from "../../media/multipart.ts";
import { captions, toSrt, toVtt } from "../../media/subtitles.ts";
import { piecesOf } from "../../model/answer.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest } from "../../provider.ts";
import { jsonReply, type Reply, type StreamEvent, streamReply } from "../../wire/reply.ts";
import { baseResp, refuse } from "./envelope.ts";

const secondsMax = 500;
const fileBytesMax = 50 * 1024 * 1024;

const fields = z.strictObject({
  model: z.literal("asr-1.0"),
  language: z.string().optional(),
  response_format: z.enum(["json", "verbose_json", "srt", "vtt"]).optional(),
  timestamp_level: z.enum(["sentence", "word"]).optional(),
  stream: z.enum(["true", "false"]).optional(),
});

/** `POST /v1/speech_to_text`. */
export function transcribeFile(request: ProviderRequest): Reply {
  const parts = parseMultipart(request.headers["content-type"], request.body);
  if (!parts) return refuse("expected multipart/form-data");
  const form = readForm(parts);
  const parsed = parseBody(fields, form.fields);
  if (!parsed.ok) return refuse(shapeError(parsed.issue).message);
  const asked = parsed.value;
  const file = form.files.find(({ name }) => name === "file");
  if (!file || file.data.length > fileBytesMax) return refuse("file is missing or over 50 MB");
  const heard = hearAudio(file.data) ?? refuse("unsupported audio format");
  if (heard.seconds > secondsMax) refuse("audio is longer than 500 seconds");
  if (asked.stream === "true" && (asked.response_format ?? "json") !== "json")
    refuse("stream is only supported with response_format json");
  const transcript = transcribe(heard, "minimax/asr-1.0");
  const { text, seconds, words } = transcript;
  const billed = { seconds };
  const plain = (body: string): Reply => ({
    type: "bytes",
    status: 200,
    contentType: "text/plain; charset=utf-8",
    body,
    billed,
  });
  if (asked.response_format === "srt") return plain(toSrt(transcript));
  if (asked.response_format === "vtt") return plain(toVtt(transcript));
  if (asked.stream === "true") return streamReply(events(text, seconds), billed);
  const pieces = asked.timestamp_level === "word" ? words : captions(transcript);
  const segments = pieces.map(({ start, end, text: said }, id) => ({ id, start, end, speaker: 0, text: said }));
  const verbose = asked.response_format === "verbose_json" ? { n_speakers: 1, segments } : {};
  return jsonReply(
    200,
    { text, duration: seconds, ...verbose, trace_id: request.requestId, ...baseResp() },
    { billed },
  );
}

function* events(text: string, duration: number): Iterable<StreamEvent> {
  let index = 0;
  const write = (data: object) => `data: ${JSON.stringify({ index: index++, ...data })}\n\n`;
  for (const delta of piecesOf(text)) yield { wire: write({ delta, finish: false }), outputTokens: 0 };
  yield { wire: write({ delta: "", finish: true, duration }), outputTokens: 0, hasUsage: true };
}
