import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { assemblyai } from "../../../src/providers/assemblyai/index.ts";
import type { TranscriptionRequest, TranscriptionResult } from "../../../src/providers/shapes/transcription.ts";
import { bodyOf, job, json, shipped, unansweredModels, wav } from "../support/media.ts";
import { credentials } from "../support/model.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";

test("every AssemblyAI model that is not spoken to over a socket is answered for", () => {
  expect(unansweredModels(assemblyai)).toEqual([]);
});

const model = shipped("assemblyai/universal-3-5-pro");
const older = shipped("assemblyai/universal-2");
const oldest = shipped("assemblyai/slam-1");
const transcription = job(assemblyai.transcription, model);
const recording = { url: "https://example.test/a.mp3" };
const hear = (params: Partial<TranscriptionRequest["params"]> = {}, more: Partial<TranscriptionRequest> = {}) => ({
  prompt: "",
  params: { audio: recording, ...params },
  ...more,
});

describe("a transcript is asked for", () => {
  test.each<[Partial<TranscriptionRequest["params"]>, object]>([
    [{}, { language_detection: true }],
    [{ language: "en-GB" }, { language_code: "en_uk" }],
    [{ language: "pt-BR" }, { language_code: "pt" }],
    [{ language: "zh-Hans-CN" }, { language_code: "zh" }],
    [{ language: "de-CH" }, { language_code: "de_ch" }],
    [
      { diarize: true, hints: ["Oslo"], timestamps: "word" },
      { language_detection: true, speaker_labels: true, keyterms_prompt: ["Oslo"] },
    ],
  ])("with %j", (params, fields) => {
    const request = transcription.submit(hear(params), model, credentials);
    expect(request).toMatchObject({
      method: "POST",
      url: `${credentials.baseUrl}/v2/transcript`,
      headers: { authorization: credentials.apiKey },
    });
    expect(bodyOf(request)).toEqual({
      audio_url: "https://example.test/a.mp3",
      speech_models: ["universal-3-5-pro"],
      ...fields,
    });
  });

  test("slam-1 by the field it comes from, in English alone", () => {
    expect(bodyOf(transcription.submit(hear(), oldest, credentials))).toEqual({
      audio_url: "https://example.test/a.mp3",
      speech_model: "slam-1",
    });
    expect(transcription.check(hear({ language: "de" }), oldest)).toMatchObject([{ field: "params.language" }]);
  });

  test("with a prompt where the model reads one, and then without hints", () => {
    const request = transcription.submit(hear({}, { prompt: "A call" }), model, credentials);
    expect(bodyOf(request)).toMatchObject({ prompt: "A call" });
    expect(transcription.check(hear({}, { prompt: "A call" }), older)).toMatchObject([
      { field: "prompt", droppable: false },
    ]);
    expect(transcription.check(hear({ hints: ["x"] }, { prompt: "A call" }), model)).toMatchObject([
      { field: "params.hints", droppable: true },
    ]);
  });

  test.each([
    ["speaker_labels", true, "params.diarize"],
    ["summarization", true, "Leave it out"],
    ["multichannel", true, "Leave it out"],
    ["audio_url", "https://example.test/b.mp3", "params.audio"],
  ])("and not with native %s, which is paid for", (name, value, next) => {
    const request = hear({}, { provider_options: { [name]: value } });
    expect(() => transcription.submit(request, model, credentials)).toThrow(
      expect.objectContaining({ code: "invalid_request", next: expect.stringContaining(next) }),
    );
  });

  test("with native fields that change nothing of that kind", () => {
    const request = hear({}, { provider_options: { disfluencies: true, redact_pii: true } });
    expect(bodyOf(transcription.submit(request, model, credentials))).toMatchObject({
      disfluencies: true,
      redact_pii: true,
    });
  });
});

test("bytes go up first, and the link that comes back takes their place", () => {
  const asked = hear({ audio: { data: wav().toString("base64") } });
  const [upload] = transcription.uploads?.(asked, model) ?? [];
  const request = upload?.request(credentials);
  expect(request).toMatchObject({
    url: `${credentials.baseUrl}/v2/upload`,
    headers: { authorization: credentials.apiKey, "content-type": "application/octet-stream" },
  });
  expect(Buffer.from(request?.body as Uint8Array).equals(wav())).toBe(true);
  const link = { upload_url: "https://cdn.assemblyai.com/upload/1" };
  const ready = upload?.uploaded(json(link), asked);
  if (!ready || "failure" in ready) throw new Error("no upload");
  expect(bodyOf(transcription.submit(ready, model, credentials))).toMatchObject({ audio_url: link.upload_url });
  expect(upload?.uploaded(json({}), asked)).toMatchObject({ failure: { kind: "malformed" } });
  expect(transcription.uploads?.(hear(), model)).toEqual([]);
});

