import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { runway } from "../../../src/providers/runway/index.ts";
import { nameOfRatio } from "../../../src/providers/runway/pixel-ratio.ts";
import type { ImageRequest, ImageResult } from "../../../src/providers/shapes/image.ts";
import type { SpeechRequest, SpeechResult } from "../../../src/providers/shapes/speech.ts";
import type { VideoRequest, VideoResult } from "../../../src/providers/shapes/video.ts";
import type { FaultInput } from "../../../src/simulator/faults/fault.ts";
import { bodyOf, job, json, png, shipped, unansweredModels } from "../support/media.ts";
import { card, credentials } from "../support/model.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";

test("every Runway model is answered for", () => {
  expect(unansweredModels(runway)).toEqual([]);
});

test.each([
  ["image", "constructor"],
  ["video", "gen3a_turbo"],
  ["speech", "seed_audio"],
] as const)("nothing does %s with %s", (task, id) => {
  expect(runway[task]?.(card(`runway/${id}`, { task }))).toBeUndefined();
});

const still = { data: png.toString("base64") };
const pngUrl = `data:image/png;base64,${still.data}`;
const last = { url: "https://a.test/last.jpg" };
const clip = { url: "https://a.test/clip.mp4" };
const path = (name: string) => `${credentials.baseUrl}/v1/${name}`;

test.each([
  [400, { error: "Validation of body failed" }, "bad_request"],
  [400, { error: "You do not have enough credits to run this task." }, "quota_exhausted"],
  [401, { error: "The API key you provided is not valid." }, "unauthenticated"],
  [404, { error: "Could not find a task with that ID" }, "not_found"],
  [429, { error: "You have reached the daily task limit." }, "rate_limited"],
  [500, { error: "An internal error occurred." }, "server_error"],
  [502, { error: "Bad gateway" }, "server_error"],
  [503, { error: "Service unavailable" }, "overloaded"],
  [504, { error: "Gateway timeout" }, "timeout"],
] as const)("status %d %j is %s", (status, body, kind) => {
  expect(runway.decodeError(status, {}, JSON.stringify(body))).toMatchObject({ kind, status, message: body.error });
});

test("a refused body says what is wrong with it", () => {
  const issues = [{ code: "too_small", path: ["ratio"], message: "Invalid ratio" }];
  const body = JSON.stringify({ error: "Validation of body failed", issues, docUrl: "https://docs.test" });
  expect(runway.decodeError(400, {}, body)).toMatchObject({
    kind: "bad_request",
    message: "Validation of body failed: ratio: Invalid ratio",
    code: "too_small",
  });
});

test.each([
  ["1280:720", "16:9"],
  ["1584:672", "21:9"],
  ["1104:832", "4:3"],
  ["832:1248", "2:3"],
  ["1152:896", "5:4"],
  ["1248:576", "19.5:9"],
  ["1600:720", "20:9"],
  ["352:2816", "1:8"],
])("%s is %s", (pixels, name) => {
  expect(nameOfRatio(pixels)).toBe(name);
});

const inputs: [string, object][] = [
  ["an http URL", { url: "http://a.test/a.png" }],
  ["a URL that is too long", { url: `https://a.test/${"a".repeat(2_040)}.png` }],
  ["a GIF", { url: "https://a.test/a.gif" }],
  ["too many bytes", { data: "A".repeat(5_000_000), media_type: "image/png" }],
];

