import { describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import type { ImageRequest } from "../../../src/providers/shapes/image.ts";
import type { SpeechRequest } from "../../../src/providers/shapes/speech.ts";
import type { TranscriptionRequest } from "../../../src/providers/shapes/transcription.ts";
import type { VideoRequest } from "../../../src/providers/shapes/video.ts";
import { xai } from "../../../src/providers/xai/index.ts";
import { bodyOf, formOf, job, jpeg, json, png, raw, shipped, unansweredModels, unary, wav } from "../support/media.ts";
import { credentials } from "../support/model.ts";

test("every Grok model for media is answered for", () => {
  expect(unansweredModels(xai)).toEqual([]);
});

const pngUrl = `data:image/png;base64,${png.toString("base64")}`;

describe("Grok images", () => {
  const model = shipped("xai/grok-imagine-image");
  const image = unary(xai.image, model);
  const draw = (params: ImageRequest["params"] = {}): ImageRequest => ({ prompt: "a red kite", params });

  test("are asked for as bytes", () => {
    const request = image.request(
      draw({ n: 2, aspect_ratio: "19.5:9", size: "2K", quality: "high", format: "jpeg" }),
      model,
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/images/generations`);
    expect(bodyOf(request)).toEqual({
      model: "grok-imagine-image",
      prompt: "a red kite",
      n: 2,
      aspect_ratio: "19.5:9",
      resolution: "2k",
      quality: "high",
      response_format: "b64_json",
    });
  });

  test("an edit is JSON too, one image by itself and several in a list", () => {
    const still = { data: png.toString("base64") };
    const url = "https://example.test/a.jpg";
    const one = image.request(draw({ images: [still] }), model, credentials);
    expect(one.url).toBe(`${credentials.baseUrl}/images/edits`);
    expect(bodyOf(one)).toMatchObject({ image: { url: pngUrl, type: "image_url" } });
    expect(bodyOf(image.request(draw({ images: [still, { url }] }), model, credentials))).toMatchObject({
      images: [
        { url: pngUrl, type: "image_url" },
        { url, type: "image_url" },
      ],
    });
  });

  test.each<[ImageRequest["params"], string]>([
    [{ size: "1024x1024" }, "params.size"],
    [{ aspect_ratio: "5:4" }, "params.aspect_ratio"],
    [{ quality: "max" }, "params.quality"],
    [{ seed: 1 }, "params.seed"],
    [{ mask: { data: "AAAA" } }, "params.mask"],
    [{ n: 11 }, "params.n"],
  ])("%j is refused", (params, field) => {
    expect(image.check(draw(params), model)).toMatchObject([{ field }]);
  });

  test("what costs money cannot be set past the budget", () => {
    const request = { ...draw(), provider_options: { resolution: "2k" } };
    expect(() => image.request(request, model, credentials)).toThrow("provider_options.xai.resolution");
  });

  const drawn = { b64_json: jpeg.toString("base64"), mime_type: "image/jpeg", respect_moderation: true };

  test("one that is held back is counted, and the provider's own cost holds", () => {
    const body = { data: [drawn, { respect_moderation: false }], usage: { cost_in_usd_ticks: 400_000_005 } };
    const decoded = image.decode(json(body, 200, { "x-trace-id": "t1" }), draw({ n: 2 }), model);
    expect(decoded).toEqual({
      result: { images: [{ mediaType: "image/jpeg", source: { kind: "bytes", bytes: jpeg } }], filtered: 1 },
      usage: { images: 1, providerCostNanoUsd: 40_000_001n },
      requestId: "t1",
    });
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf(model, decoded.usage)).toBe(40_000_001n);
    // Without the provider's word: one image at $0.02.
    expect(costOf(model, { images: 1 })).toBe(20_000_000n);
  });

  test.each<[unknown, object]>([
    [
      { data: [{ respect_moderation: false }], usage: { cost_in_usd_ticks: 10 } },
      { failure: { kind: "content_refused" }, usage: { providerCostNanoUsd: 1n } },
    ],
    [{ code: "x", error: "The service is currently unavailable" }, { failure: { kind: "overloaded" } }],
    [{ data: [] }, { failure: { kind: "malformed" } }],
    ["<html>", { failure: { kind: "malformed" } }],
  ])("%j is a failure", (body, outcome) => {
    expect(image.decode(json(body), draw(), model)).toMatchObject(outcome);
  });
});

describe("Grok video", () => {
  const model = shipped("xai/grok-imagine-video-1.5");
  const first = shipped("xai/grok-imagine-video");
  const video = job(xai.video, model);
  const film = (params: VideoRequest["params"] = {}): VideoRequest => ({ prompt: "a fox runs", params });
  const still = { data: png.toString("base64") };

  test("is asked for with its frames", () => {
    const request = video.submit(
      film({
        duration_s: 6,
        aspect_ratio: "9:16",
        resolution: "1080p",
        with_audio: true,
        first_frame: still,
        last_frame: { url: "https://example.test/b.png" },
        reference_images: [still],
      }),
      model,
      credentials,
    );
    expect(request).toMatchObject({ method: "POST", url: `${credentials.baseUrl}/videos/generations` });
    expect(bodyOf(request)).toEqual({
      model: "grok-imagine-video-1.5",
      prompt: "a fox runs",
      duration: 6,
      aspect_ratio: "9:16",
      resolution: "1080p",
      generate_audio: true,
      image: { url: pngUrl },
      last_frame: { url: "https://example.test/b.png" },
      reference_images: [{ url: pngUrl }],
    });
  });

  test("a video is edited, or extended where a length is given", () => {
    const source = { url: "https://example.test/a.mp4" };
    const edit = video.submit(film({ video: source }), model, credentials);
    expect(edit.url).toBe(`${credentials.baseUrl}/videos/edits`);
    expect(bodyOf(edit)).toMatchObject({ video: source });
    const extend = video.submit(film({ video: source, duration_s: 4 }), model, credentials);
    expect(extend.url).toBe(`${credentials.baseUrl}/videos/extensions`);
    expect(video.check(film({ video: source, aspect_ratio: "1:1" }), model)).toMatchObject([
      { field: "params.aspect_ratio", droppable: true },
    ]);
  });

  test.each<[VideoRequest["params"], string, boolean]>([
    [{ resolution: "1080p" }, "params.resolution", true],
    [{ last_frame: still }, "params.last_frame", false],
    [{ duration_s: 16 }, "params.duration_s", true],
    [{ aspect_ratio: "21:9" }, "params.aspect_ratio", true],
    [{ seed: 1 }, "params.seed", true],
    [{ fps: 24 }, "params.fps", true],
  ])("the first model refuses %j", (params, field, droppable) => {
    expect(video.check(film(params), first)).toMatchObject([{ field, droppable }]);
  });

  test("the length, which is what costs money, cannot be set past the budget", () => {
    const request = { ...film(), provider_options: { duration: 15 } };
    expect(() => video.submit(request, model, credentials)).toThrow("provider_options.xai.duration");
  });

  const running = { id: "vid_9f" };

  test("runs while the answer is 202, with a body or without", () => {
    expect(video.submitted(json({ request_id: "vid_9f" }), film(), model)).toEqual({ state: "running", job: running });
    expect(video.poll(running, model, credentials)).toEqual({
      method: "GET",
      url: `${credentials.baseUrl}/videos/vid_9f`,
      headers: { authorization: `Bearer ${credentials.apiKey}` },
    });
    expect(video.polled(json("", 202), running, model)).toEqual({ state: "running", job: running });
    expect(video.polled(json({ status: "pending", progress: 35 }, 202), running, model)).toEqual({
      state: "running",
      job: running,
      progress: 0.35,
    });
    expect(video.cancel).toBeUndefined();
  });

  const url = "https://vidgen.x.ai/xyz.mp4";
  const made = { url, duration: 6, respect_moderation: true };

  test.each([
    ["with its status", { status: "done", video: made, usage: { cost_in_usd_ticks: 3_000_000_000 } }, 300_000_000n],
    ["without a status", { video: made }, 480_000_000n],
  ])("is done %s, and charged what the provider says or by the second", (_name, body, cost) => {
    const ended = video.polled(json(body), running, model);
    expect(ended).toMatchObject({
      state: "succeeded",
      result: { videos: [{ mediaType: "video/mp4", durationS: 6, source: { kind: "url", url } }] },
      usage: { seconds: 6 },
    });
    if (ended.state !== "succeeded") throw new Error("failed");
    expect(costOf(model, ended.usage)).toBe(cost);
  });

  test.each<[unknown, string]>([
    [{ status: "done", video: { duration: 6, respect_moderation: false } }, "content_refused"],
    [{ status: "done", video: {} }, "malformed"],
    [{ status: "expired" }, "not_found"],
    [{ status: "failed", error: { code: "internal", message: "the model is at capacity" } }, "overloaded"],
    [
      { status: "failed", error: { code: "invalid-argument", message: "Prompt violates usage guidelines" } },
      "content_refused",
    ],
    [{ status: "failed" }, "server_error"],
    ["<html>", "malformed"],
  ])("%j is a failure", (body, kind) => {
    expect(video.polled(json(body), running, model)).toMatchObject({ state: "failed", failure: { kind } });
  });

  test("an error that passes says nothing of the job, which is paid for", () => {
    const error = json({ code: "x", error: "The service is currently unavailable" });
    expect(video.polled(error, running, model)).toEqual({ state: "running", job: running });
    expect(video.polled(json({ error: "Invalid API key" }), running, model)).toMatchObject({ state: "failed" });
  });

  test("a submission without an id, or with an error, is a failure", () => {
    expect(video.submitted(json({}), film(), model)).toMatchObject({ state: "failed", failure: { kind: "malformed" } });
    const error = json({ error: "Incorrect API key provided" });
    expect(video.submitted(error, film(), model)).toMatchObject({ failure: { kind: "unauthenticated" } });
  });
});

describe("Grok speech", () => {
  const model = shipped("xai/grok-tts");
  const speech = unary(xai.speech, model);
  const say = (params: SpeechRequest["params"] = {}): SpeechRequest => ({ prompt: "Hello", params });

  test("names a codec and a rate", () => {
    const request = speech.request(
      say({ voice: "Rex", language: "pt-BR", format: "mulaw", sample_rate: 8_000, speed: 1.2 }),
      model,
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/tts`);
    expect(bodyOf(request)).toEqual({
      text: "Hello",
      voice_id: "Rex",
      language: "pt-BR",
      output_format: { codec: "mulaw", sample_rate: 8_000 },
      speed: 1.2,
    });
    expect(bodyOf(speech.request(say(), model, credentials))).toMatchObject({ voice_id: "eve", language: "auto" });
  });

  test.each<[SpeechRequest["params"], string]>([
    [{ format: "opus" }, "params.format"],
    [{ speed: 2 }, "params.speed"],
    [{ sample_rate: 96_000 }, "params.sample_rate"],
    [{ instructions: "warmly" }, "params.instructions"],
  ])("%j is refused", (params, field) => {
    expect(speech.check(say(params), model)).toMatchObject([{ field, droppable: true }]);
  });

  test("is charged by the character, as bytes or in JSON", () => {
    const expected = { result: { audio: { mediaType: "audio/mpeg", source: { bytes: Buffer.from("ID3") } } } };
    for (const answer of [
      raw("ID3", "audio/mpeg"),
      json({ audio: Buffer.from("ID3").toString("base64"), duration: 1 }),
    ]) {
      expect(speech.decode(answer, say(), model)).toMatchObject({ ...expected, usage: { characters: 5 } });
    }
    expect(costOf({ ...model, price: { per_million_chars: 4.2 } }, { characters: 5 })).toBe(21_000n);
  });

  test.each([
    [json({ error: "boom" }), "server_error"],
    [raw("<html>", "text/html"), "malformed"],
    [raw("", "audio/mpeg"), "malformed"],
  ])("an answer without sound is a failure", (answer, kind) => {
    expect(speech.decode(answer, say(), model)).toMatchObject({ failure: { kind } });
  });
});

describe("Grok transcription", () => {
  const model = shipped("xai/grok-stt");
  const transcription = unary(xai.transcription, model);
  const hear = (params: Partial<TranscriptionRequest["params"]> = {}): TranscriptionRequest => ({
    prompt: "",
    params: { audio: { data: wav().toString("base64") }, ...params },
  });

  test("has the file as its last part", async () => {
    const request = transcription.request(
      {
        ...hear({ language: "en", diarize: true, hints: ["Oslo", "fjord"] }),
        provider_options: { filler_words: true },
      },
      model,
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/stt`);
    const form = await formOf(request);
    expect(form.slice(0, -1)).toEqual([
      ["language", "en"],
      ["format", "true"],
      ["diarize", "true"],
      ["filler_words", "true"],
      ["keyterm", "Oslo"],
      ["keyterm", "fjord"],
    ]);
    expect(form.at(-1)).toEqual(["file", expect.stringMatching(/^audio\.wav audio\/wav RIFF/)]);
  });

  test("words, speakers and the length are read", () => {
    const words = [
      { text: "Hello", start: 0.1, end: 0.4, speaker: 0 },
      { text: "there.", start: 0.5, end: 0.9, speaker: 1 },
    ];
    const body = { text: "Hello there.", language: "en", duration: 1.8, words };
    const decoded = transcription.decode(json(body), hear({ diarize: true }), model);
    expect(decoded).toMatchObject({
      result: { text: "Hello there.", language: "en", duration_s: 1.8, words: [{ speaker: "0" }, { speaker: "1" }] },
      usage: { seconds: 1.8 },
    });
    expect(costOf({ ...model, price: { per_hour: 0.1 } }, { seconds: 1.8 })).toBe(50_000n);
    const plain = transcription.decode(json(body), hear(), model);
    expect("result" in plain && "words" in plain.result).toBe(false);
  });

  test.each([
    ['{"error":"boom"}', "server_error"],
    ["{}", "malformed"],
  ])("%s is a failure", (body, kind) => {
    expect(transcription.decode(json(body), hear(), model)).toMatchObject({ failure: { kind } });
  });

  test("segments are refused, and a URL is", () => {
    expect(transcription.check(hear({ timestamps: "segment" }), model)).toMatchObject([{ field: "params.timestamps" }]);
    expect(transcription.check(hear({ audio: { url: "https://a.test/b.wav" } }), model)).toMatchObject([
      { field: "params.audio", droppable: false },
    ]);
  });
});
