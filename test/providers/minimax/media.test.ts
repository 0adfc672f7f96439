import { describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { pricedRequest, worstCaseOfTask } from "../../../src/infer/tasks/asked.ts";
import { minimax } from "../../../src/providers/minimax/index.ts";
import type { ImageRequest } from "../../../src/providers/shapes/image.ts";
import type { MusicRequest } from "../../../src/providers/shapes/music.ts";
import type { SpeechRequest } from "../../../src/providers/shapes/speech.ts";
import type { TranscriptionRequest } from "../../../src/providers/shapes/transcription.ts";
import type { VideoRequest } from "../../../src/providers/shapes/video.ts";
import { bodyOf, formOf, job, jpeg, json, png, shipped, unansweredModels, unary, wav } from "../support/media.ts";
import { card, credentials } from "../support/model.ts";

test("every MiniMax model for media is answered for", () => {
  expect(unansweredModels(minimax)).toEqual([]);
});

const ok = { status_code: 0, status_msg: "success" };
const refused = (status_code: number) => ({ base_resp: { status_code, status_msg: "no" } });
const still = { data: png.toString("base64") };
const pngUrl = `data:image/png;base64,${still.data}`;

describe("MiniMax speech", () => {
  const model = shipped("minimax/speech-2.8-turbo");
  const speech = unary(minimax.speech, model);
  const say = (params: SpeechRequest["params"] = {}): SpeechRequest => ({ prompt: "Hi.", params });

  test("is asked for as hexadecimal digits", () => {
    const request = speech.request(
      {
        ...say({ voice: "v", speed: 1.5, format: "mulaw", sample_rate: 8_000, language: "pt-BR" }),
        provider_options: { voice_setting: { emotion: "happy" } },
      },
      model,
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/v1/t2a_v2`);
    expect(bodyOf(request)).toEqual({
      model: "speech-2.8-turbo",
      text: "Hi.",
      voice_setting: { voice_id: "v", speed: 1.5, emotion: "happy" },
      audio_setting: { format: "pcmu_raw", sample_rate: 8_000 },
      language_boost: "Portuguese",
      output_format: "hex",
    });
  });

  test.each<[SpeechRequest["params"], string]>([
    [{ format: "aac" }, "params.format"],
    [{ sample_rate: 48_000 }, "params.sample_rate"],
    [{ speed: 3 }, "params.speed"],
    [{ language: "tlh" }, "params.language"],
    [{ instructions: "warmly" }, "params.instructions"],
  ])("%j is refused", (params, field) => {
    expect(speech.check(say(params), model)).toMatchObject([{ field, droppable: true }]);
  });

  test("ten thousand characters are refused", () => {
    expect(speech.check({ ...say(), prompt: "x".repeat(10_000) }, model)).toMatchObject([{ field: "prompt" }]);
  });

  test("is charged by the characters that MiniMax counted", () => {
    const body = {
      data: { audio: "494433", status: 2 },
      extra_info: { audio_length: 640, audio_sample_rate: 32_000, usage_characters: 6 },
      trace_id: "04ab",
      base_resp: ok,
    };
    const decoded = speech.decode(json(body), say(), model);
    expect(decoded).toEqual({
      result: {
        audio: { mediaType: "audio/mpeg", source: { kind: "bytes", bytes: Buffer.from("ID3") }, durationS: 0.64 },
      },
      usage: { characters: 6 },
      requestId: "04ab",
    });
    // $60 a million.
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf(model, decoded.usage)).toBe(360_000n);
  });

  test.each([
    [refused(1002), "rate_limited"],
    [refused(1004), "unauthenticated"],
    [refused(1008), "quota_exhausted"],
    [refused(1026), "content_refused"],
    [refused(2013), "bad_request"],
    [{ data: { audio: "" }, base_resp: ok }, "malformed"],
    [{ data: { audio: "zz" }, base_resp: ok }, "malformed"],
    ["<html>", "malformed"],
  ])("%j under status 200 is a failure", (body, kind) => {
    expect(speech.decode(json(body), say(), model)).toMatchObject({ failure: { kind } });
  });
});

describe("MiniMax music", () => {
  const model = shipped("minimax/music-3.0");
  const music = unary(minimax.music, model);
  const play = (params: MusicRequest["params"] = {}, prompt = "calm"): MusicRequest => ({ prompt, params });
  const sent = (params: MusicRequest["params"]) => bodyOf(music.request(play(params), model, credentials));
  const audio = { sample_rate: 44_100, format: "mp3" };

  test.each<[MusicRequest["params"], object]>([
    [{ lyrics: "[Verse] la" }, { lyrics: "[Verse] la", audio_setting: audio }],
    [{ instrumental: true }, { is_instrumental: true, audio_setting: audio }],
    [
      { format: "wav", sample_rate: 16_000 },
      { lyrics_optimizer: true, audio_setting: { sample_rate: 16_000, format: "wav" } },
    ],
  ])("%j", (params, body) => {
    expect(sent(params)).toEqual({ model: "music-3.0", prompt: "calm", output_format: "hex", ...body });
  });

  test.each<[MusicRequest, string, boolean]>([
    [play({ lyrics: "la", instrumental: true }), "params.lyrics", false],
    [play({ lyrics: "x".repeat(3_501) }), "params.lyrics", false],
    [play({ duration_s: 30 }), "params.duration_s", true],
    [play({ seed: 1 }), "params.seed", true],
    [play({ format: "opus" }), "params.format", true],
    [play({}, ""), "prompt", false],
    [play({}, "x".repeat(2_001)), "prompt", false],
  ])("%j is refused", (request, field, droppable) => {
    expect(music.check(request, model)).toMatchObject([{ field, droppable }]);
  });

  test("is charged by the track", () => {
    const body = {
      data: { status: 2, audio: "494433" },
      extra_info: { music_duration: 90_500, music_sample_rate: 44_100 },
      trace_id: "t",
      base_resp: ok,
    };
    const decoded = music.decode(json(body), play(), model);
    expect(decoded).toMatchObject({
      result: { audio: { mediaType: "audio/mpeg", durationS: 90.5, source: { bytes: Buffer.from("ID3") } } },
      usage: { seconds: 90.5 },
    });
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf(model, decoded.usage)).toBe(150_000_000n);
    expect(music.decode(json(refused(1027)), play(), model)).toMatchObject({ failure: { kind: "content_refused" } });
  });
});

describe("MiniMax images", () => {
  const model = shipped("minimax/image-01");
  const image = unary(minimax.image, model);
  const draw = (params: ImageRequest["params"] = {}): ImageRequest => ({ prompt: "a red kite", params });

  test("are asked for as base64, a character to be guided by beside them", () => {
    const request = image.request(draw({ n: 2, size: "1024x768", seed: 4, images: [still] }), model, credentials);
    expect(request.url).toBe(`${credentials.baseUrl}/v1/image_generation`);
    expect(bodyOf(request)).toEqual({
      model: "image-01",
      prompt: "a red kite",
      width: 1024,
      height: 768,
      n: 2,
      seed: 4,
      response_format: "base64",
      subject_reference: [{ type: "character", image_file: pngUrl }],
    });
  });

  test.each<[ImageRequest["params"], string]>([
    [{ size: "1K" }, "params.size"],
    [{ size: "500x512" }, "params.size"],
    [{ size: "1024x1023" }, "params.size"],
    [{ size: "1024x1024", aspect_ratio: "1:1" }, "params.aspect_ratio"],
    [{ aspect_ratio: "2:1" }, "params.aspect_ratio"],
    [{ images: [still, still] }, "params.images"],
    [{ n: 10 }, "params.n"],
    [{ quality: "low" }, "params.quality"],
  ])("%j is refused", (params, field) => {
    expect(image.check(draw(params), model)).toMatchObject([{ field }]);
  });

  test.each([
    [
      "metadata",
      { data: { image_base64: [jpeg.toString("base64")] }, metadata: { success_count: 1, failed_count: 1 } },
    ],
    ["data", { data: { image_base64: [jpeg.toString("base64")], success_count: "1", failed_count: "1" } }],
  ])("what was held back is counted, from %s", (_name, body) => {
    const decoded = image.decode(json({ ...body, base_resp: ok }), draw({ n: 2 }), model);
    expect(decoded).toMatchObject({
      result: { images: [{ mediaType: "image/jpeg", source: { kind: "bytes", bytes: jpeg } }], filtered: 1 },
      usage: { images: 1 },
    });
    expect(costOf({ ...model, price: { per_image: 0.0035 } }, { images: 1 })).toBe(3_500_000n);
  });

  test.each([
    [{ data: {}, metadata: { success_count: 0, failed_count: 2 }, base_resp: ok }, "content_refused"],
    [{ data: {}, base_resp: ok }, "malformed"],
    [refused(1026), "content_refused"],
  ])("%j is a failure", (body, kind) => {
    expect(image.decode(json(body), draw(), model)).toMatchObject({ failure: { kind } });
  });

  test("links are taken where they come", () => {
    const body = { data: { image_urls: ["https://a.test/1.jpeg", "ftp://a.test/2"] }, base_resp: ok };
    expect(image.decode(json(body), draw(), model)).toMatchObject({
      result: { images: [{ source: { kind: "url", url: "https://a.test/1.jpeg" } }] },
    });
  });
});

describe("MiniMax transcription", () => {
  const model = shipped("minimax/asr-1.0");
  const transcription = unary(minimax.transcription, model);
  const hear = (params: Partial<TranscriptionRequest["params"]> = {}): TranscriptionRequest => ({
    prompt: "",
    params: { audio: { data: wav().toString("base64") }, ...params },
  });

  test("is a form", async () => {
    const request = transcription.request(hear({ language: "en", timestamps: "word" }), model, credentials);
    expect(request.url).toBe(`${credentials.baseUrl}/v1/speech_to_text`);
    expect(await formOf(request)).toEqual([
      ["model", "asr-1.0"],
      ["language", "en"],
      ["response_format", "verbose_json"],
      ["timestamp_level", "word"],
      ["file", expect.stringMatching(/^audio\.wav audio\/wav RIFF/)],
    ]);
  });

  const body = {
    text: "Hi. Ho.",
    duration: 2.5,
    n_speakers: 2,
    segments: [{ id: 0, start: 0, end: 1, speaker: 0, text: "Hi." }],
    trace_id: "t",
  };

  test.each([
    [{ timestamps: "segment" }, "segments"],
    [{ diarize: true }, "segments"],
    [{ timestamps: "word" }, "words"],
  ] as const)("%j gives %s", (params, name) => {
    expect(transcription.decode(json(body), hear(params), model)).toMatchObject({
      result: { text: "Hi. Ho.", duration_s: 2.5, [name]: [{ start_s: 0, end_s: 1, speaker: "0", text: "Hi." }] },
      usage: { seconds: 2.5 },
    });
  });

  test("without a wish for times there are none; no text is a failure", () => {
    const decoded = transcription.decode(json(body), hear(), model);
    expect(Object.keys("result" in decoded ? decoded.result : {})).toEqual(["text", "duration_s"]);
    expect(transcription.decode(json({ base_resp: ok }), hear(), model)).toMatchObject({
      failure: { kind: "malformed" },
    });
    expect(transcription.check(hear({ hints: ["x"] }), model)).toMatchObject([{ field: "params.hints" }]);
  });
});

const film = (params: VideoRequest["params"] = {}, prompt = "a fox runs"): VideoRequest => ({ prompt, params });

describe("Hailuo video", () => {
  const older = shipped("minimax/MiniMax-Hailuo-02");
  const model = shipped("minimax/MiniMax-Hailuo-2.3");
  const fast = shipped("minimax/MiniMax-Hailuo-2.3-Fast");
  const video = job(minimax.video, model);

  test("says length and size even where nobody asked, since they are what is paid for", () => {
    const request = video.submit(film(), model, credentials);
    expect(request.url).toBe(`${credentials.baseUrl}/v1/video_generation`);
    expect(bodyOf(request)).toEqual({
      model: "MiniMax-Hailuo-2.3",
      prompt: "a fox runs",
      duration: 6,
      resolution: "768P",
    });
    const framed = film({ first_frame: still, last_frame: still, duration_s: 10, resolution: "512p" }, "");
    expect(bodyOf(video.submit(framed, older, credentials))).toEqual({
      model: "MiniMax-Hailuo-02",
      duration: 10,
      resolution: "512P",
      first_frame_image: pngUrl,
      last_frame_image: pngUrl,
    });
  });

  test.each([
    [model, {}, 280_000_000n],
    [model, { duration_s: 10 }, 560_000_000n],
    [model, { resolution: "1080p" }, 490_000_000n],
    [fast, { first_frame: still }, 190_000_000n],
    [shipped("minimax/MiniMax-H3"), {}, 400_000_000n],
    [shipped("minimax/MiniMax-H3"), { reference_images: [still, still, still, still, still, still] }, 440_000_000n],
  ] as const)("of %o with %j, what is made is what is set aside", (on, params, amount) => {
    expect(worstCaseOfTask(on, pricedRequest(on, film(params), job(minimax.video, on)))).toBe(amount);
  });

  test.each([
    [model, { resolution: "1080p", duration_s: 10 }, "params.duration_s"],
    [model, { last_frame: still }, "params.last_frame"],
    [model, { resolution: "512p" }, "params.resolution"],
    [model, { aspect_ratio: "16:9" }, "params.aspect_ratio"],
    [older, { resolution: "512p" }, "params.resolution"],
    [fast, {}, "params.first_frame"],
    [card("minimax/T2V-01", { task: "video" }), { first_frame: still }, "params.first_frame"],
  ] as const)("%o refuses %j", (on, params, field) => {
    expect(video.check(film(params), on)).toMatchObject([{ field }]);
    expect(video.check(film({ first_frame: still }, ""), model)).toEqual([]);
  });

  test("goes from task to file to link, and is charged by the clip", () => {
    const submitted = video.submitted(json({ task_id: "106200000000000000", base_resp: ok }), film(), model);
    expect(submitted).toEqual({ state: "running", job: { id: "106200000000000000", data: { duration_s: 6 } } });
    if (submitted.state !== "running") throw new Error("not running");
    const written = JSON.parse(JSON.stringify(submitted.job)) as typeof submitted.job;
    expect(video.poll(written, model, credentials).url).toBe(
      `${credentials.baseUrl}/v1/query/video_generation?task_id=106200000000000000`,
    );
    for (const status of ["Preparing", "Queueing", "Processing"]) {
      expect(video.polled(json({ status, base_resp: ok }), written, model)).toEqual(submitted);
    }
    const success = { status: "Success", file_id: "205", video_width: 1366, video_height: 768, base_resp: ok };
    const ready = video.polled(json(success), written, model);
    if (ready.state !== "ready") throw new Error("not ready");
    expect(video.fetch?.(ready.job, model, credentials)).toMatchObject({
      method: "GET",
      url: `${credentials.baseUrl}/v1/files/retrieve?file_id=205`,
    });
    const link = { file: { file_id: "205", download_url: "https://cdn.test/a.mp4" }, base_resp: ok };
    const done = video.fetched?.(json(link), ready.job, model);
    expect(done).toMatchObject({
      result: { videos: [{ durationS: 6, width: 1366, height: 768, source: { url: "https://cdn.test/a.mp4" } }] },
      usage: { seconds: 6 },
    });
    if (!done || "failure" in done) throw new Error("failed");
    expect(costOf(model, done.usage, { resolution: "768p" })).toBe(280_000_000n);
    expect(costOf(model, done.usage, { resolution: "1080p" })).toBe(490_000_000n);
    expect(video.cancel).toBeUndefined();
  });

  const running = { id: "1" };

  test.each([
    [{ status: "Fail", base_resp: ok }, "server_error"],
    [{ status: "Failed", base_resp: { status_code: 1027, status_msg: "output sensitive" } }, "content_refused"],
    [{ status: "Fail", base_resp: { status_code: 1000, status_msg: "unknown" } }, "server_error"],
    [{ status: "Unknown", base_resp: ok }, "not_found"],
    [{ status: "Success", base_resp: ok }, "malformed"],
    [{ base_resp: ok }, "malformed"],
    [refused(1004), "unauthenticated"],
  ])("%j ends the job", (body, kind) => {
    expect(video.polled(json(body), running, model)).toMatchObject({ state: "failed", failure: { kind } });
  });

  test("a question that came too often does not end it", () => {
    expect(video.polled(json(refused(1002)), running, model)).toEqual({ state: "running", job: running });
  });

  test("a refused submission and a file without a link are failures", () => {
    expect(video.submitted(json(refused(1008)), film(), model)).toMatchObject({ failure: { kind: "quota_exhausted" } });
    expect(video.submitted(json({ base_resp: ok }), film(), model)).toMatchObject({ failure: { kind: "malformed" } });
    expect(video.fetched?.(json({ file: {}, base_resp: ok }), running, model)).toMatchObject({
      failure: { kind: "malformed" },
    });
  });
});

describe("H3 video", () => {
  const model = shipped("minimax/MiniMax-H3");
  const video = job(minimax.video, model);

  test("is content with roles", () => {
    const request = video.submit(
      film({ first_frame: still, last_frame: { url: "https://a.test/b.png" }, resolution: "2k", duration_s: 4 }),
      model,
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/v2/video_generation`);
    expect(bodyOf(request)).toEqual({
      model: "MiniMax-H3",
      content: [
        { type: "text", text: "a fox runs" },
        { type: "image_url", image_url: { url: pngUrl }, role: "first_frame" },
        { type: "image_url", image_url: { url: "https://a.test/b.png" }, role: "last_frame" },
      ],
      resolution: "2K",
      duration: 4,
      ratio: "adaptive",
    });
    expect(bodyOf(video.submit(film(), model, credentials))).toMatchObject({
      resolution: "768P",
      duration: 5,
      ratio: "16:9",
    });
    const guided = film({ reference_images: [still], video: { url: "https://a.test/v.mp4" }, aspect_ratio: "21:9" });
    expect(bodyOf(video.submit(guided, model, credentials))).toMatchObject({
      content: [
        { type: "text" },
        { role: "reference_image" },
        { type: "video_url", video_url: { url: "https://a.test/v.mp4" }, role: "reference_video" },
      ],
      ratio: "21:9",
    });
  });

  test.each<[VideoRequest["params"], string]>([
    [{ aspect_ratio: "auto" }, "params.aspect_ratio"],
    [{ resolution: "1080p" }, "params.resolution"],
    [{ duration_s: 3 }, "params.duration_s"],
    [{ last_frame: still }, "params.last_frame"],
    [{ first_frame: still, reference_images: [still] }, "params.reference_images"],
    [{ reference_images: Array.from({ length: 10 }, () => still) }, "params.reference_images"],
    [{ with_audio: true }, "params.with_audio"],
  ])("%j is refused", (params, field) => {
    expect(video.check(film(params), model)).toMatchObject([{ field }]);
  });

  const running = { id: "t-1" };
  const task = (rest: object) => json({ task: { id: "t-1", model: "MiniMax-H3", ...rest } });

  test("is done when its task says so, and charged by the second at its size", () => {
    expect(video.submitted(json({ task_id: "t-1", base_resp: ok }), film(), model)).toEqual({
      state: "running",
      job: running,
    });
    expect(video.poll(running, model, credentials).url).toBe(`${credentials.baseUrl}/v2/query/video_generation/t-1`);
    for (const status of ["queued", "running"]) {
      expect(video.polled(task({ status }), running, model)).toEqual({ state: "running", job: running });
    }
    const usage = { total_seconds: 5, input_image_count: 0 };
    const done = task({ status: "succeeded", content: { url: "https://cdn.test/a.mp4" }, duration: 5, usage });
    const ended = video.polled(done, running, model);
    expect(ended).toMatchObject({
      state: "succeeded",
      result: { videos: [{ durationS: 5, source: { kind: "url", url: "https://cdn.test/a.mp4" } }] },
      usage: { seconds: 5 },
    });
    if (ended.state !== "succeeded") throw new Error("failed");
    expect(costOf(model, ended.usage, { resolution: "2k" })).toBe(650_000_000n);
    expect(costOf(model, ended.usage)).toBe(400_000_000n);
  });

  test.each<[object, object]>([
    [{ status: "cancelled" }, { state: "cancelled" }],
    [{ status: "expired" }, { state: "failed", failure: { kind: "not_found" } }],
    [{ status: "failed" }, { state: "failed", failure: { kind: "server_error" } }],
    [
      {
        status: "failed",
        error: { code: 1026, message: "input sensitive" },
        usage: { output_seconds: 2, input_seconds: 1 },
      },
      { state: "failed", failure: { kind: "content_refused" }, usage: { seconds: 3 } },
    ],
    [
      { status: "succeeded", content: {} },
      { state: "failed", failure: { kind: "malformed" } },
    ],
    [{}, { state: "failed", failure: { kind: "malformed" } }],
  ])("%j ends the job", (rest, state) => {
    expect(video.polled(task(rest), running, model)).toMatchObject(state);
  });

  test("an error that passes does not end it", () => {
    expect(video.polled(json(refused(1024)), running, model)).toEqual({ state: "running", job: running });
    expect(video.polled(json(refused(2049)), running, model)).toMatchObject({ failure: { kind: "unauthenticated" } });
  });
});