describe("Runway images", () => {
  const of = (id: string) => {
    const model = shipped(`runway/${id}`);
    return { model, image: job(runway.image, model) };
  };
  const draw = (params: ImageRequest["params"] = {}): ImageRequest => ({ prompt: "a red kite", params });
  const sent = (id: string, params: ImageRequest["params"]) => {
    const { model, image } = of(id);
    return bodyOf(image.submit(draw(params), model, credentials));
  };

  test("are asked for with the version that Runway wants to be named", () => {
    const { model, image } = of("gen4_image");
    const request = image.submit(
      { ...draw(), provider_options: { contentModeration: { publicFigureThreshold: "low" } } },
      model,
      credentials,
    );
    expect(request).toMatchObject({ method: "POST", url: path("text_to_image") });
    expect(request.headers).toMatchObject({ authorization: "Bearer test-key", "x-runway-version": "2024-11-06" });
    expect(bodyOf(request)).toEqual({
      model: "gen4_image",
      promptText: "a red kite",
      ratio: "720:720",
      contentModeration: { publicFigureThreshold: "low" },
    });
  });

  test.each<[string, ImageRequest["params"], object]>([
    ["gen4_image", { aspect_ratio: "16:9", seed: 1 }, { ratio: "1280:720", seed: 1 }],
    ["gen4_image", { size: "2K", aspect_ratio: "21:9" }, { ratio: "2112:912" }],
    ["gen4_image", { size: "1920x1080" }, { ratio: "1920:1080" }],
    ["gen4_image_turbo", { images: [still] }, { ratio: "720:720", referenceImages: [{ uri: pngUrl }] }],
    [
      "gpt_image_2",
      { n: 3, quality: "low", background: "transparent", aspect_ratio: "auto" },
      { ratio: "auto", outputCount: 3, quality: "low", background: "transparent" },
    ],
    // Its own choice would be the dearest.
    ["gpt_image_2", { size: "4K", aspect_ratio: "3:2" }, { ratio: "3504:2336", quality: "medium" }],
    ["gpt_image_2", { images: [still] }, { ratio: "auto", quality: "medium", referenceImages: [{ uri: pngUrl }] }],
    ["gemini_image3_pro", { size: "2K", aspect_ratio: "5:4", n: 4 }, { ratio: "2304:1856", outputCount: 4 }],
    ["gemini_image3.1_flash", { size: "512", aspect_ratio: "1:8" }, { ratio: "176:1408" }],
    ["gemini_2.5_flash", { aspect_ratio: "9:16", n: 1 }, { ratio: "768:1344" }],
    ["muse_image", { format: "webp" }, { ratio: "1600:1600", outputFormat: "webp" }],
    ["seedream5_pro", { size: "2K", aspect_ratio: "auto" }, { ratio: "auto_2k" }],
    ["seedream5_lite", { size: "3072x3072", format: "png" }, { ratio: "3072:3072", outputFormat: "png" }],
    ["grok_imagine_image_2", { aspect_ratio: "19.5:9" }, { ratio: "1248:576", quality: "low" }],
  ])("%s with %j", (id, params, body) => {
    expect(sent(id, params)).toEqual({ model: id, promptText: "a red kite", ...body });
  });

  test.each<[string, ImageRequest["params"], string, boolean]>([
    ["gen4_image", { size: "4K" }, "params.size", true],
    ["gen4_image", { size: "1000x1000" }, "params.size", true],
    ["gen4_image", { size: "1920x1080", aspect_ratio: "16:9" }, "params.aspect_ratio", true],
    ["gen4_image", { aspect_ratio: "8:1" }, "params.aspect_ratio", true],
    ["gen4_image", { aspect_ratio: "auto" }, "params.aspect_ratio", true],
    ["gen4_image", { n: 2 }, "params.n", false],
    ["gen4_image", { images: [still, still, still, still] }, "params.images", false],
    ["gen4_image", { quality: "low" }, "params.quality", true],
    ["gen4_image", { format: "png" }, "params.format", true],
    ["gen4_image", { mask: still }, "params.mask", false],
    ["gen4_image_turbo", {}, "params.images", false],
    ["gpt_image_2", { quality: "max" }, "params.quality", true],
    ["gpt_image_2", { n: 11 }, "params.n", false],
    ["gpt_image_2", { seed: 1 }, "params.seed", true],
    ["gemini_image3_pro", { n: 2 }, "params.n", false],
    ["seedream5_lite", { size: "1K" }, "params.size", true],
  ])("%s refuses %j", (id, params, field, droppable) => {
    const { model, image } = of(id);
    expect(image.check(draw(params), model)).toContainEqual(expect.objectContaining({ field, droppable }));
  });

  test.each(inputs)("%s is no image to be guided by", (_name, input) => {
    const { model, image } = of("gen4_image");
    expect(image.check(draw({ images: [input] }), model)).toMatchObject([{ field: "params.images[0]" }]);
  });

  test("words are bounded", () => {
    const { model, image } = of("gen4_image");
    expect(image.check({ prompt: "x".repeat(1_001), params: {} }, model)).toMatchObject([{ field: "prompt" }]);
  });

  test.each(["ratio", "outputCount", "quality", "referenceImages"])("%s cannot come past the budget", (name) => {
    const { model, image } = of("gpt_image_2");
    expect(() => image.submit({ ...draw(), provider_options: { [name]: 1 } }, model, credentials)).toThrowError(
      `${name} cannot be set`,
    );
  });

  test("what is set aside for them is for what they are asked for", () => {
    const { model, image } = of("gpt_image_2");
    expect(image.defaults?.(draw(), model)).toEqual({ size: "1K", quality: "medium" });
    expect(costOf(model, {}, { images: 2, quality: "high" })).toBe(820_000_000n);
  });

  const { model, image } = of("seedream5_pro");
  const running = { id: "17f2", data: { images: 2 } };
  const task = (rest: object) => json({ id: "17f2", createdAt: "2026-11-22T10:00:00.000Z", ...rest });

  test("are links, charged by the credits that Runway counted", () => {
    expect(image.submitted(json({ id: "17f2", estimatedCost: { credits: 10 } }), draw({ n: 2 }), model)).toEqual({
      state: "running",
      job: running,
    });
    const output = ["https://a.test/1.png", "https://a.test/2.png"];
    const done = image.polled(task({ status: "SUCCEEDED", output, cost: { credits: 10 } }), running, model);
    expect(done).toMatchObject({
      state: "succeeded",
      result: { images: output.map((url) => ({ source: { kind: "url", url } })) },
      usage: { images: 2, providerCostNanoUsd: 100_000_000n },
    });
    if (done.state !== "succeeded") throw new Error("failed");
    expect(costOf(model, done.usage)).toBe(100_000_000n);
  });

  test("what there is no link to is a failure that was billed", () => {
    expect(
      image.polled(task({ status: "SUCCEEDED", output: ["x"], cost: { credits: 5 } }), running, model),
    ).toMatchObject({ state: "failed", failure: { kind: "malformed" }, usage: { providerCostNanoUsd: 50_000_000n } });
  });
});

