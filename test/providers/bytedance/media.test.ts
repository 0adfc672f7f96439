import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { bytedance } from "../../../src/providers/bytedance/index.ts";
import type { EmbeddingResult } from "../../../src/providers/shapes/embedding.ts";
import type { ImageRequest, ImageResult } from "../../../src/providers/shapes/image.ts";
import type { VideoRequest, VideoResult } from "../../../src/providers/shapes/video.ts";
import type { FaultInput } from "../../../src/simulator/faults/fault.ts";
import { bodyOf, job, jpeg, json, png, shipped, unansweredModels, unary } from "../support/media.ts";
import { credentials } from "../support/model.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";

test("every ByteDance model for media is answered for", () => {
  expect(unansweredModels(bytedance)).toEqual([]);
});

const still = { data: png.toString("base64") };
const pngUrl = `data:image/png;base64,${still.data}`;
const clip = { url: "https://a.test/clip.mp4" };

test.each([
  [400, "InvalidParameter.Size", "bad_request"],
  [400, "InputTextSensitiveContentDetected", "content_refused"],
  [400, "OutputVideoSensitiveContentDetected", "content_refused"],
  [400, "InputImageRiskDetection", "content_refused"],
  [401, "AuthenticationError", "unauthenticated"],
  [403, "AccountOverdueError", "quota_exhausted"],
  [403, "AccessDenied", "forbidden"],
  [404, "InvalidEndpointOrModel.NotFound", "not_found"],
  [404, "ModelNotOpen", "not_found"],
  [429, "RateLimitExceeded.EndpointRPMExceeded", "rate_limited"],
  [429, "ServerOverloaded", "overloaded"],
  [429, "SetLimitExceeded", "quota_exhausted"],
  [429, "QuotaExceeded.FreeTier", "quota_exhausted"],
  [500, "InternalServiceError", "server_error"],
] as const)("status %d %s is %s", (status, code, kind) => {
  const body = JSON.stringify({ error: { code, message: "no", param: "", type: "BadRequest" } });
  expect(bytedance.decodeError(status, { "retry-after": "2" }, body)).toMatchObject({
    kind,
    status,
    code,
    retryAfterMs: 2_000,
  });
});

