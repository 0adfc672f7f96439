import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { inworld } from "../../../src/providers/inworld/index.ts";
import type { SpeechRequest, SpeechResult } from "../../../src/providers/shapes/speech.ts";
import type { TranscriptionRequest, TranscriptionResult } from "../../../src/providers/shapes/transcription.ts";
import { bodyOf, json, shipped, unansweredModels, unary, wav } from "../support/media.ts";
import { credentials } from "../support/model.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";

test("every Inworld model is answered for", () => {
  expect(unansweredModels(inworld)).toEqual([]);
});

const voice = shipped("inworld/inworld-tts-2");
const speech = unary(inworld.speech, voice);
const say = (params: SpeechRequest["params"] = {}, prompt = "Hello there."): SpeechRequest => ({ prompt, params });

describe("Inworld speech", () => {
  test.each<[SpeechRequest["params"], object]>([
    [{}, { voiceId: "Dennis", audioConfig: { audioEncoding: "MP3", sampleRateHertz: 48_000 } }],
    [
      { voice: "Ashley", format: "opus", sample_rate: 24_000, speed: 1.2, language: "en-US" },
      {
        voiceId: "Ashley",
        audioConfig: { audioEncoding: "OGG_OPUS", sampleRateHertz: 24_000, speakingRate: 1.2 },
        language: "en-US",
      },
    ],
    // Telephony has a rate of its own.
    [{ format: "mulaw" }, { voiceId: "Dennis", audioConfig: { audioEncoding: "MULAW", sampleRateHertz: 8_000 } }],
  ])("is asked for with %j", (params, fields) => {
    const request = speech.request(say(params), voice, credentials);
    expect(request).toMatchObject({
      method: "POST",
      url: `${credentials.baseUrl}/tts/v1/voice`,
      // In base64 already: not encoded again.
      headers: { authorization: `Basic ${credentials.apiKey}` },
    });
    expect(bodyOf(request)).toEqual({ text: "Hello there.", modelId: "inworld-tts-2", ...fields });
  });

  test.each<[SpeechRequest, string, boolean]>([
    [say({ format: "aac" }), "params.format", true],
    [say({ sample_rate: 96_000 }), "params.sample_rate", true],
    [say({ format: "alaw", sample_rate: 16_000 }), "params.sample_rate", true],
    [say({ speed: 1.6 }), "params.speed", true],
    [say({ instructions: "warmly" }), "params.instructions", true],
    [say({}, "x".repeat(2_001)), "prompt", false],
    [say({}, " "), "prompt", false],
  ])("%# is refused by its field", (request, field, droppable) => {
    expect(speech.check(request, voice)).toMatchObject([{ field, droppable }]);
    expect(() => speech.request(request, voice, credentials)).toThrow(expect.objectContaining({ code: "unsupported" }));
  });

  test("native fields pass, save those that are paid for", () => {
    const styled = { ...say(), provider_options: { deliveryMode: "STABLE", audioConfig: { bitRate: 64_000 } } };
    expect(bodyOf(speech.request(styled, voice, credentials))).toMatchObject({
      deliveryMode: "STABLE",
      audioConfig: { audioEncoding: "MP3", bitRate: 64_000 },
    });
    const longer = { ...say(), provider_options: { text: "x".repeat(1_000) } };
    expect(() => speech.request(longer, voice, credentials)).toThrow("provider_options.inworld.text");
  });

  test("is charged by the characters that Inworld counts", () => {
    const usage = { processedCharactersCount: 64, modelId: "inworld-tts-2" };
    const decoded = speech.decode(json({ audioContent: "SUQzBAAA", usage }), say(), voice);
    expect(decoded).toMatchObject({
      result: { audio: { mediaType: "audio/mpeg", source: { bytes: Buffer.from("SUQzBAAA", "base64") } } },
      usage: { characters: 64 },
    });
    // $25 a million.
    expect(costOf(voice, { characters: 64 })).toBe(1_600_000n);
    expect(speech.decode(json({ audioContent: "SUQzBAAA" }), say(), voice)).toMatchObject({
      usage: { characters: 12 },
    });
  });

  test.each([
    [{ usage: {} }, "malformed"],
    [{ audioContent: "" }, "malformed"],
    [{ error: { code: 13, message: "Internal error", details: [] } }, "server_error"],
    [{ code: 3, message: "bad text", details: [] }, "bad_request"],
    ["<html>", "malformed"],
  ])("%j under status 200 is a failure", (body, kind) => {
    expect(speech.decode(json(body), say(), voice)).toMatchObject({ failure: { kind } });
  });
});