describe("Runway speech", () => {
  const model = shipped("runway/eleven_multilingual_v2");
  const speech = job(runway.speech, model);
  const newer = card("runway/eleven_v3", { task: "speech" });
  const say = (params: SpeechRequest["params"] = {}, prompt = "Hello there."): SpeechRequest => ({ prompt, params });

  test("is asked for by a voice of Runway's", () => {
    const request = speech.submit(say({ voice: "Leslie", format: "mp3" }), model, credentials);
    expect(request.url).toBe(path("text_to_speech"));
    expect(bodyOf(request)).toEqual({
      model: "eleven_multilingual_v2",
      promptText: "Hello there.",
      voice: { type: "runway-preset", presetId: "Leslie" },
    });
    const other = job(runway.speech, newer).submit(say({ language: "pt-BR", speed: 1.1 }), newer, credentials);
    expect(bodyOf(other)).toMatchObject({ voice: { presetId: "Maya" }, languageCode: "pt", speed: 1.1 });
  });

  test.each<[SpeechRequest, string]>([
    [say({ voice: "Nobody" }), "params.voice"],
    [say({ format: "wav" }), "params.format"],
    [say({ speed: 1.1 }), "params.speed"],
    [say({ language: "en" }), "params.language"],
    [say({ sample_rate: 24_000 }), "params.sample_rate"],
    [say({}, "x".repeat(1_001)), "prompt"],
    [say({}, ""), "prompt"],
  ])("%j is refused", (request, field) => {
    expect(speech.check(request, model)).toMatchObject([{ field }]);
  });

  test("is a link, charged by the credits that Runway counted", () => {
    const started = speech.submitted(json({ id: "s1" }), say(), model);
    if (started.state !== "running") throw new Error("not running");
    expect(started.job).toEqual({ id: "s1", data: { characters: 12 } });
    const answer = json({ id: "s1", status: "SUCCEEDED", output: ["https://a.test/a.mp3"], cost: { credits: 1 } });
    expect(speech.polled(answer, started.job, model)).toMatchObject({
      state: "succeeded",
      result: { audio: { mediaType: "audio/mpeg", source: { url: "https://a.test/a.mp3" } } },
      usage: { characters: 12, providerCostNanoUsd: 10_000_000n },
    });
    expect(speech.polled(json({ id: "s1", status: "SUCCEEDED", output: [] }), started.job, model)).toMatchObject({
      state: "failed",
      failure: { kind: "malformed" },
    });
  });
});