describe("a job", () => {
  const transcript = {
    id: "0d6e1f2a-0000-4000-8000-000000000001",
    status: "completed",
    text: "Hello there. And you?",
    audio_duration: 3,
    language_code: "en_us",
    words: [
      { text: "Hello", start: 120, end: 480, confidence: 0.98, speaker: "A" },
      { text: "there.", start: 500, end: 900, confidence: 0.98, speaker: "A" },
      { text: "And", start: 1_000, end: 1_200, confidence: 0.98, speaker: "B" },
      { text: "you?", start: 1_300, end: 1_500, confidence: 0.98, speaker: "B" },
      { text: "broken", start: "x" },
    ],
    utterances: null,
    error: null,
  };
  const started = (params: Partial<TranscriptionRequest["params"]> = {}) => {
    const state = transcription.submitted(json({ id: "t/1", status: "queued" }), hear(params), model);
    if (state.state !== "running") throw new Error("not running");
    return JSON.parse(JSON.stringify(state.job)) as typeof state.job;
  };

  test("is asked for by its id until it ends", () => {
    expect(transcription.poll(started(), model, credentials)).toMatchObject({
      method: "GET",
      url: `${credentials.baseUrl}/v2/transcript/t%2F1`,
      headers: { authorization: credentials.apiKey },
    });
    for (const status of ["queued", "processing"]) {
      expect(transcription.polled(json({ status }), started(), model)).toEqual({ state: "running", job: started() });
    }
    expect(transcription.cancel).toBeUndefined();
  });

  test("gives the text, its times in seconds, and is charged by the second", () => {
    const plain = transcription.polled(json(transcript), started(), model);
    expect(plain).toEqual({
      state: "succeeded",
      result: { text: "Hello there. And you?", language: "en-US", duration_s: 3 },
      usage: { seconds: 3 },
      requestId: undefined,
    });
    expect(transcription.polled(json(transcript), started({ timestamps: "word" }), model)).toMatchObject({
      result: { words: [{ text: "Hello", start_s: 0.12, end_s: 0.48, speaker: "A" }, {}, {}, {}] },
    });
    const sentences = transcription.polled(json(transcript), started({ timestamps: "segment" }), model);
    expect(sentences).toMatchObject({
      result: {
        segments: [
          { text: "Hello there.", start_s: 0.12, end_s: 0.9 },
          { text: "And you?", start_s: 1, end_s: 1.5 },
        ],
      },
    });
    // $0.21 an hour: three seconds.
    expect(costOf(model, { seconds: 3 })).toBe(175_000n);
    // Speakers are two cents an hour more, and so is what is blacked out and what is medical.
    expect(costOf(model, { seconds: 3_600 }, { addOns: ["diarize", "redact_pii", "domain"] })).toBe(460_000_000n);
  });

  test("gives what each speaker said", () => {
    const utterances = [{ speaker: "A", start: 120, end: 900, text: "Hello there." }];
    const done = transcription.polled(json({ ...transcript, utterances }), started({ diarize: true }), model);
    expect(done).toMatchObject({ result: { segments: [{ speaker: "A", start_s: 0.12, text: "Hello there." }] } });
  });

  test.each([
    [{ status: "error", error: "Server error, developers have been alerted" }, "server_error"],
    [{ status: "error", error: "Transcoding failed. File does not appear to contain audio." }, "bad_request"],
    [{ status: "error", error: null }, "bad_request"],
    [{ status: "completed", text: null }, "malformed"],
    [{ status: "elsewhere" }, "malformed"],
    ["<html>", "malformed"],
  ])("that ends as %j has failed", (body, kind) => {
    expect(transcription.polled(json(body), started(), model)).toMatchObject({ state: "failed", failure: { kind } });
  });

  test("without an id is none", () => {
    expect(transcription.submitted(json({}), hear(), model)).toMatchObject({ failure: { kind: "malformed" } });
  });
});

test.each([
  [400, { error: "audio_url should start with http" }, { kind: "bad_request" }],
  [400, { error: "Your current account balance is negative. Please top up" }, { kind: "quota_exhausted" }],
  [401, { error: "Authentication error, API token missing/invalid" }, { kind: "unauthenticated" }],
  [403, { error: "Cannot access uploaded file" }, { kind: "forbidden" }],
  [404, { error: "Transcript lookup error, transcript id not found" }, { kind: "not_found" }],
  [429, { error: "Too many requests" }, { kind: "rate_limited", retryAfterMs: 7_000 }],
  [500, { error: "Server error, developers have been alerted" }, { kind: "server_error" }],
  [503, { error: "unavailable" }, { kind: "overloaded" }],
  [504, { error: "timeout" }, { kind: "timeout" }],
])("status %i with %j", (status, body, expected) => {
  expect(assemblyai.decodeError(status, { "retry-after": "7" }, JSON.stringify(body))).toMatchObject(expected);
});

describe("against the simulator", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation("assemblyai");
  });
  afterAll(() => simulation.close());

  test("bytes go up, the job ends, and what is charged is what was billed", async () => {
    const asked = hear({ audio: { data: wav(2).toString("base64") }, diarize: true, timestamps: "word" });
    const done = await simulation.perform<TranscriptionResult>(model, asked);
    expect(done.result).toMatchObject({ text: expect.stringContaining("2 seconds"), duration_s: 2 });
    expect(done.result.words?.[0]).toMatchObject({ start_s: 0, speaker: "A" });
    expect(done.billed).toEqual({ seconds: 2 });
    expect(done.usage).toEqual({ seconds: 2 });
  });

  test("what is no sound fails for good", async () => {
    const asked = hear({ audio: { data: Buffer.from("no sound at all").toString("base64"), media_type: "audio/wav" } });
    expect(await simulation.failure(model, asked)).toMatchObject({ failure: { kind: "bad_request" } });
  });
});
