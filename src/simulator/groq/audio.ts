import { z } from "zod";
import type { ChatError } from "../chat/dialect.ts";
import { shapeError } from "../chat/shape-error.ts";
import { errorReply } from "../chat/wire.ts";
import { audioContentType, hearAudio, makeSpeech, transcribe } from "../media/audio.ts";
import { parseMultipart, readForm } from "../media/multipart.ts";
import { captions } from "../media/subtitles.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, Refusal, type Reply } from "../wire/reply.ts";
import { groqErrors } from "./errors.ts";

const voices: Readonly<Record<string, readonly string[]>> = {
  "canopylabs/orpheus-v1-english": ["autumn", "diana", "hannah", "austin", "daniel", "troy"],
  "canopylabs/orpheus-arabic-saudi": ["abdullah", "fahad", "sultan", "lulwa", "noura", "aisha"],
};
const charactersMax = 200;
const fileBytesMax = 100 * 1024 * 1024;

const speechBody = z.strictObject({
  model: z.string(),
  input: z.string().min(1),
  voice: z.string(),
  response_format: z.enum(["flac", "mp3", "mulaw", "ogg", "wav"]).optional(),
  sample_rate: z.number().int().optional(),
  speed: z.number().min(0.5).max(5).optional(),
});

/** `POST /audio/speech`: Orpheus speaks WAV and nothing else. */
export function speech(request: ProviderRequest): Reply {
  const parsed = parseBody(speechBody, request.json() ?? {});
  if (!parsed.ok) return refuse(request, shapeError(parsed.issue));
  const { model, input, voice, response_format: format, speed } = parsed.value;
  const known = voices[model];
  if (!known) return notFound(request, model);
  if (!known.includes(voice)) refuse(request, { message: `voice must be one of ${known.join(", ")}` });
  if (input.length > charactersMax) refuse(request, { message: `input must be at most ${charactersMax} characters` });
  if (format !== undefined && format !== "wav")
    refuse(request, { message: "response_format must be wav for this model" });
  const body = makeSpeech(input, "wav", 24_000, speed);
  return { type: "bytes", status: 200, contentType: audioContentType.wav, body, billed: { characters: input.length } };
}

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const transcriptionFields = z.strictObject({
  model: z.string(),
  url: z.string().url().optional(),
  language: z.string().optional(),
  prompt: z.string().optional(),
  response_format: z.enum(["json", "text", "verbose_json"]).optional(),
  temperature: z.coerce.number().min(0).max(1).optional(),
  timestamp_granularities: list.pipe(z.array(z.enum(["word", "segment"]))).optional(),
});

/** `POST /audio/transcriptions` and `/audio/translations`. */
export function transcription(task: "transcribe" | "translate"): (request: ProviderRequest) => Reply {
  const models = task === "transcribe" ? ["whisper-large-v3", "whisper-large-v3-turbo"] : ["whisper-large-v3"];
  return (request) => {
    const parts = parseMultipart(request.headers["content-type"], request.body);
    if (!parts) return refuse(request, { message: "request Content-Type isn't multipart/form-data" });
    const { fields, files } = readForm(parts);
    const parsed = parseBody(transcriptionFields, fields);
    if (!parsed.ok) return refuse(request, shapeError(parsed.issue));
    const asked = parsed.value;
    if (!models.includes(asked.model)) return notFound(request, asked.model);
    const file = files.find(({ name }) => name === "file");
    if ((file === undefined) === (asked.url === undefined))
      refuse(request, { message: "exactly one of file and url is required" });
    if ((file?.data.length ?? 0) > fileBytesMax) refuse(request, { status: 413, message: "Request Entity Too Large" });
    if (asked.timestamp_granularities && asked.response_format !== "verbose_json") {
      refuse(request, { message: "timestamp_granularities requires response_format verbose_json" });
    }
    // What is behind a link is not fetched: it counts as a minute.
    const heard = file ? hearAudio(file.data) : { seconds: 60, spoken: null };
    if (!heard) return refuse(request, { message: "could not process file - is it a valid media file?" });
    const transcript = transcribe(heard, `groq/${asked.model}`);
    const billed = { seconds: Math.max(10, transcript.seconds) };
    const x_groq = { id: request.requestId };
    if (asked.response_format === "text") {
      return { type: "bytes", status: 200, contentType: "text/plain; charset=utf-8", body: transcript.text, billed };
    }
    if (asked.response_format !== "verbose_json") return jsonReply(200, { text: transcript.text, x_groq }, { billed });
    const granularities = asked.timestamp_granularities ?? ["segment"];
    const segments = captions(transcript).map(({ start, end, text }, id) => ({
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
    }));
    const words = transcript.words.map(({ text: word, start, end }) => ({ word, start, end }));
    const body = {
      task,
      language: "English",
      duration: transcript.seconds,
      text: transcript.text,
      ...(granularities.includes("segment") ? { segments } : {}),
      ...(granularities.includes("word") ? { words } : {}),
      x_groq,
    };
    return jsonReply(200, body, { billed });
  };
}

function notFound(request: ProviderRequest, model: string): Reply {
  return errorReply(
    groqErrors,
    {
      status: 404,
      message: `The model \`${model}\` does not exist or you do not have access to it.`,
      code: "model_not_found",
    },
    request,
  );
}

function refuse(request: ProviderRequest, error: ChatError): never {
  throw new Refusal(errorReply(groqErrors, error, request));
}