describe("Runway video", () => {
  const of = (id: string) => {
    const model = shipped(`runway/${id}`);
    return { model, video: job(runway.video, model) };
  };
  const film = (params: VideoRequest["params"] = {}, prompt = "a fox runs"): VideoRequest => ({ prompt, params });
  const text = { promptText: "a fox runs" };
  const frames = [
    { uri: pngUrl, position: "first" },
    { uri: last.url, position: "last" },
  ];

  test.each<[string, VideoRequest, string, object]>([
    ["gen4.5", film(), "text_to_video", { ...text, ratio: "1280:720", duration: 5 }],
    [
      "gen4.5",
      film({ first_frame: still, aspect_ratio: "21:9", duration_s: 10, seed: 4 }),
      "image_to_video",
      { ...text, promptImage: pngUrl, ratio: "1584:672", duration: 10, seed: 4 },
    ],
    [
      "gen4_turbo",
      film({ first_frame: still }, ""),
      "image_to_video",
      { promptImage: pngUrl, ratio: "1280:720", duration: 5 },
    ],
    [
      "veo3.1",
      film({ first_frame: still, last_frame: last, resolution: "1080p", with_audio: false, negative_prompt: "rain" }),
      "image_to_video",
      { ...text, promptImage: frames, ratio: "1920:1080", duration: 4, audio: false, negativePrompt: "rain" },
    ],
    [
      "veo3.1_fast",
      film({ duration_s: 8, aspect_ratio: "9:16" }),
      "text_to_video",
      { ...text, ratio: "720:1280", duration: 8 },
    ],
    ["hailuo3", film(), "text_to_video", { ...text, ratio: "16:9", resolution: "768p", duration: 5 }],
    [
      "hailuo3",
      film({ reference_images: [still], resolution: "2k" }),
      "text_to_video",
      { ...text, references: [{ uri: pngUrl }], ratio: "adaptive", resolution: "2k", duration: 5 },
    ],
    [
      "hailuo3",
      film({ video: clip, reference_images: [still], aspect_ratio: "1:1" }),
      "video_to_video",
      { ...text, promptVideo: clip.url, references: [{ uri: pngUrl }], ratio: "1:1", resolution: "768p", duration: 5 },
    ],
    [
      "happyhorse_1_0",
      film({ resolution: "1080p", aspect_ratio: "4:3" }),
      "text_to_video",
      { ...text, ratio: "1662:1248", duration: 5 },
    ],
    [
      "happyhorse_1_0",
      film({ first_frame: still, resolution: "1080p" }, ""),
      "image_to_video",
      { promptImage: pngUrl, resolution: "1080p", duration: 5 },
    ],
    [
      "seedance2",
      film({ resolution: "4k", aspect_ratio: "3:4", with_audio: true }),
      "text_to_video",
      { ...text, ratio: "2880:3840", duration: 5, audio: true },
    ],
    [
      "seedance2_fast",
      film({ resolution: "480p", aspect_ratio: "21:9" }),
      "text_to_video",
      { ...text, ratio: "992:432", duration: 5 },
    ],
    [
      "seedance2_5",
      film({ video: clip, duration_s: 30 }, ""),
      "video_to_video",
      { promptVideo: clip.url, ratio: "1280:720", duration: 30 },
    ],
    ["gemini_omni_flash", film({ video: clip }), "video_to_video", { ...text, videoUri: clip.url }],
    [
      "gemini_omni_flash_1.1",
      film({ resolution: "360p", aspect_ratio: "9:16" }),
      "text_to_video",
      { ...text, ratio: "360:640", duration: 5 },
    ],
    [
      "grok_imagine_1_5",
      film({ reference_images: [still] }),
      "text_to_video",
      { ...text, references: [{ uri: pngUrl }], resolution: "720p", duration: 5 },
    ],
    [
      "wan3",
      film({ first_frame: still }),
      "image_to_video",
      { ...text, promptImage: pngUrl, ratio: "auto_720p", duration: 5 },
    ],
    ["h3_max", film({ seed: 1 }), "text_to_video", { ...text, resolution: "768p", duration: 5, seed: 1 }],
    [
      "aleph2",
      film({ video: clip, aspect_ratio: "9:16" }),
      "video_to_video",
      { ...text, videoUri: clip.url, targetAspectRatio: "9:16" },
    ],
    [
      "act_two",
      film({ video: clip, reference_images: [still], aspect_ratio: "1:1" }, ""),
      "character_performance",
      {
        character: { type: "image", uri: pngUrl },
        reference: { type: "video", uri: clip.url },
        ratio: "960:960",
      },
    ],
  ])("%s with %j", (id, request, route, body) => {
    const { model, video } = of(id);
    const sent = video.submit(request, model, credentials);
    expect(sent.url).toBe(path(route));
    expect(bodyOf(sent)).toEqual({ model: id, ...body });
  });

  test.each<[string, VideoRequest, string, boolean]>([
    ["gen4.5", film({ aspect_ratio: "21:9" }), "params.aspect_ratio", true],
    ["gen4.5", film({ duration_s: 11 }), "params.duration_s", true],
    ["gen4.5", film({ first_frame: still, last_frame: last }), "params.last_frame", false],
    ["gen4.5", film({ first_frame: still }, ""), "prompt", false],
    ["gen4.5", film({ video: clip }), "params.video", false],
    ["gen4.5", film({ with_audio: true }), "params.with_audio", true],
    ["gen4.5", film({}, "x".repeat(1_001)), "prompt", false],
    ["gen4_turbo", film(), "params.first_frame", false],
    ["veo3.1", film({ duration_s: 5 }), "params.duration_s", true],
    ["veo3.1", film({ last_frame: last }), "params.last_frame", false],
    ["hailuo3", film({ aspect_ratio: "auto" }), "params.aspect_ratio", true],
    ["hailuo3", film({ first_frame: still, reference_images: [still] }), "params.reference_images", false],
    ["happyhorse_1_0", film({ first_frame: still, aspect_ratio: "1:1" }), "params.aspect_ratio", true],
    ["seedance2_fast", film({ resolution: "1080p" }), "params.resolution", true],
    ["seedance2_5", film({ resolution: "1080p" }), "params.resolution", true],
    [
      "seedance2",
      film({ reference_images: Array.from({ length: 10 }, () => still) }),
      "params.reference_images",
      false,
    ],
    ["seedance2", film({ video: clip, first_frame: still }), "params.first_frame", false],
    ["gemini_omni_flash", film({ video: clip, duration_s: 5 }), "params.duration_s", true],
    ["aleph2", film(), "params.video", false],
    ["aleph2", film({ video: clip, duration_s: 5 }), "params.duration_s", true],
    ["act_two", film({ reference_images: [still] }, ""), "params.video", false],
    ["act_two", film({ video: clip }, ""), "params.reference_images", false],
    ["act_two", film({ video: clip, reference_images: [still] }), "prompt", false],
    ["wan3", film({ fps: 24 }), "params.fps", true],
  ])("%s refuses %j", (id, request, field, droppable) => {
    const { model, video } = of(id);
    expect(video.check(request, model)).toContainEqual(expect.objectContaining({ field, droppable }));
    expect(() => video.submit(request, model, credentials)).toThrowError("cannot take");
  });

  test.each(inputs)("%s is no first frame", (_name, input) => {
    const { model, video } = of("gen4_turbo");
    expect(video.check(film({ first_frame: input }), model)).toMatchObject([{ field: "params.first_frame" }]);
  });

  test.each(["duration", "ratio", "resolution", "audio", "outputFormat", "references", "promptVideo"])(
    "%s cannot come past the budget",
    (name) => {
      const { model, video } = of("seedance2");
      expect(() => video.submit({ ...film(), provider_options: { [name]: 1 } }, model, credentials)).toThrowError(
        `${name} cannot be set`,
      );
    },
  );

  test("what is set aside for it is for what it films", () => {
    const defaults = (id: string) => of(id).video.defaults?.(film(), of(id).model);
    expect(defaults("veo3.1")).toEqual({ duration_s: 4, resolution: "720p" });
    expect(defaults("hailuo3")).toEqual({ duration_s: 5, resolution: "768p" });
    // Charged by the length of what is handed in, which nobody says.
    expect(defaults("act_two")).toEqual({ duration_s: 30, resolution: "720p" });
  });

  const { model, video } = of("gen4_turbo");
  const running = { id: "17f2", data: { seconds: 5 } };
  const task = (rest: object) => json({ id: "17f2", createdAt: "2026-11-22T10:00:00.000Z", ...rest });

  test("is asked about by its id, and can be stopped", () => {
    const started = json({ id: "17f2", estimatedCost: { credits: 25 } });
    expect(video.submitted(started, film({ first_frame: still }), model)).toEqual({ state: "running", job: running });
    expect(video.poll(running, model, credentials)).toMatchObject({
      method: "GET",
      url: path("tasks/17f2"),
      headers: { "x-runway-version": "2024-11-06" },
    });
    expect(video.cancel?.(running, model, credentials)).toMatchObject({ method: "DELETE", url: path("tasks/17f2") });
    expect(video.submitted(json({}), film(), model)).toMatchObject({ state: "failed", failure: { kind: "malformed" } });
    expect(video.submitted(json("<html>"), film(), model)).toMatchObject({ failure: { kind: "malformed" } });
  });

  test.each<[object, object]>([
    [
      { status: "PENDING", estimatedCost: { credits: 25 } },
      { state: "running", job: running },
    ],
    [{ status: "THROTTLED" }, { state: "running", job: running }],
    [
      { status: "RUNNING", progress: 0.4 },
      { state: "running", job: running, progress: 0.4 },
    ],
    [{ status: "RUNNING" }, { state: "running", job: running }],
    [{ status: "CANCELLED", cost: { credits: 0 } }, { state: "cancelled" }],
  ])("%j", (rest, state) => {
    expect(video.polled(task(rest), running, model)).toEqual(state);
  });

  test("is charged by the credits that Runway counted", () => {
    const answer = task({ status: "SUCCEEDED", output: ["https://a.test/a.mp4"], cost: { credits: 25 } });
    const done = video.polled(answer, running, model);
    expect(done).toMatchObject({
      state: "succeeded",
      result: { videos: [{ mediaType: "video/mp4", durationS: 5, source: { url: "https://a.test/a.mp4" } }] },
      usage: { seconds: 5, providerCostNanoUsd: 250_000_000n },
    });
    if (done.state !== "succeeded") throw new Error("failed");
    expect(costOf(model, done.usage)).toBe(250_000_000n);
    expect(costOf(model, { seconds: 5 })).toBe(250_000_000n);
  });

  test.each<[object, string, bigint | undefined]>([
    [{ failureCode: "SAFETY.INPUT.TEXT", cost: { credits: 25 } }, "content_refused", 250_000_000n],
    [{ failureCode: "SAFETY.OUTPUT.VIDEO", cost: { credits: 0 } }, "content_refused", undefined],
    [{ failureCode: "INPUT_PREPROCESSING.SAFETY.TEXT" }, "content_refused", undefined],
    [{ failureCode: "THIRD_PARTY.SAFETY" }, "content_refused", undefined],
    [{ failureCode: "THIRD_PARTY.UNAVAILABLE" }, "overloaded", undefined],
    [{ failureCode: "ASSET.INVALID" }, "bad_request", undefined],
    [{ failureCode: "INPUT_PREPROCESSING.INTERNAL" }, "server_error", undefined],
    [{ failureCode: "INTERNAL.BAD_OUTPUT.CODE01" }, "server_error", undefined],
    [{}, "server_error", undefined],
  ])("a task that failed by %j is %s", (rest, kind, cost) => {
    const state = video.polled(task({ status: "FAILED", failure: "It failed.", ...rest }), running, model);
    expect(state).toMatchObject({ state: "failed", failure: { kind, message: "It failed." } });
    expect("usage" in state ? state.usage?.providerCostNanoUsd : undefined).toBe(cost);
  });

  test("a task that was stopped too late is charged, and an unknown state is a failure", () => {
    expect(video.polled(task({ status: "CANCELLED", cost: { credits: 3 } }), running, model)).toMatchObject({
      state: "failed",
      usage: { providerCostNanoUsd: 30_000_000n },
    });
    expect(video.polled(task({}), running, model)).toMatchObject({ failure: { kind: "malformed" } });
    expect(video.polled(json("<html>"), running, model)).toMatchObject({ failure: { kind: "malformed" } });
  });
});

