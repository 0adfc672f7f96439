import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { alibaba } from "../../../src/providers/alibaba/index.ts";
import type { ImageRequest, ImageResult } from "../../../src/providers/shapes/image.ts";
import type { SpeechRequest, SpeechResult } from "../../../src/providers/shapes/speech.ts";
import type { TranscriptionRequest, TranscriptionResult } from "../../../src/providers/shapes/transcription.ts";
import type { VideoRequest, VideoResult } from "../../../src/providers/shapes/video.ts";
import type { FaultInput } from "../../../src/simulator/faults/fault.ts";
import { bodyOf, job, json, png, shipped, unansweredModels, unary, wav } from "../support/media.ts";
import { card, credentials } from "../support/model.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";

test("every Alibaba model for media is answered for", () => {
  expect(unansweredModels(alibaba)).toEqual([]);
});

test.each([
  ["image", "wanx2.1-t2i-turbo"],
  ["image", "wan2.5-t2i-preview"],
  ["speech", "cosyvoice-v3"],
  ["speech", "qwen3-tts-flash-realtime"],
  ["transcription", "qwen3-asr-flash-filetrans"],
  ["transcription", "qwen3-asr-flash-realtime"],
] as const)("nothing does %s with %s, which has a route of its own", (task, id) => {
  expect(alibaba[task]?.(card(`alibaba/${id}`, { task }))).toBeUndefined();
});

const still = { data: png.toString("base64") };
const pngUrl = `data:image/png;base64,${still.data}`;
const clip = { url: "https://a.test/clip.mp4" };
const services = `${credentials.baseUrl}/api/v1/services`;

const nativeErrors = [
  [400, "InvalidParameter", "bad_request"],
  [400, "DataInspectionFailed", "content_refused"],
  [400, "Arrearage", "quota_exhausted"],
  [401, "InvalidApiKey", "unauthenticated"],
  [403, "AccessDenied", "forbidden"],
  [403, "AccessDenied.Unpurchased", "quota_exhausted"],
  [403, "AllocationQuota.FreeTierOnly", "quota_exhausted"],
  [404, "ModelNotFound", "not_found"],
  [429, "Throttling.RateQuota", "rate_limited"],
  [429, "Throttling.AllocationQuota", "rate_limited"],
  [500, "InternalError", "server_error"],
  [503, "ServiceUnavailable", "overloaded"],
  [504, "RequestTimeOut", "timeout"],
] as const;

test.each(nativeErrors)("status %d %s is %s", (status, code, kind) => {
  const body = JSON.stringify({ request_id: "r-1", code, message: "no" });
  expect(alibaba.decodeError(status, { "x-request-id": "r-1" }, body)).toMatchObject({
    kind,
    status,
    code,
    message: "no",
    requestId: "r-1",
  });
});

