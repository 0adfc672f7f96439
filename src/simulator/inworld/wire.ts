import { shapeError } from "../chat/shape-error.ts";
import { type DialectErrors, dialectWire, errorReply } from "../chat/wire.ts";
import { type AudioFormat, hearAudio, makeSpeech, secondsToSay, transcribe } from "../media/audio.ts";
import { makePcm, wrapWav } from "../media/wav.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, ProviderWire, WireContext } from "../provider.ts";
import { jsonReply, Refusal, type Reply, type StreamEvent } from "../wire/reply.ts";
import { issueOf, transcribeRequest, type VoiceRequest, voiceRequest } from "./request.ts";

/** gRPC's errors, with its own numbers. */
const errors: DialectErrors = {
  body: ({ message, code }) => ({ code: Number(code ?? 3), message, details: [] }),
  failures: {
    rate_limited: { status: 429, message: "Rate limit exceeded (simulated)", code: "8" },
    quota_exhausted: { status: 403, message: "The account has no balance left (simulated)", code: "7" },
    invalid_key: { status: 401, message: "Invalid authorization credentials (simulated)", code: "16" },
    server_error: { status: 500, message: "Internal error (simulated)", code: "13" },
    bad_gateway: { status: 502, message: "Bad gateway (simulated)", code: "14" },
    unavailable: { status: 503, message: "Service unavailable (simulated)", code: "14" },
    gateway_timeout: { status: 504, message: "Deadline exceeded (simulated)", code: "4" },
    overloaded: { status: 503, message: "Overloaded (simulated)", code: "14" },
  },
  retry: () => ({}),
  event: (body) => `${JSON.stringify({ error: body })}\n`,
};

const voices = ["Dennis", "Ashley", "Alex", "Edward", "Olivia", "Sarah"];
const formats: Readonly<Record<string, AudioFormat>> = {
  MP3: "mp3",
  OGG_OPUS: "opus",
  LINEAR16: "wav",
  WAV: "wav",
  PCM: "pcm",
  FLAC: "flac",
  ALAW: "alaw",
  MULAW: "mulaw",
};
const sampleRateDefault = 48_000;