describe("over HTTP, Runway's simulator", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation("runway");
  });
  afterAll(() => simulation.close());

  test.each<[string, ImageRequest["params"]]>([
    ["gen4_image", { seed: 1, size: "2K", aspect_ratio: "16:9" }],
    ["gen4_image_turbo", { images: [still] }],
    ["gpt_image_2", { n: 2, quality: "low", background: "opaque" }],
    ["gemini_image3.1_flash", { n: 4, size: "512" }],
    ["gemini_image3_pro", { images: [still] }],
    ["gemini_2.5_flash", { aspect_ratio: "9:16" }],
    ["muse_image", { aspect_ratio: "auto", format: "jpeg" }],
    ["seedream5_pro", { images: [still], n: 2 }],
    ["seedream5_lite", { aspect_ratio: "21:9" }],
    ["grok_imagine_image_2", { size: "2K", aspect_ratio: "2:1", quality: "medium" }],
  ])("draws with %s %j", async (id, params) => {
    const done = await simulation.perform<ImageResult>(shipped(`runway/${id}`), { prompt: "a kite", params });
    expect(done.usage).toEqual(done.billed);
    expect(done.result.images).toHaveLength(params.n ?? 1);
    for (const image of done.result.images) {
      expect(Buffer.from(await simulation.bytes(image)).toString("latin1", 1, 4)).toBe("PNG");
    }
  });

  test("speaks", async () => {
    const asked = { prompt: "Hello there.", params: { voice: "Rachel" } };
    const done = await simulation.perform<SpeechResult>(shipped("runway/eleven_multilingual_v2"), asked);
    expect(done.usage).toEqual(done.billed);
    expect((await simulation.bytes(done.result.audio)).byteLength).toBeGreaterThan(100);
  });

  test.each<[string, VideoRequest["params"], string?]>([
    ["gen4.5", { duration_s: 2 }],
    ["gen4.5", { first_frame: still, aspect_ratio: "4:3" }],
    ["gen4_turbo", { first_frame: still }, ""],
    ["veo3.1", { first_frame: still, last_frame: last, with_audio: false, negative_prompt: "rain" }],
    ["veo3.1_fast", { resolution: "1080p" }],
    ["hailuo3", { reference_images: [still] }],
    ["hailuo3", { first_frame: still, last_frame: last }],
    ["hailuo3", { video: clip }],
    ["happyhorse_1_0", { aspect_ratio: "1:1" }],
    ["happyhorse_1_0", { first_frame: still, resolution: "1080p" }],
    ["seedance2", { resolution: "4k", with_audio: true, seed: 1 }],
    ["seedance2_fast", { first_frame: still, last_frame: last }],
    ["seedance2_mini", { reference_images: [still] }],
    ["seedance2_5", { video: clip, resolution: "480p" }, ""],
    ["gemini_omni_flash", { aspect_ratio: "9:16" }],
    ["gemini_omni_flash_1.1", { first_frame: still, last_frame: last, resolution: "4k" }],
    ["grok_imagine_1_5", { reference_images: [still], resolution: "1080p" }],
    ["wan3", { aspect_ratio: "auto", resolution: "480p" }],
    ["wan3_prime", { first_frame: still }],
    ["h3_max", { resolution: "480p", seed: 1 }],
  ])("films with %s %j", async (id, params, prompt = "a fox runs") => {
    const done = await simulation.perform<VideoResult>(shipped(`runway/${id}`), { prompt, params });
    expect(done.usage).toEqual(done.billed);
    expect(done.jobs).toHaveLength(3);
    const [filmed] = done.result.videos;
    expect(filmed && Buffer.from(await simulation.bytes(filmed)).toString("latin1", 4, 8)).toBe("ftyp");
  });

  // How long it becomes is what is handed in, which only Runway knows.
  test.each<[string, VideoRequest["params"], string]>([
    ["aleph2", { video: clip, aspect_ratio: "1:1" }, "make it night"],
    ["gemini_omni_flash", { video: clip, reference_images: [still] }, "make it night"],
    ["act_two", { video: clip, reference_images: [still], seed: 1 }, ""],
  ])("edits with %s %j", async (id, params, prompt) => {
    const done = await simulation.perform<VideoResult>(shipped(`runway/${id}`), { prompt, params });
    expect(done.usage).toEqual({ providerCostNanoUsd: done.billed.providerCostNanoUsd });
    expect(done.result.videos).toHaveLength(1);
  });

  const model = shipped("runway/gen4.5");

  test("takes back what is not wanted any more, and charges nothing for it", async () => {
    const fox = { prompt: "a fox runs", params: {} };
    expect(await simulation.giveUp(model, fox)).toEqual({ seconds: 0, providerCostNanoUsd: 0n });
    expect(simulation.simulator.book.entries.at(-1)).toMatchObject({ method: "DELETE", status: 204 });
  });

  test("what it fails at is given back, what the safety of its input refuses is charged", async () => {
    const failed = await simulation.failure(model, { prompt: "fail this job", params: {} });
    expect(failed).toMatchObject({ failure: { kind: "server_error" }, usage: undefined });
    const refused = await simulation.failure(model, { prompt: "please refuse", params: {} });
    expect(refused).toMatchObject({
      failure: { kind: "content_refused", code: "SAFETY.INPUT.TEXT" },
      usage: { providerCostNanoUsd: 600_000_000n },
    });
  });

  test.each<[FaultInput, string]>([
    [{ kind: "rate_limited", retry: "seconds", afterMs: 3_000 }, "rate_limited"],
    [{ kind: "quota_exhausted" }, "quota_exhausted"],
    [{ kind: "invalid_key" }, "unauthenticated"],
    [{ kind: "server_error" }, "server_error"],
    [{ kind: "overloaded" }, "overloaded"],
    [{ kind: "html" }, "malformed"],
  ])("failing by %j is told as %s, whatever was asked for", async (fault, kind) => {
    for (const id of [model.id, "runway/gen4_image", "runway/eleven_multilingual_v2"]) {
      simulation.simulator.faults.script([{ fault, provider: "runway" }]);
      expect((await simulation.failure(shipped(id), { prompt: "a fox", params: {} })).failure.kind).toBe(kind);
    }
  });
});