describe("Alibaba images", () => {
  const model = shipped("alibaba/qwen-image-3.0-pro");
  const image = unary(alibaba.image, model);
  const draw = (params: ImageRequest["params"] = {}): ImageRequest => ({ prompt: "a red kite", params });

  test("are asked for in pixels with an asterisk, what they are made from before the words", () => {
    const request = image.request(
      {
        ...draw({ n: 2, size: "2K", aspect_ratio: "16:9", seed: 4, negative_prompt: "rain", images: [still] }),
        provider_options: { parameters: { prompt_extend: false } },
      },
      model,
      credentials,
    );
    expect(request.url).toBe(`${services}/aigc/multimodal-generation/generation`);
    expect(request.headers).toMatchObject({ authorization: "Bearer test-key" });
    expect(bodyOf(request)).toEqual({
      model: "qwen-image-3.0-pro",
      input: { messages: [{ role: "user", content: [{ image: pngUrl }, { text: "a red kite" }] }] },
      parameters: {
        size: "2720*1536",
        n: 2,
        negative_prompt: "rain",
        seed: 4,
        watermark: false,
        prompt_extend: false,
      },
    });
  });

  const sizeOf = (params: ImageRequest["params"]) =>
    (bodyOf(image.request(draw(params), model, credentials)) as { parameters: { size?: string } }).parameters.size;

  test.each<[ImageRequest["params"], string | undefined]>([
    // Two thousand cost more, and nobody asked for them.
    [{}, "1024*1024"],
    [{ size: "1K", aspect_ratio: "1:1" }, "1024*1024"],
    [{ size: "1280x720" }, "1280*720"],
    [{ aspect_ratio: "9:16" }, "768*1360"],
    [{ images: [still] }, undefined],
    [{ images: [still], aspect_ratio: "auto" }, undefined],
    [{ images: [still], size: "2K" }, "2048*2048"],
  ])("%j are %s", (params, size) => {
    expect(sizeOf(params)).toBe(size);
  });

  test.each<[ImageRequest["params"], string, boolean]>([
    [{ size: "4K" }, "params.size", true],
    [{ size: "500x500" }, "params.size", true],
    [{ size: "2049x2048" }, "params.size", true],
    [{ size: "1024x1024", aspect_ratio: "1:1" }, "params.aspect_ratio", true],
    [{ aspect_ratio: "5:1" }, "params.aspect_ratio", true],
    [{ n: 5 }, "params.n", false],
    [{ images: Array.from({ length: 4 }, () => still) }, "params.images", false],
    [{ images: [{ url: "https://a.test/x.gif" }] }, "params.images[0]", false],
    [{ mask: still }, "params.mask", false],
    [{ quality: "low" }, "params.quality", true],
    [{ format: "jpeg" }, "params.format", true],
    [{ seed: 2_147_483_648 }, "params.seed", true],
  ])("%j is refused", (params, field, droppable) => {
    expect(image.check(draw(params), model)).toMatchObject([{ field, droppable }]);
  });

  test("Wan's largest draws four thousand, and is guided by nine", () => {
    const wan = card("alibaba/wan2.7-image-pro", { task: "image" });
    const many = (length: number) => draw({ images: Array.from({ length }, () => still) });
    expect(image.check(many(9), wan)).toEqual([]);
    expect(image.check(many(10), wan)).toMatchObject([{ field: "params.images" }]);
    expect(image.check(draw({ size: "4K" }), wan)).toEqual([]);
  });

  test("what is set aside for them is for the size that they get", () => {
    expect(image.defaults?.(draw(), model)).toEqual({ size: "1K" });
    expect(image.defaults?.(draw({ images: [still] }), model)).toEqual({ size: "2K" });
  });

  test.each(["n", "size"])("%s cannot come past the budget", (name) => {
    const request = { ...draw(), provider_options: { parameters: { [name]: 4 } } };
    expect(() => image.request(request, model, credentials)).toThrowError(
      `provider_options.alibaba.parameters.${name} cannot be set`,
    );
  });

  const made = (...urls: string[]) => ({
    request_id: "f3",
    output: {
      finished: true,
      choices: urls.map((url) => ({
        finish_reason: "stop",
        message: { role: "assistant", content: [{ type: "image", image: url }] },
      })),
    },
    usage: { image_count: urls.length, size: "2048*2048" },
  });

  test("are links, charged by their number and size", () => {
    const decoded = image.decode(json(made("https://a.test/1.png", "https://a.test/2.png")), draw({ n: 2 }), model);
    expect(decoded).toEqual({
      result: {
        images: ["1", "2"].map((name) => ({
          mediaType: "image/png",
          source: { kind: "url", url: `https://a.test/${name}.png` },
        })),
      },
      usage: { images: 2 },
      requestId: "f3",
    });
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf(model, decoded.usage, { size: "2K" })).toBe(214_000_000n);
    expect(costOf(model, decoded.usage)).toBe(114_000_000n);
  });

  test.each([
    [{ request_id: "r", output: { choices: [] }, usage: {} }, "malformed", undefined],
    [made("ftp://a.test/1.png"), "malformed", { images: 1 }],
    [{ request_id: "r", code: "DataInspectionFailed", message: "no" }, "content_refused", undefined],
    [{ request_id: "r" }, "malformed", undefined],
    ["<html>", "malformed", undefined],
  ])("%j is a failure", (body, kind, usage) => {
    const decoded = image.decode(json(body), draw(), model);
    expect(decoded).toMatchObject({ failure: { kind } });
    expect("failure" in decoded ? decoded.usage : decoded).toEqual(usage);
  });
});