/** The API at `https://api.inworld.ai`, below `/inworld`. The key comes as it is in `Authorization: Basic`. */
export function inworldWire(_context: WireContext): ProviderWire {
  return dialectWire(
    {
      name: "inworld",
      clientPath: "/inworld",
      routePath: "/inworld",
      routes: [
        { method: "POST", path: "/tts/v1/voice", handle: speak },
        { method: "POST", path: "/tts/v1/voice:stream", handle: stream },
        { method: "POST", path: "/stt/v1/transcribe", handle: hear },
        {
          method: "GET",
          path: "/voices/v1/voices",
          handle: () =>
            jsonReply(200, {
              voices: voices.map((id) => ({ voiceId: id, displayName: id, langCode: "EN_US", source: "SYSTEM" })),
            }),
        },
      ],
      keyOf: (request) => /^(?:Basic|Bearer) (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? null,
      modelOf(request) {
        const body = request.json() as
          | { modelId?: unknown; model_id?: unknown; transcribeConfig?: { modelId?: unknown } }
          | undefined;
        const model = body?.modelId ?? body?.model_id ?? body?.transcribeConfig?.modelId;
        return typeof model === "string" ? model : null;
      },
      headers: ({ requestId }) => ({ "x-request-id": requestId }),
    },
    errors,
  );
}

function read(request: ProviderRequest): VoiceRequest {
  const refuse = (message: string, code = "3", status = 400): never => {
    throw new Refusal(errorReply(errors, { status, message, code }, request));
  };
  const parsed = parseBody(voiceRequest, request.json() ?? {});
  if (!parsed.ok) return refuse(shapeError(parsed.issue).message);
  const issue = issueOf(parsed.value);
  if (issue) refuse(issue);
  const { voiceId } = parsed.value;
  if (!voices.includes(voiceId) && !voiceId.includes("__")) refuse(`Unknown voice: ${voiceId} not found!`, "5", 404);
  return parsed.value;
}

function speak(request: ProviderRequest): Reply {
  const asked = read(request);
  const { audioEncoding = "MP3", sampleRateHertz = sampleRateDefault, speakingRate } = asked.audioConfig ?? {};
  const audio = makeSpeech(asked.text, formats[audioEncoding] ?? "mp3", sampleRateHertz, speakingRate);
  const body = {
    audioContent: audio.toString("base64"),
    usage: usageOf(asked.text.length, asked.modelId),
    ...timestamps(asked),
  };
  return jsonReply(200, body, { billed: { characters: asked.text.length } });
}

/** The same in pieces, a line each. Every piece of LINEAR16 or WAV is a file of its own, with a header to take off. */
function stream(request: ProviderRequest): Reply {
  const asked = read(request);
  return {
    type: "stream",
    status: 200,
    contentType: "application/json",
    events: lines(asked),
    billed: { characters: asked.text.length },
  };
}

/** A recording, whole. Times are in milliseconds, which protobuf's JSON writes as text. */
function hear(request: ProviderRequest): Reply {
  const parsed = parseBody(transcribeRequest, request.json() ?? {});
  const wrong = (message: string) => errorReply(errors, { status: 400, message, code: "3" }, request);
  if (!parsed.ok) return wrong(shapeError(parsed.issue).message);
  const { transcribeConfig: config, audioData } = parsed.value;
  const heard = hearAudio(Buffer.from(audioData.content, "base64"));
  if (!heard) return wrong("the audio cannot be decoded");
  const { text, seconds, words } = transcribe(heard, config.modelId);
  const ms = (of: number) => String(Math.round(of * 1_000));
  const wordTimestamps = words.map((word) => ({
    word: word.text,
    startTimeMs: ms(word.start),
    endTimeMs: ms(word.end),
    confidence: 0.98,
  }));
  const body = {
    transcription: {
      transcript: text,
      isFinal: true,
      wordTimestamps: config.includeWordTimestamps ? wordTimestamps : [],
    },
    usage: { transcribedAudioMs: ms(seconds), modelId: config.modelId },
  };
  return jsonReply(200, body, { billed: { seconds } });
}

function* lines(asked: VoiceRequest): Iterable<StreamEvent> {
  const { audioEncoding = "MP3", sampleRateHertz: rate = sampleRateDefault, speakingRate } = asked.audioConfig ?? {};
  const words = asked.text.match(/\S+\s*/g) ?? [asked.text];
  const half = Math.ceil(words.length / 2);
  const pieces = [words.slice(0, half).join(""), words.slice(half).join("")].filter((piece) => piece !== "");
  for (const [index, piece] of pieces.entries()) {
    const isWav = audioEncoding === "LINEAR16" || audioEncoding === "WAV";
    const seconds = secondsToSay(piece, speakingRate);
    const audio = isWav
      ? wrapWav(makePcm(seconds, rate), rate, "")
      : makeSpeech(piece, formats[audioEncoding] ?? "mp3", rate, speakingRate);
    const result = {
      audioContent: audio.toString("base64"),
      usage: usageOf(piece.length, asked.modelId),
      ...(index === 0 ? timestamps(asked) : {}),
    };
    yield { wire: `${JSON.stringify({ result })}\n`, outputTokens: 0, hasUsage: index === pieces.length - 1 };
  }
}

function usageOf(processedCharactersCount: number, modelId: string): object {
  return { processedCharactersCount, modelId };
}

function timestamps({ text, timestampType, audioConfig }: VoiceRequest): object {
  const seconds = secondsToSay(text, audioConfig?.speakingRate);
  if (timestampType === "WORD") {
    const { words } = transcribe({ seconds, spoken: text }, "inworld");
    const wordAlignment = {
      words: words.map((word) => word.text),
      wordStartTimeSeconds: words.map(({ start }) => start),
      wordEndTimeSeconds: words.map(({ end }) => end),
    };
    return { timestampInfo: { wordAlignment } };
  }
  if (timestampType !== "CHARACTER") return {};
  const characters = [...text];
  const at = (index: number) => (index * seconds) / characters.length;
  const characterAlignment = {
    characters,
    characterStartTimeSeconds: characters.map((_, index) => at(index)),
    characterEndTimeSeconds: characters.map((_, index) => at(index + 1)),
  };
  return { timestampInfo: { characterAlignment } };
}