const ears = shipped("inworld/inworld-stt-1");
const transcription = unary(inworld.transcription, ears);
const hear = (params: Partial<TranscriptionRequest["params"]> = {}): TranscriptionRequest => ({
  prompt: "",
  params: { audio: { data: wav(2).toString("base64") }, ...params },
});

describe("Inworld transcription", () => {
  test("sends the recording as it is, and what it is", () => {
    const request = transcription.request(
      hear({ language: "en-US", timestamps: "word", hints: ["Oslo"] }),
      ears,
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/stt/v1/transcribe`);
    expect(bodyOf(request)).toEqual({
      transcribeConfig: {
        modelId: "inworld/inworld-stt-1",
        audioEncoding: "LINEAR16",
        language: "en-US",
        includeWordTimestamps: true,
        prompts: ["Oslo"],
      },
      audioData: { content: wav(2).toString("base64") },
    });
  });

  test.each<[Partial<TranscriptionRequest["params"]>, string]>([
    [{ audio: { url: "https://example.test/a.mp3" } }, "params.audio"],
    [{ audio: { data: "AAAA", media_type: "video/mp4" } }, "params.audio"],
    [{ audio: { data: "A".repeat(16_000_004), media_type: "audio/wav" } }, "params.audio"],
    [{ timestamps: "segment" }, "params.timestamps"],
    [{ diarize: true }, "params.diarize"],
  ])("%# is refused", (params, field) => {
    expect(transcription.check(hear(params), ears)).toMatchObject([{ field }]);
  });

  test("a model cannot be changed behind the price", () => {
    const request = { ...hear(), provider_options: { transcribeConfig: { modelId: "groq/whisper-large-v3" } } };
    expect(() => transcription.request(request, ears, credentials)).toThrow("transcribeConfig.modelId");
  });

  test("gives text, words and time, and is charged by the second", () => {
    const answer = {
      transcription: {
        transcript: "Hey there.",
        isFinal: true,
        wordTimestamps: [
          { word: "Hey", startTimeMs: "0", endTimeMs: 400 },
          { word: "there.", startTimeMs: "500" },
        ],
      },
      usage: { transcribedAudioMs: "3000" },
    };
    expect(transcription.decode(json(answer), hear({ timestamps: "word" }), ears)).toMatchObject({
      result: { text: "Hey there.", words: [{ text: "Hey", start_s: 0, end_s: 0.4 }], duration_s: 3 },
      usage: { seconds: 3 },
    });
    // $0.15 an hour.
    expect(costOf(ears, { seconds: 3 })).toBe(125_000n);
    // Its usage may be null: the recording says how long it is.
    expect(transcription.decode(json({ ...answer, usage: null }), hear(), ears)).toMatchObject({
      usage: { seconds: 2 },
    });
    expect(transcription.decode(json({}), hear(), ears)).toMatchObject({ failure: { kind: "malformed" } });
  });
});

test.each([
  [400, 3, "deliveryMode is only supported by inworld-tts-2", "bad_request"],
  [401, 16, "Invalid authorization credentials", "unauthenticated"],
  [403, 7, "The account has no balance left", "quota_exhausted"],
  [403, 7, "no access to this voice", "forbidden"],
  [404, 5, "Unknown voice: Kore not found!", "not_found"],
  [429, 8, "Rate limit exceeded", "rate_limited"],
  [500, 13, "Internal error", "server_error"],
  [503, 14, "Overloaded", "overloaded"],
  [504, 4, "Deadline exceeded", "timeout"],
])("status %i with code %i, %s: %s", (status, code, message, kind) => {
  const body = JSON.stringify({ code, message, details: [] });
  expect(inworld.decodeError(status, {}, body)).toMatchObject({ kind, message, status });
});

describe("against the simulator", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation("inworld");
  });
  afterAll(() => simulation.close());

  test("what is said is heard, and both are charged as billed", async () => {
    const spoken = await simulation.perform<SpeechResult>(voice, say({ format: "wav", sample_rate: 16_000 }));
    expect(spoken.usage).toEqual({ characters: 12 });
    const data = Buffer.from(await simulation.bytes(spoken.result.audio)).toString("base64");
    const heard = await simulation.perform<TranscriptionResult>(ears, hear({ audio: { data }, timestamps: "word" }));
    expect(heard.result).toMatchObject({ text: "Hello there.", words: [{ text: "Hello" }, { text: "there." }] });
    expect(spoken.billed).toEqual({ characters: 12 });
    expect(heard.billed).toEqual({ seconds: heard.usage.seconds });
  });

  test("a voice that is not there is named", async () => {
    expect(await simulation.failure(voice, say({ voice: "Kore" }))).toMatchObject({
      failure: { kind: "not_found", message: expect.stringContaining("Kore") },
    });
  });
});