describe("Alibaba speech", () => {
  const model = shipped("alibaba/qwen3-tts-flash");
  const speech = unary(alibaba.speech, model);
  const say = (params: SpeechRequest["params"] = {}, prompt = "Hello there"): SpeechRequest => ({ prompt, params });

  test("is asked for in the input alone", () => {
    const request = speech.request(say({ voice: "Ethan", language: "pt-BR", format: "wav" }), model, credentials);
    expect(request.url).toBe(`${services}/aigc/multimodal-generation/generation`);
    expect(bodyOf(request)).toEqual({
      model: "qwen3-tts-flash",
      input: { text: "Hello there", voice: "Ethan", language_type: "Portuguese" },
    });
    expect(bodyOf(speech.request(say(), model, credentials))).toMatchObject({ input: { voice: "Cherry" } });
    const instructed = card("alibaba/qwen3-tts-instruct-flash", { task: "speech" });
    const asked = speech.request(say({ instructions: "warmly" }), instructed, credentials);
    expect(bodyOf(asked)).toMatchObject({ input: { instructions: "warmly" } });
  });

  test.each<[SpeechRequest, string]>([
    [say({ format: "mp3" }), "params.format"],
    [say({ sample_rate: 48_000 }), "params.sample_rate"],
    [say({ speed: 2 }), "params.speed"],
    [say({ language: "nl" }), "params.language"],
    [say({ instructions: "warmly" }), "params.instructions"],
    [say({}, "x".repeat(601)), "prompt"],
    [say({}, " "), "prompt"],
  ])("%j is refused", (request, field) => {
    expect(speech.check(request, model)).toMatchObject([{ field }]);
  });

  test("is a link to a WAV, charged by the characters that Alibaba counted", () => {
    const body = {
      request_id: "r",
      output: { finish_reason: "stop", audio: { data: "", url: "http://a.test/1.wav", id: "a" } },
      usage: { characters: 11 },
    };
    const decoded = speech.decode(json(body), say(), model);
    expect(decoded).toEqual({
      result: { audio: { mediaType: "audio/wav", source: { kind: "url", url: "http://a.test/1.wav" } } },
      usage: { characters: 11 },
      requestId: "r",
    });
    expect(costOf({ ...model, price: { per_million_chars: 100 } }, { characters: 11 })).toBe(1_100_000n);
    const silent = { ...body, output: { audio: { data: "", url: "" } } };
    expect(speech.decode(json(silent), say(), model)).toMatchObject({ failure: { kind: "malformed" } });
  });
});

describe("Alibaba transcription", () => {
  const model = shipped("alibaba/qwen3-asr-flash");
  const transcription = unary(alibaba.transcription, model);
  const sound = { data: wav().toString("base64") };
  const hear = (params: Partial<TranscriptionRequest["params"]> = {}): TranscriptionRequest => ({
    prompt: "",
    params: { audio: sound, ...params },
  });

  test("has hints as context, bytes as a data URL, and links as they are", () => {
    const request = transcription.request(hear({ language: "en-GB", hints: ["Oslo", "fjord"] }), model, credentials);
    expect(request.url).toBe(`${services}/aigc/multimodal-generation/generation`);
    expect(bodyOf(request)).toEqual({
      model: "qwen3-asr-flash",
      input: {
        messages: [
          { role: "system", content: [{ text: "Oslo, fjord" }] },
          { role: "user", content: [{ audio: `data:audio/wav;base64,${sound.data}` }] },
        ],
      },
      parameters: { asr_options: { language: "en" } },
    });
    const linked = transcription.request(hear({ audio: { url: "https://a.test/a.mp3" } }), model, credentials);
    expect(bodyOf(linked)).toEqual({
      model: "qwen3-asr-flash",
      input: { messages: [{ role: "user", content: [{ audio: "https://a.test/a.mp3" }] }] },
    });
  });

  test.each<[Partial<TranscriptionRequest["params"]>, string]>([
    [{ diarize: true }, "params.diarize"],
    [{ timestamps: "word" }, "params.timestamps"],
    [{ audio: { url: "https://a.test/a.png" } }, "params.audio"],
    [{ audio: { data: "A".repeat(10_000_004), media_type: "audio/wav" } }, "params.audio"],
  ])("%s is refused", (params, field) => {
    expect(transcription.check(hear(params), model)).toMatchObject([{ field }]);
  });

  const heard = (content: unknown) => ({
    request_id: "r",
    output: {
      choices: [{ message: { content, annotations: [{ type: "audio_info", language: "en", emotion: "neutral" }] } }],
    },
    usage: { seconds: 60 },
  });

  test("is text and its language, charged by the second", () => {
    const decoded = transcription.decode(json(heard([{ text: "Hello " }, { text: "there." }])), hear(), model);
    expect(decoded).toEqual({
      result: { text: "Hello there.", language: "en", duration_s: 60 },
      usage: { seconds: 60 },
      requestId: "r",
    });
    if ("failure" in decoded) throw new Error("failed");
    // $0.000035 a second.
    expect(costOf(model, decoded.usage)).toBe(2_100_000n);
  });

  test("silence is no failure, an answer without a message is", () => {
    expect(transcription.decode(json(heard([])), hear(), model)).toMatchObject({ result: { text: "" } });
    expect(transcription.decode(json(heard(undefined)), hear(), model)).toMatchObject({
      failure: { kind: "malformed" },
    });
  });
});