describe("Seedream", () => {
  const model = shipped("bytedance/seedream-4-5-251128");
  const pro = shipped("bytedance/dola-seedream-5-0-pro-260628");
  const edits = shipped("bytedance/seededit-3-0-i2i-250628");
  const image = unary(bytedance.image, model);
  const draw = (params: ImageRequest["params"] = {}): ImageRequest => ({ prompt: "a red kite", params });

  test("is asked for as bytes, without a mark", () => {
    const request = image.request(
      { ...draw({ images: [still, { url: "https://a.test/b.png" }] }), provider_options: { guidance_scale: 3 } },
      model,
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/images/generations`);
    expect(bodyOf(request)).toEqual({
      model: "seedream-4-5-251128",
      prompt: "a red kite",
      image: [pngUrl, "https://a.test/b.png"],
      size: "2K",
      response_format: "b64_json",
      watermark: false,
      guidance_scale: 3,
    });
    expect(bodyOf(image.request(draw({ images: [still] }), model, credentials))).toMatchObject({ image: pngUrl });
  });

  test.each([
    [model, {}, { size: "2K" }],
    [model, { size: "4K" }, { size: "4K" }],
    [model, { aspect_ratio: "16:9" }, { size: "2720x1536" }],
    [model, { size: "4K", aspect_ratio: "1:1" }, { size: "4096x4096" }],
    [model, { size: "2560x1440" }, { size: "2560x1440" }],
    // Above one thousand it costs twice as much.
    [pro, {}, { size: "1K" }],
    [pro, { format: "png", aspect_ratio: "9:16" }, { size: "768x1360", output_format: "png" }],
    [edits, { images: [still], seed: 3 }, { size: "adaptive", seed: 3, image: pngUrl }],
  ] as const)("%o draws %j", (on, params, body) => {
    expect(bodyOf(image.request(draw(params), on, credentials))).toMatchObject(body);
  });

  test("what is set aside for it is for the size that it draws", () => {
    expect(image.defaults?.(draw(), pro)).toEqual({ size: "1K" });
    expect(image.defaults?.(draw(), edits)).toEqual({});
  });

  test.each<[typeof model, ImageRequest["params"], string, boolean]>([
    [model, { size: "1K" }, "params.size", true],
    [model, { size: "1024x1024" }, "params.size", true],
    [model, { size: "4097x4096" }, "params.size", true],
    [model, { size: "2560x1440", aspect_ratio: "16:9" }, "params.aspect_ratio", true],
    [model, { aspect_ratio: "17:1" }, "params.aspect_ratio", true],
    [model, { format: "png" }, "params.format", true],
    [model, { seed: 1 }, "params.seed", true],
    [model, { n: 16 }, "params.n", false],
    [model, { images: Array.from({ length: 15 }, () => still) }, "params.images", false],
    [model, { mask: still }, "params.mask", false],
    [model, { negative_prompt: "rain" }, "params.negative_prompt", true],
    [pro, { size: "4K" }, "params.size", true],
    [edits, {}, "params.images", false],
    [edits, { images: [still], size: "1K" }, "params.size", true],
    [edits, { images: [still], aspect_ratio: "1:1" }, "params.aspect_ratio", true],
  ])("%o refuses %j", (on, params, field, droppable) => {
    expect(image.check(draw(params), on)).toMatchObject([{ field, droppable }]);
  });

  test.each(["size", "sequential_image_generation", "stream", "image"])("%s cannot come past the budget", (name) => {
    const request = { ...draw(), provider_options: { [name]: "auto" } };
    expect(() => image.request(request, model, credentials)).toThrowError(`${name} cannot be set`);
  });

  test("several are several exchanges, no two of one seed", () => {
    expect(image.split?.(draw({ n: 1 }), model)).toEqual([draw()]);
    expect(image.split?.(draw({ n: 2, seed: 5 }), edits)).toEqual([draw({ n: 1, seed: 5 }), draw({ n: 1, seed: 6 })]);
  });

  const held = { error: { code: "OutputImageSensitiveContentDetected", message: "held back" } };
  const made = { b64_json: jpeg.toString("base64"), size: "2048x2048" };

  test("is charged by the images that were made", () => {
    const usage = { generated_images: 1, output_tokens: 16_384, total_tokens: 16_384 };
    const answer = json({ model: "seedream-4-5-251128", data: [made, held], usage }, 200, { "x-request-id": "0217" });
    const decoded = image.decode(answer, draw(), model);
    expect(decoded).toEqual({
      result: {
        images: [{ mediaType: "image/jpeg", source: { kind: "bytes", bytes: jpeg }, width: 2_048, height: 2_048 }],
        filtered: 1,
      },
      usage: { images: 1, outputTokens: 16_384 },
      requestId: "0217",
      warnings: ["held back"],
    });
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf(model, decoded.usage, { size: "2K" })).toBe(40_000_000n);
    expect(costOf(pro, decoded.usage, { size: "2K" })).toBe(90_000_000n);
    expect(costOf(pro, decoded.usage, { size: "1K" })).toBe(45_000_000n);
  });

  test("one of several that is held back is no failure of all", () => {
    expect(image.decode(json({ data: [held], usage: { generated_images: 0 } }), draw({ n: 1 }), model)).toMatchObject({
      result: { images: [], filtered: 1 },
      usage: { images: 0 },
    });
    expect(image.decode(json({ data: [held] }), draw(), model)).toMatchObject({ failure: { kind: "content_refused" } });
  });

  test("links are taken where they come", () => {
    expect(image.decode(json({ data: [{ url: "https://a.test/1.jpeg" }] }), draw(), model)).toMatchObject({
      result: { images: [{ source: { kind: "url", url: "https://a.test/1.jpeg" } }] },
      usage: { images: 1 },
    });
  });

  test.each([
    [{ data: [] }, "malformed"],
    [{ error: { code: "InternalServiceError", message: "no" } }, "server_error"],
    [{ data: [{ error: { code: "InvalidParameter", message: "no" } }] }, "bad_request"],
    ["<html>", "malformed"],
  ])("%j under status 200 is a failure", (body, kind) => {
    expect(image.decode(json(body), draw(), model)).toMatchObject({ failure: { kind } });
  });
});

describe("Seedance", () => {
  const model = shipped("bytedance/dreamina-seedance-2-0-260128");
  const fast = shipped("bytedance/dreamina-seedance-2-0-fast-260128");
  const middle = shipped("bytedance/seedance-1-5-pro-251215");
  const older = shipped("bytedance/seedance-1-0-pro-250528");
  const video = job(bytedance.video, model);
  const film = (params: VideoRequest["params"] = {}, prompt = "a fox runs"): VideoRequest => ({ prompt, params });
  const text = { type: "text", text: "a fox runs" };

  test.each<[typeof model, VideoRequest["params"], object, string?]>([
    [model, {}, { content: [text], resolution: "720p", ratio: "16:9", generate_audio: true }],
    [
      model,
      { first_frame: still, last_frame: { url: "https://a.test/l.png" }, seed: 1, with_audio: false },
      {
        content: [
          { type: "image_url", image_url: { url: pngUrl }, role: "first_frame" },
          { type: "image_url", image_url: { url: "https://a.test/l.png" }, role: "last_frame" },
        ],
        resolution: "720p",
        ratio: "adaptive",
        generate_audio: false,
        seed: 1,
      },
      "",
    ],
    [
      model,
      { reference_images: [still], video: clip, resolution: "480p", aspect_ratio: "9:16" },
      {
        content: [
          text,
          { type: "image_url", image_url: { url: pngUrl }, role: "reference_image" },
          { type: "video_url", video_url: { url: clip.url }, role: "reference_video" },
        ],
        resolution: "480p",
        ratio: "9:16",
        generate_audio: true,
      },
    ],
    // The price of 1.0 is listed for its largest, which has no sound.
    [older, {}, { content: [text], resolution: "1080p", ratio: "16:9" }],
  ])("%o films %j", (on, params, body, prompt) => {
    const request = video.submit(film(params, prompt), on, credentials);
    expect(request.url).toBe(`${credentials.baseUrl}/contents/generations/tasks`);
    expect(bodyOf(request)).toEqual({ model: on.nativeId, duration: 5, watermark: false, ...body });
  });

  test("what is set aside for it is for what it films", () => {
    expect(video.defaults?.(film(), older)).toEqual({ duration_s: 5, resolution: "1080p" });
    expect(video.defaults?.(film(), model)).toEqual({ duration_s: 5, resolution: "720p" });
  });

  test.each<[typeof model, VideoRequest["params"], string, boolean]>([
    [model, { duration_s: 16 }, "params.duration_s", true],
    [model, { duration_s: 3 }, "params.duration_s", true],
    [model, { aspect_ratio: "auto" }, "params.aspect_ratio", true],
    [model, { last_frame: still }, "params.last_frame", false],
    [model, { first_frame: still, reference_images: [still] }, "params.reference_images", false],
    [model, { first_frame: still, video: clip }, "params.video", false],
    [model, { reference_images: Array.from({ length: 10 }, () => still) }, "params.reference_images", false],
    [model, { negative_prompt: "rain" }, "params.negative_prompt", true],
    [model, { fps: 24 }, "params.fps", true],
    [fast, { resolution: "1080p" }, "params.resolution", true],
    [shipped("bytedance/dreamina-seedance-2-5-260628"), { resolution: "1080p" }, "params.resolution", true],
    [shipped("bytedance/dreamina-seedance-2-5-260628"), { duration_s: 31 }, "params.duration_s", true],
    [middle, { resolution: "4k" }, "params.resolution", true],
    [middle, { video: clip }, "params.video", false],
    [older, { with_audio: true }, "params.with_audio", true],
    [older, { reference_images: [still] }, "params.reference_images", false],
  ])("%o refuses %j", (on, params, field, droppable) => {
    expect(video.check(film(params), on)).toMatchObject([{ field, droppable }]);
  });

  test("words are needed where nothing else is given", () => {
    expect(video.check(film({}, " "), model)).toMatchObject([{ field: "prompt" }]);
    expect(video.check(film({ first_frame: still }, ""), model)).toEqual([]);
  });

  test.each(["duration", "frames", "resolution", "generate_audio", "content"])(
    "%s cannot come past the budget",
    (name) => {
      const request = { ...film(), provider_options: { [name]: 1 } };
      expect(() => video.submit(request, model, credentials)).toThrowError(`${name} cannot be set`);
    },
  );

  const waiting = { id: "cgt-1", data: { status: "queued", reads_video: false } };
  const task = (rest: object) => json({ id: "cgt-1", model: model.nativeId, ...rest });

  test("is asked about by its id, and can be stopped while it waits", () => {
    expect(video.submitted(json({ id: "cgt-1" }), film(), model)).toEqual({ state: "running", job: waiting });
    const url = `${credentials.baseUrl}/contents/generations/tasks/cgt-1`;
    expect(video.poll(waiting, model, credentials)).toMatchObject({ method: "GET", url });
    expect(video.cancel?.(waiting, model, credentials)).toMatchObject({ method: "DELETE", url });
    const running = { id: "cgt-1", data: { status: "running", reads_video: false } };
    expect(video.polled(task({ status: "queued", error: null }), waiting, model)).toEqual({
      state: "running",
      job: waiting,
    });
    expect(video.polled(task({ status: "running" }), waiting, model)).toEqual({ state: "running", job: running });
    // Of a task that is done, the same word deletes what it made.
    expect(video.cancel?.(running, model, credentials)).toBeUndefined();
  });

  const succeeded = {
    status: "succeeded",
    error: null,
    content: { video_url: "https://a.test/a.mp4", last_frame_url: null },
    resolution: "720p",
    duration: 5,
    usage: { completion_tokens: 108_900, total_tokens: 108_900 },
  };

  test("is charged by the second at its size", () => {
    const done = video.polled(task(succeeded), waiting, model);
    expect(done).toEqual({
      state: "succeeded",
      result: {
        videos: [{ mediaType: "video/mp4", source: { kind: "url", url: "https://a.test/a.mp4" }, durationS: 5 }],
      },
      usage: { outputTokens: 108_900, seconds: 5 },
      requestId: undefined,
    });
    if (done.state !== "succeeded") throw new Error("failed");
    expect(costOf(model, done.usage)).toBe(750_000_000n);
    expect(costOf(middle, done.usage, { withAudio: false })).toBe(130_000_000n);
    expect(costOf(older, done.usage, { resolution: "720p" })).toBe(260_000_000n);
  });

  test("a video that was read is charged by its tokens", () => {
    const reading = { id: "cgt-1", data: { status: "running", reads_video: true } };
    const usage = { completion_tokens: 216_000 };
    expect(video.polled(task({ ...succeeded, usage }), reading, model)).toMatchObject({ usage: { seconds: 10 } });
    expect(video.polled(task({ ...succeeded, usage: {} }), reading, model)).toMatchObject({ usage: { seconds: 5 } });
  });

  test.each<[object, object]>([
    [
      { status: "failed", error: { code: "OutputVideoSensitiveContentDetected", message: "no" } },
      { failure: { kind: "content_refused" } },
    ],
    [{ status: "failed", error: { code: "InternalServiceError" } }, { failure: { kind: "server_error" } }],
    [{ status: "failed", error: { code: "InvalidParameter.Url" } }, { failure: { kind: "bad_request" } }],
    [{ status: "failed", error: null }, { failure: { kind: "server_error" } }],
    [{ status: "expired" }, { failure: { kind: "not_found" } }],
    [{ status: "cancelled" }, { state: "cancelled" }],
    [
      { ...succeeded, content: {} },
      { failure: { kind: "malformed" }, usage: { seconds: 5 } },
    ],
    [{}, { failure: { kind: "malformed" } }],
  ])("%j ends the job", (rest, ending) => {
    expect(video.polled(task(rest), waiting, model)).toMatchObject(ending);
  });

  test("an error that passes does not end it, one that stays does", () => {
    const said = (code: string) => video.polled(json({ error: { code, message: "no" } }), waiting, model);
    expect(said("ServerOverloaded")).toEqual({ state: "running", job: waiting });
    expect(said("AuthenticationError")).toMatchObject({ state: "failed", failure: { kind: "unauthenticated" } });
  });

  test.each([
    [{}, "malformed"],
    [{ error: { code: "ServerOverloaded", message: "no" } }, "overloaded"],
    ["<html>", "malformed"],
  ])("%j is no task", (body, kind) => {
    expect(video.submitted(json(body), film(), model)).toMatchObject({ state: "failed", failure: { kind } });
  });
});

describe("over HTTP, ByteDance's simulator", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation("bytedance");
  });
  afterAll(() => simulation.close());

  test.each<[string, ImageRequest["params"]]>([
    ["seedream-4-5-251128", { n: 2, aspect_ratio: "16:9", size: "2K" }],
    ["seedream-4-0-250828", { size: "1K", images: [still, still] }],
    ["seedream-5-0-260128", { format: "png" }],
    ["dola-seedream-5-0-pro-260628", { aspect_ratio: "3:4" }],
    ["seededit-3-0-i2i-250628", { images: [still], seed: 1, n: 2 }],
  ])("draws with %s %j", async (id, params) => {
    const done = await simulation.perform<ImageResult>(shipped(`bytedance/${id}`), { prompt: "a kite", params });
    expect(done.usage).toEqual(done.billed);
    expect(done.result.images).toHaveLength(params.n ?? 1);
    for (const image of done.result.images) expect((await simulation.bytes(image)).byteLength).toBeGreaterThan(100);
  });

  test.each<[string, VideoRequest["params"]]>([
    ["dreamina-seedance-2-5-260628", { aspect_ratio: "21:9", duration_s: 30 }],
    ["dreamina-seedance-2-0-260128", { resolution: "4k", duration_s: 4 }],
    ["dreamina-seedance-2-0-260128", { reference_images: [still], with_audio: false }],
    ["dreamina-seedance-2-0-fast-260128", { first_frame: still, last_frame: still, duration_s: 4 }],
    ["dreamina-seedance-2-0-mini-260615", { resolution: "480p", seed: 1 }],
    ["seedance-1-5-pro-251215", { first_frame: still, resolution: "1080p" }],
    ["seedance-1-0-pro-250528", { duration_s: 2 }],
    ["seedance-1-0-pro-fast-251015", { first_frame: still }],
  ])("films with %s %j", async (id, params) => {
    const done = await simulation.perform<VideoResult>(shipped(`bytedance/${id}`), { prompt: "a fox runs", params });
    expect(done.jobs.map(({ data }) => data?.status)).toEqual(["queued", "queued", "running"]);
    expect(done.usage).toEqual(done.billed);
    const [film] = done.result.videos;
    expect(film && Buffer.from(await simulation.bytes(film)).toString("latin1", 4, 8)).toBe("ftyp");
  });

  test("makes a vector of each text", async () => {
    const asked = { prompt: "", params: { input: ["kite", "fox"] } };
    const done = await simulation.perform<EmbeddingResult>(shipped("bytedance/skylark-embedding-vision-251215"), asked);
    expect(done.result.embeddings).toHaveLength(2);
    expect(done.usage.inputTokens).toBe(done.billed.inputTokens);
  });

  const model = shipped("bytedance/dreamina-seedance-2-0-260128");
  const fox = { prompt: "a fox runs", params: {} };

  test("takes back what is not wanted any more, and charges nothing for it", async () => {
    expect(await simulation.giveUp(model, fox)).toEqual({ seconds: 0, outputTokens: 0 });
    expect(simulation.simulator.book.entries.at(-1)).toMatchObject({ method: "DELETE", status: 200 });
  });

  test.each([
    ["fail this job", "server_error"],
    ["please refuse", "content_refused"],
  ])("told to %s, it fails as %s", async (prompt, kind) => {
    const { failure, usage } = await simulation.failure(model, { prompt, params: {} });
    expect(failure.kind).toBe(kind);
    expect(usage).toBeUndefined();
  });

  test("refuses a drawing in its own words", async () => {
    const asked = { prompt: "please refuse", params: {} };
    const { failure } = await simulation.failure(shipped("bytedance/seedream-4-0-250828"), asked);
    expect(failure).toMatchObject({ kind: "content_refused", code: "InputTextSensitiveContentDetected", status: 400 });
  });

  test.each<[FaultInput, string]>([
    [{ kind: "rate_limited", retry: "seconds", afterMs: 3_000 }, "rate_limited"],
    [{ kind: "quota_exhausted" }, "quota_exhausted"],
    [{ kind: "invalid_key" }, "unauthenticated"],
    [{ kind: "server_error" }, "server_error"],
    [{ kind: "overloaded" }, "overloaded"],
    [{ kind: "html" }, "malformed"],
  ])("failing by %j is told as %s, whatever was asked for", async (fault, kind) => {
    for (const id of [model.id, "bytedance/seedream-4-0-250828"]) {
      simulation.simulator.faults.script([{ fault, provider: "bytedance" }]);
      expect((await simulation.failure(shipped(id), fox)).failure.kind).toBe(kind);
    }
  });
});
