import type { ServerResponse } from "node:http";
import { z } from "zod";
import { parseArguments } from "../../arguments/parse-arguments.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { inferArgs } from "../../infer/request.ts";
import type { InferResult } from "../../infer/result.ts";
import { modelId } from "../api/call-options.ts";
import { type Endpoint, headerOf } from "../api/exchange.ts";
import { wholeAnswer } from "../api/generation-answer.ts";
import { unsupportedField } from "../api/unsupported-field.ts";
import { answerJson } from "../http-answer.ts";
import { switchyardFacts } from "./chat-completion.ts";
import { openAiErrors } from "./error.ts";
import { subtitles } from "./subtitles.ts";

const formats = ["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] as const;

const transcriptionForm = z.looseObject({
  model: z.string().min(1),
  language: z.string().optional(),
  prompt: z.string().optional(),
  response_format: z.enum(formats).optional(),
  stream: z.string().optional(),
});

type Format = (typeof formats)[number];
type Transcript = NonNullable<InferResult["output"]["transcript"]>;

/** OpenAI's transcription over any such model. https://platform.openai.com/docs/api-reference/audio/createTranscription */
export const transcriptions: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/audio\/transcriptions$/,
  errors: openAiErrors,
  body: "form",
  async handle(exchange) {
    const form = exchange.body as FormData;
    const file = form.get("file");
    if (!(file instanceof Blob)) {
      throw new SwitchyardError("invalid_request", "file is required (a recording)", {
        next: "Send the recording as the form's file",
        details: { field: "file" },
      });
    }
    const fields = Object.fromEntries([...form.entries()].filter(([, value]) => typeof value === "string"));
    const asked = parseArguments({ name: "audio.transcriptions", input: transcriptionForm }, fields);
    if (asked.stream === "true") throw unsupportedField("stream", "a transcript comes whole", "Leave it out");
    const format = asked.response_format ?? "json";
    const key = headerOf(exchange.request, "idempotency-key");
    const args = {
      model: modelId(asked.model, "openai"),
      params: await params(asked, file, format, form.getAll("timestamp_granularities[]").includes("word")),
      ...(key === undefined ? {} : { idempotency_key: key }),
    };
    const result = await wholeAnswer(
      parseArguments({ name: "audio.transcriptions", input: inferArgs }, args),
      exchange,
    );
    answer(exchange.response, result, format);
  },
};

async function params(
  { language, prompt }: z.infer<typeof transcriptionForm>,
  file: Blob,
  format: Format,
  wantsWords: boolean,
): Promise<object> {
  const wantsTimes = format === "verbose_json" || format === "srt" || format === "vtt";
  return {
    audio: {
      data: Buffer.from(await file.arrayBuffer()).toString("base64"),
      ...(file.type === "" || file.type === "application/octet-stream" ? {} : { media_type: file.type }),
    },
    ...(language === undefined ? {} : { language }),
    ...(prompt === undefined ? {} : { hints: [prompt] }),
    ...(wantsTimes ? { timestamps: wantsWords ? "word" : "segment" } : {}),
    ...(format === "diarized_json" ? { diarize: true } : {}),
  };
}

function answer(response: ServerResponse, result: InferResult, format: Format): void {
  const transcript: Transcript = result.output.transcript ?? { text: result.output.text ?? "" };
  const headers = { "x-request-id": result.id };
  if (format === "text" || format === "srt" || format === "vtt") {
    const text = format === "text" ? `${transcript.text}\n` : subtitles(transcript, format);
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8", ...headers }).end(text);
    return;
  }
  const more = format === "json" ? {} : details(transcript);
  answerJson(response, 200, { text: transcript.text, ...more, switchyard: switchyardFacts(result) }, headers);
}

function details({ language, duration_s, segments = [], words }: Transcript): object {
  return {
    task: "transcribe",
    language: language ?? null,
    duration: duration_s ?? null,
    segments: segments.map(({ start_s, end_s, text, speaker }, id) => {
      return { id, start: start_s, end: end_s, text, ...(speaker === undefined ? {} : { speaker }) };
    }),
    ...(words === undefined
      ? {}
      : { words: words.map(({ start_s, end_s, text }) => ({ word: text, start: start_s, end: end_s })) }),
  };
}
