import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { errorReply } from "../../chat/wire.ts";
import { type HeardAudio, transcribe } from "../../media/audio.ts";
import { hearLink, isLink } from "../../media/link.ts";
import { captions } from "../../media/subtitles.ts";
import { piecesOf } from "../../model/answer.ts";
import { countTokens } from "../../model/tokens.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, WireContext } from "../../provider.ts";
import { jsonReply, type Reply, type StreamEvent, streamReply } from "../../wire/reply.ts";
import { compatibleErrors } from "../errors.ts";
import { refuse } from "./errors.ts";
import type { Tasks } from "./tasks.ts";

/** The models that hear up to five minutes. */
export const hearingModel = /^qwen3-asr-flash(-\d{4}-\d{2}-\d{2})?$/;

const secondsMax = 300;
const tokensPerSecond = 25;
const options = z
  .strictObject({
    language: z.string().optional(),
    enable_itn: z.boolean().optional(),
    enable_lid: z.boolean().optional(),
  })
  .optional();
const audio = z.string().refine(isLink, "expected a URL or a data URL");

const chatBody = z.strictObject({
  model: z.string(),
  messages: z
    .array(
      z.discriminatedUnion("role", [
        z.strictObject({
          role: z.literal("system"),
          content: z.union([
            z.string(),
            z.array(z.strictObject({ type: z.literal("text").optional(), text: z.string() })),
          ]),
        }),
        z.strictObject({
          role: z.literal("user"),
          content: z
            .array(
              z.strictObject({
                type: z.literal("input_audio"),
                input_audio: z.strictObject({ data: audio, format: z.string().optional() }),
              }),
            )
            .length(1),
        }),
      ]),
    )
    .min(1),
  asr_options: options,
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).optional(),
});

/** Transcription by Chat Completions: the message holds the audio, the answer the text. */
export function transcribeInChat(request: ProviderRequest, context: WireContext): Reply {
  const wrong = (message: string) =>
    errorReply(compatibleErrors, { message, code: "invalid_parameter_error" }, request);
  const parsed = parseBody(chatBody, request.json() ?? {});
  if (!parsed.ok) return wrong(shapeError(parsed.issue).message);
  const asked = parsed.value;
  const user = asked.messages.find(({ role }) => role === "user");
  if (user?.role !== "user") return wrong("a user message with input_audio is required");
  const heard = hearLink(user.content[0]?.input_audio.data ?? "", context);
  if (!heard || heard.seconds > secondsMax)
    return wrong(heard ? "The audio is longer than 5 minutes" : "Unsupported audio format");
  const { text, seconds } = transcribe(heard, `alibaba/${asked.model}`);
  const [input, output] = [Math.ceil(seconds * tokensPerSecond), countTokens(text)];
  const usage = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { audio_tokens: input },
    seconds: Math.ceil(seconds),
  };
  const annotations = [{ type: "audio_info", language: asked.asr_options?.language ?? "en", emotion: "neutral" }];
  const head = {
    id: context.ids.next("chatcmpl-"),
    created: Math.floor(context.clock.now() / 1_000),
    model: asked.model,
  };
  const billed = { seconds: Math.ceil(seconds) };
  if (asked.stream) return streamReply(chatEvents(head, text, annotations, usage), billed);
  const message = { role: "assistant", content: text, annotations };
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  return jsonReply(200, { ...head, object: "chat.completion", choices, usage }, { billed });
}

