import { z } from "zod";
import type { Usage } from "../../core/usage.ts";
import type { ChatError } from "../chat/dialect.ts";
import { shapeError } from "../chat/shape-error.ts";
import { hearAudio, type Transcript, transcribe } from "../media/audio.ts";
import { parseMultipart, readForm } from "../media/multipart.ts";
import { captions, toSrt, toVtt } from "../media/subtitles.ts";
import { piecesOf } from "../model/answer.ts";
import { countTokens } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, Refusal, type Reply, type StreamEvent, streamReply } from "../wire/reply.ts";
import { modelNotFound, openAiError } from "./errors.ts";

const formats: Readonly<Record<string, readonly string[]>> = {
  "whisper-1": ["json", "text", "srt", "verbose_json", "vtt"],
  "gpt-transcribe": ["json", "text"],
  "gpt-4o-transcribe": ["json"],
  "gpt-4o-mini-transcribe": ["json"],
  "gpt-4o-transcribe-diarize": ["json", "text", "diarized_json"],
};
const endings = ["flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm"];
const fileBytesMax = 25 * 1024 * 1024;
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const shared = {
  model: z.string(),
  prompt: z.string().optional(),
  response_format: z.enum(["json", "text", "srt", "verbose_json", "vtt", "diarized_json"]).optional(),
  temperature: z.coerce.number().min(0).max(1).optional(),
};
const transcriptionFields = z.strictObject({
  ...shared,
  language: z
    .string()
    .regex(/^[a-z]{2}$/, "expected an ISO-639-1 code")
    .optional(),
  languages: list.optional(),
  keywords: list.optional(),
  timestamp_granularities: list.pipe(z.array(z.enum(["word", "segment"]))).optional(),
  include: list.pipe(z.array(z.literal("logprobs"))).optional(),
  chunking_strategy: z.string().optional(),
  known_speaker_names: list.pipe(z.array(z.string()).max(4)).optional(),
  known_speaker_references: list.pipe(z.array(z.string()).max(4)).optional(),
  stream: flag.optional(),
});
const translationFields = z.strictObject(shared);

/** `POST /audio/transcriptions`. */
export function transcriptions(request: ProviderRequest): Reply {
  const { fields, file, filename } = formOf(request);
  const parsed = parseBody(transcriptionFields, fields);
  if (!parsed.ok) return refuse(shapeError(parsed.issue));
  const asked = parsed.value;
  const known = formats[asked.model.replace(/-\d{4}-\d{2}-\d{2}$/, "")];
  if (!known) return modelNotFound(asked.model);
  const heard = hear(file, filename);
  const format = asked.response_format ?? "json";
  const isWhisper = asked.model === "whisper-1";
  const isDiarize = asked.model.includes("diarize");
  if (!known.includes(format)) {
    refuse({
      message: `response_format '${format}' is not compatible with model '${asked.model}'. Use one of ${known.map((one) => `'${one}'`).join(", ")} instead.`,
      param: "response_format",
      code: "unsupported_value",
    });
  }
  if (isDiarize && asked.prompt !== undefined)
    refuse({ message: "'prompt' is not supported with this model.", param: "prompt" });
  if (isDiarize && heard.seconds > 30 && asked.chunking_strategy === undefined) {
    refuse({
      message: "chunking_strategy is required for diarization models with audio longer than 30 seconds.",
      param: "chunking_strategy",
    });
  }
  if ((asked.languages || asked.keywords) && asked.model !== "gpt-transcribe") {
    refuse({
      message: "'languages' and 'keywords' are only supported with gpt-transcribe.",
      param: asked.languages ? "languages" : "keywords",
    });
  }
  if (asked.timestamp_granularities && format !== "verbose_json") {
    refuse({
      message: "timestamp_granularities is only supported with response_format 'verbose_json'.",
      param: "timestamp_granularities",
    });
  }
  const transcript = transcribe(heard, `openai/${asked.model}`);
  const billed = usageOf(transcript, isWhisper);
  if (asked.stream && !isWhisper) return streamReply(events(transcript, isDiarize, billed), billed);
  return reply(
    transcript,
    format,
    asked.timestamp_granularities ?? ["segment"],
    asked.language ?? "en",
    billed,
    "transcribe",
  );
}

/** `POST /audio/translations`: whisper-1 alone, to English. */
export function translations(request: ProviderRequest): Reply {
  const { fields, file, filename } = formOf(request);
  const parsed = parseBody(translationFields, fields);
  if (!parsed.ok) return refuse(shapeError(parsed.issue));
  const { model, response_format: format = "json" } = parsed.value;
  if (model !== "whisper-1") return modelNotFound(model);
  const transcript = transcribe(hear(file, filename), `openai/${model}`);
  return reply(transcript, format, ["segment"], "en", usageOf(transcript, true), "translate");
}

