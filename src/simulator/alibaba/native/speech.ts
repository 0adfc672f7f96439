import { z } from "zod";
import { shapeError } from "../../chat/shape-error.ts";
import { makeSpeech, secondsToSay } from "../../media/audio.ts";
import { makePcm } from "../../media/wav.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, WireContext } from "../../provider.ts";
import { jsonReply, type Reply, type StreamEvent, streamReply } from "../../wire/reply.ts";
import { refuse } from "./errors.ts";

/** The models of `multimodal-generation` that speak. */
export const speechModel = /^qwen3-tts(-instruct)?-flash(-\d{4}-\d{2}-\d{2})?$/;

const languages = "Auto Chinese English German Italian Portuguese Spanish Japanese Korean French Russian".split(" ");
const charactersMax = 600;
const lifetimeMs = 24 * 3_600_000;

const body = z.strictObject({
  model: z.string(),
  input: z.strictObject({
    text: z.string().min(1).max(charactersMax),
    voice: z.string().min(1),
    language_type: z.enum(languages as [string, ...string[]]).optional(),
    instructions: z.string().optional(),
    optimize_instructions: z.boolean().optional(),
  }),
});

/** Speech as a link to a WAV, or with `X-DashScope-SSE: enable` as events with samples. */
export function speak(request: ProviderRequest, context: WireContext): Reply {
  const parsed = parseBody(body, request.json() ?? {});
  if (!parsed.ok) return refuse(request.requestId, shapeError(parsed.issue).message);
  const { model, input } = parsed.value;
  if (input.instructions !== undefined && !model.includes("instruct")) {
    refuse(request.requestId, "instructions is not supported by this model");
  }
  const wav = makeSpeech(input.text, "wav");
  const expiresAt = Math.floor((context.clock.now() + lifetimeMs) / 1_000);
  const audio = {
    data: "",
    url: context.files.put(wav, "audio/wav", lifetimeMs, "wav"),
    id: context.ids.next("audio_"),
    expires_at: expiresAt,
  };
  const usage = { characters: input.text.length };
  const last = { request_id: request.requestId, output: { finish_reason: "stop", audio }, usage };
  if (request.headers["x-dashscope-sse"] !== "enable") return jsonReply(200, last, { billed: usage });
  return streamReply(events(makePcm(secondsToSay(input.text), 24_000), last, audio), usage);
}

const pieceBytes = 24_000;

function* events(pcm: Buffer, last: object, audio: object): Iterable<StreamEvent> {
  let id = 0;
  const write = (data: object) => `id:${++id}\nevent:result\n:HTTP_STATUS/200\ndata:${JSON.stringify(data)}\n\n`;
  for (let at = 0; at < pcm.length; at += pieceBytes) {
    const data = pcm.subarray(at, at + pieceBytes).toString("base64");
    const output = { finish_reason: null, audio: { ...audio, url: "", data } };
    yield { wire: write({ ...last, output }), outputTokens: 0 };
  }
  yield { wire: write(last), outputTokens: 0, hasUsage: true };
}