function* chatEvents(head: object, text: string, annotations: readonly object[], usage: object): Iterable<StreamEvent> {
  const write = (fields: object) =>
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...fields })}\n\n`;
  for (const content of piecesOf(text)) {
    const choices = [{ index: 0, delta: { role: "assistant", content, annotations }, finish_reason: null }];
    yield { wire: write({ choices, usage: null }), outputTokens: 0 };
  }
  yield {
    wire: write({ choices: [{ index: 0, delta: { content: "" }, finish_reason: "stop" }], usage: null }),
    outputTokens: 0,
  };
  yield { wire: write({ choices: [], usage }), outputTokens: 0, hasUsage: true };
  yield { wire: "data: [DONE]\n\n", outputTokens: 0 };
}

const nativeBody = z.strictObject({
  model: z.string(),
  input: z.strictObject({
    messages: z.array(
      z.union([
        z.strictObject({ role: z.literal("system"), content: z.array(z.strictObject({ text: z.string() })) }),
        z.strictObject({ role: z.literal("user"), content: z.array(z.strictObject({ audio })).length(1) }),
      ]),
    ),
  }),
  parameters: z.strictObject({ asr_options: options, result_format: z.string().optional() }).optional(),
});

/** Transcription by `multimodal-generation`. */
export function transcribeNatively(request: ProviderRequest, context: WireContext): Reply {
  const parsed = parseBody(nativeBody, request.json() ?? {});
  if (!parsed.ok) return refuse(request.requestId, shapeError(parsed.issue).message);
  const { model, input } = parsed.value;
  const user = input.messages.find((message) => message.role === "user");
  const [part] = user?.role === "user" ? user.content : [];
  const heard = part ? hearLink(part.audio, context) : null;
  if (!heard) return refuse(request.requestId, "Unsupported audio format");
  if (heard.seconds > secondsMax) refuse(request.requestId, "The audio is longer than 5 minutes");
  const { text, seconds } = transcribe(heard, `alibaba/${model}`);
  const choices = [
    {
      finish_reason: "stop",
      message: {
        role: "assistant",
        content: [{ text }],
        annotations: [{ type: "audio_info", language: "en", emotion: "neutral" }],
      },
    },
  ];
  const usage = { seconds: Math.ceil(seconds) };
  return jsonReply(200, { request_id: request.requestId, output: { choices }, usage }, { billed: usage });
}

const longBody = z.strictObject({
  model: z.literal("qwen3-asr-flash-filetrans"),
  input: z.strictObject({ file_url: z.string().regex(/^https?:\/\//, "expected a public URL") }),
  parameters: z
    .strictObject({
      channel_id: z.array(z.number().int()).optional(),
      language: z.string().optional(),
      enable_itn: z.boolean().optional(),
      enable_words: z.boolean().optional(),
    })
    .optional(),
});

const lifetimeMs = 24 * 3_600_000;

/** `audio/asr/transcription`: long files, as a task whose result is another link. */
export function transcribeAsTask(request: ProviderRequest, context: WireContext, tasks: Tasks): Reply {
  const parsed = parseBody(longBody, request.json() ?? {});
  if (!parsed.ok) return refuse(request.requestId, shapeError(parsed.issue).message);
  const { model, input, parameters = {} } = parsed.value;
  const heard = hearLink(input.file_url, context);
  if (!heard) return refuse(request.requestId, "Unsupported audio format");
  const seconds = Math.ceil(heard.seconds);
  const output = () => {
    const bytes = Buffer.from(
      JSON.stringify(transcriptsOf(heard, `alibaba/${model}`, input.file_url, parameters.enable_words ?? false)),
    );
    return { result: { transcription_url: context.files.put(bytes, "application/json", lifetimeMs, "json") } };
  };
  return tasks.submit(request, { output, usage: { seconds }, billed: { seconds } }, "succeeded");
}

function transcriptsOf(heard: HeardAudio, label: string, fileUrl: string, withWords: boolean): object {
  const transcript = transcribe(heard, label);
  const ms = (seconds: number) => Math.round(seconds * 1_000);
  const sentences = captions(transcript).map(({ start, end, text }) => ({
    begin_time: ms(start),
    end_time: ms(end),
    text,
    ...(withWords
      ? {
          words: transcript.words
            .filter((word) => word.start >= start && word.end <= end)
            .map((word) => ({ begin_time: ms(word.start), end_time: ms(word.end), text: word.text })),
        }
      : {}),
  }));
  return { file_url: fileUrl, transcripts: [{ channel_id: 0, text: transcript.text, sentences }] };
}