function formOf(request: ProviderRequest) {
  const parts = parseMultipart(request.headers["content-type"], request.body);
  if (!parts) return refuse({ message: "Expected a multipart/form-data body.", code: "invalid_content_type" });
  const { fields, files } = readForm(parts);
  const [file] = files.filter(({ name }) => name === "file");
  if (!file)
    return refuse({
      message: "Missing required parameter: 'file'.",
      param: "file",
      code: "missing_required_parameter",
    });
  return { fields, file: file.data, filename: file.filename ?? "" };
}

function hear(file: Buffer, filename: string) {
  if (file.length > fileBytesMax)
    throw new Refusal(openAiError(413, { message: `Maximum content size limit (${fileBytesMax}) exceeded.` }));
  const ending = /\.([a-z0-9]+)$/i.exec(filename)?.[1]?.toLowerCase() ?? "";
  const heard = endings.includes(ending) ? hearAudio(file) : null;
  return (
    heard ?? refuse({ message: `Invalid file format. Supported formats: ${JSON.stringify(endings)}`, param: "file" })
  );
}

function reply(
  transcript: Transcript,
  format: string,
  granularities: readonly string[],
  language: string,
  billed: Usage,
  task: string,
): Reply {
  const { text, seconds, words } = transcript;
  const plain = (body: string): Reply => ({
    type: "bytes",
    status: 200,
    contentType: "text/plain; charset=utf-8",
    body,
    billed,
  });
  const usage = usageBody(billed);
  switch (format) {
    case "text":
      return plain(`${text}\n`);
    case "srt":
      return plain(toSrt(transcript));
    case "vtt":
      return plain(toVtt(transcript));
    case "diarized_json": {
      const segments = segmentsOf(transcript, true);
      return jsonReply(200, { task, duration: seconds, text, segments, usage }, { billed });
    }
    case "verbose_json":
      return jsonReply(
        200,
        {
          task,
          language: language === "en" ? "english" : language,
          duration: seconds,
          text,
          ...(granularities.includes("segment") ? { segments: segmentsOf(transcript, false) } : {}),
          ...(granularities.includes("word")
            ? { words: words.map(({ text: word, start, end }) => ({ word, start, end })) }
            : {}),
          usage,
        },
        { billed },
      );
    default:
      return jsonReply(200, { text, usage }, { billed });
  }
}

function segmentsOf(transcript: Transcript, isDiarized: boolean): object[] {
  return captions(transcript).map(({ start, end, text }, id) =>
    isDiarized
      ? { type: "transcript.text.segment", id: `seg_${id}`, speaker: id % 2 === 0 ? "A" : "B", start, end, text }
      : {
          id,
          seek: 0,
          start,
          end,
          text: ` ${text}`,
          tokens: [],
          temperature: 0,
          avg_logprob: -0.2,
          compression_ratio: 1,
          no_speech_prob: 0.01,
        },
  );
}

function* events(transcript: Transcript, isDiarized: boolean, billed: Usage): Iterable<StreamEvent> {
  const total = billed.outputTokens ?? 0;
  const write = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
  let characters = 0;
  for (const delta of piecesOf(transcript.text)) {
    characters += delta.length;
    yield {
      wire: write({ type: "transcript.text.delta", delta }),
      outputTokens: Math.min(total, Math.ceil(characters / 4)),
    };
  }
  if (isDiarized)
    for (const segment of segmentsOf(transcript, true)) yield { wire: write(segment), outputTokens: total };
  const done = { type: "transcript.text.done", text: transcript.text, usage: usageBody(billed) };
  yield { wire: write(done), outputTokens: total, hasUsage: true };
}

/** Tokens a second of audio is billed as. */
const tokensPerSecond = 10;

function usageOf({ seconds, text }: Transcript, isWhisper: boolean): Usage {
  if (isWhisper) return { seconds: Math.ceil(seconds) };
  const audio = Math.ceil(seconds * tokensPerSecond);
  return { inputTokens: audio, audioInputTokens: audio, outputTokens: countTokens(text), seconds };
}

function usageBody(billed: Usage): object {
  if (billed.inputTokens === undefined) return { type: "duration", seconds: billed.seconds };
  const [input, output] = [billed.inputTokens, billed.outputTokens ?? 0];
  return {
    type: "tokens",
    input_tokens: input,
    input_token_details: { audio_tokens: input, text_tokens: 0 },
    output_tokens: output,
    total_tokens: input + output,
  };
}

function refuse(error: ChatError): never {
  throw new Refusal(openAiError(400, error));
}
