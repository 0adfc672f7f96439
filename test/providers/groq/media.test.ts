import { describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { groq } from "../../../src/providers/groq/index.ts";
import type { SpeechRequest } from "../../../src/providers/shapes/speech.ts";
import type { TranscriptionRequest } from "../../../src/providers/shapes/transcription.ts";
import { bodyOf, formOf, json, raw, shipped, unansweredModels, unary, wav } from "../support/media.ts";
import { credentials } from "../support/model.ts";

test("every Groq model for sound is answered for", () => {
  expect(unansweredModels(groq)).toEqual([]);
});

describe("Groq speech", () => {
  const english = shipped("groq/canopylabs/orpheus-v1-english");
  const arabic = shipped("groq/canopylabs/orpheus-arabic-saudi");
  const speech = unary(groq.speech, english);
  const say = (params: SpeechRequest["params"] = {}): SpeechRequest => ({ prompt: "Hello", params });

  test("is WAV in a voice of the model's own language", () => {
    const request = speech.request(say({ voice: "diana", speed: 1.2, language: "en-GB" }), english, credentials);
    expect(request.url).toBe(`${credentials.baseUrl}/audio/speech`);
    expect(bodyOf(request)).toEqual({
      model: "canopylabs/orpheus-v1-english",
      input: "Hello",
      response_format: "wav",
      voice: "diana",
      speed: 1.2,
    });
    expect(bodyOf(speech.request(say({ sample_rate: 16_000 }), arabic, credentials))).toMatchObject({
      voice: "fahad",
      sample_rate: 16_000,
    });
  });

  test.each<[SpeechRequest["params"], string]>([
    [{ voice: "fahad" }, "params.voice"],
    [{ format: "mp3" }, "params.format"],
    [{ speed: 0.3 }, "params.speed"],
    [{ language: "ar" }, "params.language"],
    [{ instructions: "warmly" }, "params.instructions"],
  ])("the English model refuses %j, which may be left out", (params, field) => {
    expect(speech.check(say(params), english)).toMatchObject([{ field, droppable: true }]);
  });

  test("is counted in characters", () => {
    const decoded = speech.decode(raw(wav(1), "audio/wav"), say(), english);
    expect(decoded).toMatchObject({
      result: { audio: { mediaType: "audio/wav", source: { kind: "bytes", bytes: wav(1) } } },
      usage: { characters: 5 },
    });
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf({ ...english, price: { per_million_chars: 22 } }, decoded.usage)).toBe(110_000n);
  });

  test("more than 200 characters are refused", () => {
    expect(speech.check({ ...say(), prompt: "x".repeat(201) }, english)).toMatchObject([{ field: "prompt" }]);
  });
});

describe("Groq transcription", () => {
  const turbo = shipped("groq/whisper-large-v3-turbo");
  const transcription = unary(groq.transcription, turbo);
  const hear = (params: Partial<TranscriptionRequest["params"]> = {}): TranscriptionRequest => ({
    prompt: "",
    params: { audio: { data: wav(3).toString("base64") }, ...params },
  });

  test("always asks for the form that says how long it was", async () => {
    const request = transcription.request(hear({ timestamps: "word", hints: ["Oslo"] }), turbo, credentials);
    const form = await formOf(request);
    expect(form.slice(0, -1)).toEqual([
      ["model", "whisper-large-v3-turbo"],
      ["response_format", "verbose_json"],
      ["timestamp_granularities[]", "word"],
      ["prompt", "Oslo"],
    ]);
    expect(form.at(-1)?.[0]).toBe("file");
  });

  test("fetches a URL by itself", async () => {
    const url = "https://example.test/talk.mp3";
    const form = await formOf(transcription.request(hear({ audio: { url } }), turbo, credentials));
    expect(form.at(-1)).toEqual(["url", url]);
  });

  test("cannot tell speakers apart", () => {
    expect(transcription.check(hear({ diarize: true }), turbo)).toMatchObject([{ field: "params.diarize" }]);
    expect(transcription.check(hear({ diarize: false }), turbo)).toEqual([]);
  });

  test.each([
    [4, 10, 111_112n],
    [90, 90, 1_000_000n],
  ])("%i seconds are charged as %i", (duration, seconds, cost) => {
    const body = { task: "transcribe", language: "English", duration, text: "Hi", x_groq: { id: "req_02" } };
    const decoded = transcription.decode(json(body), hear(), turbo);
    expect(decoded).toMatchObject({ result: { duration_s: duration }, usage: { seconds }, requestId: "req_02" });
    if ("failure" in decoded) throw new Error("failed");
    // $0.04 an hour, rounded up to a nano-dollar.
    expect(costOf(turbo, decoded.usage)).toBe(cost);
  });

  test("an error under status 200 is a failure", () => {
    const body = { error: { message: "no capacity", type: "internal", code: "capacity_exceeded" } };
    expect(transcription.decode(json(body), hear(), turbo)).toMatchObject({ failure: { kind: "overloaded" } });
  });
});