describe("Alibaba video", () => {
  const film = (params: VideoRequest["params"] = {}, prompt = "a fox runs"): VideoRequest => ({ prompt, params });
  const of = (id: string) => {
    const model = shipped(`alibaba/${id}`);
    return { model, video: job(alibaba.video, model) };
  };
  const sent = (id: string, params: VideoRequest["params"], prompt?: string) => {
    const { model, video } = of(id);
    return bodyOf(video.submit(film(params, prompt), model, credentials));
  };
  const five = { duration: 5, watermark: false };

  test("is asked for as a task, of what its price is listed for", () => {
    const { model, video } = of("wan2.7-t2v");
    expect(video.defaults?.(film(), model)).toEqual({ duration_s: 5, resolution: "720p" });
    const request = video.submit(film(), model, credentials);
    expect(request.url).toBe(`${services}/aigc/video-generation/video-synthesis`);
    expect(request.headers).toMatchObject({ "x-dashscope-async": "enable" });
  });

  test.each<[string, VideoRequest["params"], object, object, string?]>([
    [
      "wan2.7-t2v",
      { resolution: "1080p", aspect_ratio: "21:9", duration_s: 15, seed: 3, negative_prompt: "rain" },
      { prompt: "a fox runs", negative_prompt: "rain" },
      { resolution: "1080P", ratio: "21:9", duration: 15, seed: 3, watermark: false },
    ],
    [
      "wan2.7-i2v",
      { first_frame: still, last_frame: { url: "https://a.test/l.png" } },
      {
        media: [
          { type: "first_frame", url: pngUrl },
          { type: "last_frame", url: "https://a.test/l.png" },
        ],
      },
      { resolution: "720P", ...five },
      "",
    ],
    [
      "wan2.7-i2v",
      { video: clip },
      { prompt: "a fox runs", media: [{ type: "first_clip", url: clip.url }] },
      { resolution: "720P", ...five },
    ],
    [
      "wan2.7-r2v",
      { video: clip, reference_images: [still] },
      {
        prompt: "a fox runs",
        media: [
          { type: "reference_video", url: clip.url },
          { type: "reference_image", url: pngUrl },
        ],
      },
      { resolution: "720P", ...five },
    ],
    [
      "wan2.7-videoedit",
      { video: clip, aspect_ratio: "1:1" },
      { prompt: "a fox runs", media: [{ type: "video", url: clip.url }] },
      { resolution: "720P", ratio: "1:1", ...five },
    ],
    [
      "wan2.6-t2v",
      { resolution: "1080p", aspect_ratio: "9:16" },
      { prompt: "a fox runs" },
      { size: "1080*1920", ...five },
    ],
    ["wan2.5-t2v-preview", { resolution: "480p" }, { prompt: "a fox runs" }, { size: "832*480", ...five }],
    [
      "wan2.6-i2v",
      { first_frame: still, with_audio: false, duration_s: 10 },
      { prompt: "a fox runs", img_url: pngUrl },
      { resolution: "720P", duration: 10, audio: false, watermark: false },
    ],
    [
      "wan2.6-r2v",
      { video: clip, reference_images: [still] },
      { prompt: "a fox runs", reference_urls: [clip.url, pngUrl] },
      { size: "1280*720", ...five },
    ],
    [
      "wan3.0-prime",
      { aspect_ratio: "auto", with_audio: true },
      { prompt: "a fox runs" },
      { resolution: "720P", ratio: "adaptive", audio: true, ...five },
    ],
  ])("%s with %j", (id, params, input, parameters, prompt) => {
    expect(sent(id, params, prompt)).toEqual({ model: id, input, parameters });
  });

  test.each<[string, VideoRequest["params"], string]>([
    ["wan3.0", {}, "wan3.0-video"],
    ["happyhorse-1.1", {}, "happyhorse-1.1-t2v"],
    ["happyhorse-1.1", { first_frame: still }, "happyhorse-1.1-i2v"],
    ["happyhorse-1.0", { reference_images: [still] }, "happyhorse-1.0-r2v"],
  ])("%s with %j is %s at Alibaba", (id, params, wireId) => {
    expect(sent(id, params)).toMatchObject({ model: wireId });
  });

  test.each<[string, VideoRequest["params"], string, boolean]>([
    ["wan2.7-t2v", { resolution: "480p" }, "params.resolution", true],
    ["wan2.7-t2v", { duration_s: 16 }, "params.duration_s", true],
    ["wan2.7-t2v", { first_frame: still }, "params.first_frame", false],
    ["wan2.7-t2v", { with_audio: false }, "params.with_audio", true],
    ["wan2.6-t2v", { duration_s: 6 }, "params.duration_s", true],
    ["wan2.6-t2v", { aspect_ratio: "21:9" }, "params.aspect_ratio", true],
    ["wan2.6-i2v", {}, "params.first_frame", false],
    ["wan2.7-i2v", { first_frame: still, aspect_ratio: "1:1" }, "params.aspect_ratio", true],
    ["wan2.7-i2v", { first_frame: still, video: clip }, "params.video", false],
    ["wan2.7-r2v", {}, "params.reference_images", false],
    ["wan2.7-videoedit", { reference_images: [still] }, "params.video", false],
    ["wan2.7-videoedit", { video: { data: "AAAA", media_type: "video/mp4" } }, "params.video", false],
    ["wan3.0", { last_frame: still }, "params.last_frame", false],
    ["wan3.0", { first_frame: still, reference_images: [still] }, "params.reference_images", false],
    ["happyhorse-1.0", { last_frame: still }, "params.last_frame", false],
    ["happyhorse-1.0", { negative_prompt: "rain" }, "params.negative_prompt", true],
    ["happyhorse-1.0", { fps: 24 }, "params.fps", true],
  ])("%s refuses %j", (id, params, field, droppable) => {
    const { model, video } = of(id);
    expect(video.check(film(params), model)).toMatchObject([{ field, droppable }]);
  });

  test("words are needed where nothing else is given, and not too many of them", () => {
    const { model, video } = of("wan3.0");
    expect(video.check(film({}, " "), model)).toMatchObject([{ field: "prompt" }]);
    expect(video.check(film({ first_frame: still }, ""), model)).toEqual([]);
    expect(video.check(film({}, "x".repeat(5_001)), model)).toMatchObject([{ field: "prompt" }]);
  });

  test.each(["duration", "resolution", "size"])("%s cannot come past the budget", (name) => {
    const { model, video } = of("wan2.6-t2v");
    const request = { ...film(), provider_options: { parameters: { [name]: "x" } } };
    expect(() => video.submit(request, model, credentials)).toThrowError(`parameters.${name} cannot be set`);
  });

  const { model, video } = of("wan2.7-r2v");
  const waiting = { id: "a8", data: { status: "PENDING" } };
  const task = (output: object, usage?: object) =>
    json({ request_id: "r", output: { task_id: "a8", ...output }, ...(usage && { usage }) });

  test("is asked about by its id, and can be stopped while it waits", () => {
    const submitted = video.submitted(task({ task_status: "PENDING" }), film(), model);
    expect(submitted).toEqual({ state: "running", job: waiting });
    expect(video.poll(waiting, model, credentials)).toMatchObject({
      method: "GET",
      url: `${credentials.baseUrl}/api/v1/tasks/a8`,
    });
    expect(video.cancel?.(waiting, model, credentials)).toMatchObject({
      method: "POST",
      url: `${credentials.baseUrl}/api/v1/tasks/a8/cancel`,
    });
    for (const status of ["PENDING", "RUNNING", "SUSPENDED"]) {
      const running = { id: "a8", data: { status } };
      expect(video.polled(task({ task_status: status }), waiting, model)).toEqual({ state: "running", job: running });
    }
    expect(video.cancel?.({ id: "a8", data: { status: "RUNNING" } }, model, credentials)).toBeUndefined();
  });

  test("is charged for what was read as well as what was made", () => {
    const usage = { duration: 5, output_video_duration: 5, input_video_duration: 4, SR: 720, video_count: 1 };
    const done = video.polled(
      task({ task_status: "SUCCEEDED", video_url: "https://a.test/a.mp4" }, usage),
      waiting,
      model,
    );
    expect(done).toEqual({
      state: "succeeded",
      result: {
        videos: [{ mediaType: "video/mp4", source: { kind: "url", url: "https://a.test/a.mp4" }, durationS: 5 }],
      },
      usage: { seconds: 9 },
      requestId: "r",
    });
    expect(costOf(model, { seconds: 9 })).toBe(900_000_000n);
    expect(costOf(model, { seconds: 9 }, { resolution: "1080p" })).toBe(1_350_000_000n);
  });

  test.each<[object, object]>([
    [{ task_status: "FAILED", code: "InternalError", message: "no" }, { failure: { kind: "server_error" } }],
    [{ task_status: "FAILED", code: "DataInspectionFailed" }, { failure: { kind: "content_refused" } }],
    [{ task_status: "FAILED", code: "InvalidParameter", message: "no" }, { failure: { kind: "bad_request" } }],
    [{ task_status: "FAILED" }, { failure: { kind: "server_error" } }],
    [{ task_status: "CANCELED" }, { state: "cancelled" }],
    [{ task_status: "UNKNOWN" }, { failure: { kind: "not_found" } }],
    [{ task_status: "SUCCEEDED" }, { failure: { kind: "malformed" } }],
    [{}, { failure: { kind: "malformed" } }],
  ])("%j ends the job", (output, ending) => {
    expect(video.polled(task(output), waiting, model)).toMatchObject(ending);
  });

  test("an error that passes does not end it, one that stays does", () => {
    const said = (code: string) => video.polled(json({ request_id: "r", code, message: "no" }), waiting, model);
    expect(said("Throttling.RateQuota")).toEqual({ state: "running", job: waiting });
    expect(said("InvalidApiKey")).toMatchObject({ state: "failed", failure: { kind: "unauthenticated" } });
  });

  test.each([
    [{ request_id: "r", output: {} }, "malformed"],
    [{ request_id: "r", code: "Throttling", message: "no" }, "rate_limited"],
  ])("%j is no task", (body, kind) => {
    expect(video.submitted(json(body), film(), model)).toMatchObject({ state: "failed", failure: { kind } });
  });
});

describe("over HTTP, Alibaba's simulator", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation("alibaba");
  });
  afterAll(() => simulation.close());

  test("draws what is asked for", async () => {
    const asked = { prompt: "a kite", params: { n: 2, size: "1K", aspect_ratio: "16:9", seed: 1, images: [still] } };
    const done = await simulation.perform<ImageResult>(shipped("alibaba/qwen-image-3.0"), asked);
    expect(done.usage).toEqual(done.billed);
    expect(done.result.images).toHaveLength(2);
    for (const image of done.result.images) {
      expect(Buffer.from(await simulation.bytes(image)).toString("latin1", 1, 4)).toBe("PNG");
    }
  });

  test("speaks", async () => {
    const asked = { prompt: "Hello there.", params: { language: "en", voice: "Cherry" } };
    const done = await simulation.perform<SpeechResult>(shipped("alibaba/qwen3-tts-flash"), asked);
    expect(done.usage).toEqual(done.billed);
    expect(Buffer.from(await simulation.bytes(done.result.audio)).toString("latin1", 0, 4)).toBe("RIFF");
  });

  test("hears", async () => {
    const params = { audio: { data: wav(2).toString("base64") }, hints: ["Oslo"], language: "en" };
    const done = await simulation.perform<TranscriptionResult>(shipped("alibaba/qwen3-asr-flash"), {
      prompt: "",
      params,
    });
    expect(done.result.text).not.toBe("");
    expect(done.usage).toEqual(done.billed);
    expect(done.billed).toEqual({ seconds: 2 });
  });

  test.each<[string, VideoRequest["params"]]>([
    ["wan3.0", { with_audio: true, aspect_ratio: "auto", last_frame: still, first_frame: still }],
    ["wan3.0-prime", { reference_images: [still], duration_s: 2 }],
    ["happyhorse-1.1", { aspect_ratio: "9:16" }],
    ["happyhorse-1.0", { first_frame: still }],
    ["wan2.7-t2v", { negative_prompt: "rain", seed: 1 }],
    ["wan2.7-i2v", { first_frame: still, last_frame: still }],
    ["wan2.7-r2v", { reference_images: [still], video: clip }],
    ["wan2.7-videoedit", { video: clip }],
    ["wan2.6-t2v", { resolution: "1080p", aspect_ratio: "4:3" }],
    ["wan2.6-i2v", { first_frame: still, with_audio: true }],
    ["wan2.6-r2v", { video: clip, duration_s: 10 }],
    ["wan2.5-t2v-preview", { resolution: "480p", aspect_ratio: "1:1" }],
  ])("films with %s %j", async (id, params) => {
    const done = await simulation.perform<VideoResult>(shipped(`alibaba/${id}`), { prompt: "a fox runs", params });
    expect(done.jobs.map(({ data }) => data?.status)).toEqual(["PENDING", "PENDING", "RUNNING"]);
    expect(done.usage).toEqual(done.billed);
    const [film] = done.result.videos;
    expect(film && Buffer.from(await simulation.bytes(film)).toString("latin1", 4, 8)).toBe("ftyp");
  });

  const fox = { prompt: "a fox runs", params: {} };

  test("takes back what is not wanted any more, and charges nothing for it", async () => {
    expect(await simulation.giveUp(shipped("alibaba/wan2.7-t2v"), fox)).toEqual({ seconds: 0 });
    expect(simulation.simulator.book.entries.at(-1)).toMatchObject({ method: "POST", status: 200 });
  });

  test.each([
    ["fail this job", "server_error"],
    ["please refuse", "content_refused"],
  ])("told to %s, it fails as %s", async (prompt, kind) => {
    const { failure, usage } = await simulation.failure(shipped("alibaba/wan2.7-t2v"), { prompt, params: {} });
    expect(failure.kind).toBe(kind);
    expect(usage).toBeUndefined();
  });

  test("refuses a drawing in its own words", async () => {
    const asked = { prompt: "please refuse", params: {} };
    const { failure } = await simulation.failure(shipped("alibaba/qwen-image-3.0"), asked);
    expect(failure).toMatchObject({ kind: "content_refused", code: "DataInspectionFailed", status: 400 });
  });

  test.each<[FaultInput, string]>([
    [{ kind: "rate_limited", retry: "seconds", afterMs: 3_000 }, "rate_limited"],
    [{ kind: "quota_exhausted" }, "quota_exhausted"],
    [{ kind: "invalid_key" }, "unauthenticated"],
    [{ kind: "server_error" }, "server_error"],
    [{ kind: "overloaded" }, "overloaded"],
    [{ kind: "html" }, "malformed"],
  ])("failing by %j is told as %s, whatever was asked for", async (fault, kind) => {
    for (const id of ["alibaba/wan2.7-t2v", "alibaba/qwen-image-3.0", "alibaba/qwen3-tts-flash"]) {
      simulation.simulator.faults.script([{ fault, provider: "alibaba" }]);
      expect((await simulation.failure(shipped(id), fox)).failure.kind).toBe(kind);
    }
  });
});
