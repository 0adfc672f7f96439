import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { askedOf, pricedRequest, worstCaseOfTask } from "../../../src/infer/tasks/asked.ts";
import { pixverse } from "../../../src/providers/pixverse/index.ts";
import type { VideoRequest, VideoResult } from "../../../src/providers/shapes/video.ts";
import { bodyOf, formOf, job, json, png, shipped, unansweredModels } from "../support/media.ts";
import { credentials } from "../support/model.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";

test("every PixVerse model is answered for", () => {
  expect(unansweredModels(pixverse)).toEqual([]);
});

const model = shipped("pixverse/v6");
const middle = shipped("pixverse/v5.6");
const older = shipped("pixverse/v5");
const oldest = shipped("pixverse/v3.5");
const video = job(pixverse.video, model);
const still = { data: png.toString("base64") };
const up = (reference: number) => ({ reference: String(reference) });
const film = (params: VideoRequest["params"] = {}, prompt = "a paper boat in rain"): VideoRequest => ({
  prompt,
  params,
});
const ok = (Resp: object) => json({ ErrCode: 0, ErrMsg: "Success", Resp });
const wrong = (ErrCode: number, ErrMsg = "no") => json({ ErrCode, ErrMsg, Resp: null });

describe("a film is asked for", () => {
  test.each<[VideoRequest["params"], string, object]>([
    [{}, "text", { aspect_ratio: "16:9" }],
    [
      { duration_s: 15, resolution: "1080p", aspect_ratio: "21:9", with_audio: true, seed: 7 },
      "text",
      { duration: 15, quality: "1080p", aspect_ratio: "21:9", generate_audio_switch: true, seed: 7 },
    ],
    [{ first_frame: up(1) }, "img", { img_id: 1 }],
    [{ first_frame: up(1), last_frame: up(2) }, "transition", { first_frame_img: 1, last_frame_img: 2 }],
    [{ video: up(3) }, "extend", { video_media_id: 3 }],
  ])("with %j", (params, route, fields) => {
    const request = video.submit(film(params), model, credentials);
    expect(request).toMatchObject({
      method: "POST",
      url: `${credentials.baseUrl}/openapi/v2/video/${route}/generate`,
      headers: { "api-key": credentials.apiKey },
      freshIdHeaders: ["ai-trace-id"],
    });
    expect(bodyOf(request)).toEqual({
      prompt: "a paper boat in rain",
      model: "v6",
      duration: 5,
      quality: "540p",
      ...fields,
    });
  });

  test("with references that the words name, or that are named for them", () => {
    const params = { reference_images: [up(1), up(2)] };
    const body = bodyOf(video.submit(film(params, "@image1 in a boat"), model, credentials));
    expect(body).toMatchObject({
      prompt: "@image1 in a boat @image2 ",
      aspect_ratio: "16:9",
      image_references: [
        { type: "subject", img_id: 1, ref_name: "image1" },
        { type: "subject", img_id: 2, ref_name: "image2" },
      ],
    });
  });

  test.each([
    "duration",
    "quality",
    "generate_audio_switch",
    "generate_multi_clip_switch",
    "motion_mode",
    "sound_effect_switch",
    "lip_sync_tts_switch",
    "template_id",
  ])("and not with native %s, which is paid for", (name) => {
    const request = { ...film(), provider_options: { [name]: 1 } };
    expect(() => video.submit(request, model, credentials)).toThrow(`provider_options.pixverse.${name}`);
  });

  test("with native fields that change how it looks", () => {
    const request = { ...film(), provider_options: { style: "anime", camera_movement: "zoom_in" } };
    expect(bodyOf(video.submit(request, older, credentials))).toMatchObject({ style: "anime" });
  });

  test.each([
    [model, { duration_s: 16 }, "params.duration_s", true],
    [model, { duration_s: 2.5 }, "params.duration_s", true],
    [older, { duration_s: 10 }, "params.duration_s", true],
    [middle, { duration_s: 10, resolution: "1080p" }, "params.duration_s", true],
    [oldest, { duration_s: 8, resolution: "1080p" }, "params.duration_s", true],
    [model, { resolution: "480p" }, "params.resolution", true],
    [older, { aspect_ratio: "21:9" }, "params.aspect_ratio", true],
    [model, { aspect_ratio: "1:1", first_frame: still }, "params.aspect_ratio", true],
    [older, { with_audio: true }, "params.with_audio", true],
    [model, { negative_prompt: "rain" }, "params.negative_prompt", true],
    [model, { seed: 2_147_483_648 }, "params.seed", true],
    [model, { fps: 24 }, "params.fps", true],
    [model, { last_frame: still }, "params.last_frame", false],
    [model, { first_frame: still, reference_images: [still] }, "params.reference_images", false],
  ] as const)("but %o refuses %j", (on, params, field, droppable) => {
    expect(video.check(film(params), on)).toMatchObject([{ field, droppable }]);
    expect(() => video.submit(film(params), on, credentials)).toThrow(field);
  });

  test("in words of a bound", () => {
    expect(video.check(film({}, "x".repeat(5_001)), model)).toMatchObject([{ field: "prompt" }]);
    expect(video.check(film({}, "x".repeat(5_000)), model)).toEqual([]);
    expect(video.check(film({ with_audio: false, duration_s: 10, resolution: "720p" }), middle)).toEqual([]);
  });
});

test("images go up first, one by one, by link or as they are", async () => {
  const asked = film({ reference_images: [still, { url: "https://example.test/a.png" }] });
  const [first, second] = video.uploads?.(asked, model) ?? [];
  if (!first || !second) throw new Error("no uploads");
  const sent = first.request(credentials);
  expect(sent).toMatchObject({
    url: `${credentials.baseUrl}/openapi/v2/image/upload`,
    freshIdHeaders: ["ai-trace-id"],
  });
  expect(await formOf(sent)).toEqual([["image", expect.stringMatching(/^image\.png image\/png /)]]);
  expect(await formOf(second.request(credentials))).toEqual([["image_url", "https://example.test/a.png"]]);
  const once = first.uploaded(ok({ img_id: 11, img_url: "" }), asked);
  if ("failure" in once) throw new Error("failed");
  // The name depends on how the image came.
  const twice = second.uploaded(ok({ ImgID: 12 }), once);
  expect(twice).toMatchObject({ params: { reference_images: [{ reference: "11" }, { reference: "12" }] } });
  expect(first.uploaded(wrong(500_032), asked)).toMatchObject({ failure: { kind: "bad_request" } });
  expect(first.uploaded(ok({}), asked)).toMatchObject({ failure: { kind: "malformed" } });
  const [clip] = video.uploads?.(film({ video: { url: "https://example.test/a.mp4" } }), model) ?? [];
  expect(clip?.request(credentials).url).toMatch(/\/media\/upload$/);
});

describe("a job", () => {
  const started = () => {
    const state = video.submitted(ok({ video_id: 318_633_193_768_896, credits: 35 }), film(), model);
    if (state.state !== "running") throw new Error("not running");
    return JSON.parse(JSON.stringify(state.job)) as typeof state.job;
  };

  test("is asked for by its number until it ends", () => {
    expect(video.poll(started(), model, credentials)).toMatchObject({
      method: "GET",
      url: `${credentials.baseUrl}/openapi/v2/video/result/318633193768896`,
      headers: { "api-key": credentials.apiKey },
      freshIdHeaders: ["ai-trace-id"],
    });
    for (const status of [2, 3, 5]) {
      expect(video.polled(ok({ status }), started(), model)).toEqual({ state: "running", job: started() });
    }
    expect(video.cancel).toBeUndefined();
  });

  test("gives a link, and costs the credits that PixVerse names", () => {
    const done = {
      status: 1,
      url: "https://media.pixverse.ai/x.mp4",
      outputWidth: 1_024,
      outputHeight: 576,
      credits: 35,
    };
    expect(video.polled(ok(done), started(), model)).toMatchObject({
      state: "succeeded",
      result: { videos: [{ source: { url: done.url }, width: 1_024, height: 576, durationS: 5 }] },
      usage: { seconds: 5, providerCostNanoUsd: 350_000_000n },
    });
    // Where the last answer names none, the first one did.
    expect(video.polled(ok({ ...done, credits: undefined }), started(), model)).toMatchObject({
      usage: { providerCostNanoUsd: 350_000_000n },
    });
  });

  test.each([
    [ok({ status: 6 }), "not_found"],
    [ok({ status: 7 }), "content_refused"],
    [ok({ status: 8 }), "server_error"],
    [ok({ status: 1, url: "" }), "malformed"],
    [ok({}), "malformed"],
    [wrong(500_008), "not_found"],
    [json("<html>"), "malformed"],
  ])("%# has failed", (answer, kind) => {
    expect(video.polled(answer, started(), model)).toMatchObject({ state: "failed", failure: { kind } });
  });

  test("goes on when a question about it fails for a while", () => {
    for (const code of [500_044, 500_045, 500_069, 99_999]) {
      expect(video.polled(wrong(code), started(), model)).toEqual({ state: "running", job: started() });
    }
  });

  test.each([
    [wrong(500_063), "content_refused"],
    [wrong(500_090), "quota_exhausted"],
    [wrong(400_017), "bad_request"],
    [ok({}), "malformed"],
  ])("%# is none", (answer, kind) => {
    expect(video.submitted(answer, film(), model)).toMatchObject({ state: "failed", failure: { kind } });
  });
});

test.each([
  [200, 10_005, "unauthenticated"],
  [200, 400_099, "bad_request"],
  [200, 500_044, "rate_limited"],
  [200, 500_043, "quota_exhausted"],
  [200, 500_069, "overloaded"],
  [200, 99_999, "server_error"],
  [401, 10_001, "unauthenticated"],
  [429, 429, "rate_limited"],
  [502, 99_999, "server_error"],
])("status %i with code %i: %s", (status, ErrCode, kind) => {
  const body = JSON.stringify({ ErrCode, ErrMsg: "no" });
  expect(pixverse.decodeError(status, {}, body)).toMatchObject({ kind, message: "no", code: String(ErrCode) });
});

describe("what it costs", () => {
  const worst = (on: typeof model, params: VideoRequest["params"]) =>
    worstCaseOfTask(on, pricedRequest(on, film(params), job(pixverse.video, on)));

  test.each([
    // What nobody asks for is what the adapter asks for: 5 s at 540p.
    [model, {}, 350_000_000n],
    [model, { with_audio: true, resolution: "1080p", duration_s: 10 }, 2_300_000_000n],
    [older, {}, 450_000_000n],
    [older, { duration_s: 8, resolution: "1080p" }, 2_400_000_000n],
    [middle, { with_audio: true }, 900_000_000n],
    [shipped("pixverse/v5.5"), { with_audio: true, duration_s: 10 }, 1_090_000_000n],
  ] as const)("of %o with %j is set aside", (on, params, amount) => {
    expect(worst(on, params)).toBe(amount);
  });

  test("is charged by the table where PixVerse does not say", () => {
    const priced = pricedRequest(older, film({ duration_s: 8 }), job(pixverse.video, older));
    expect(costOf(older, { seconds: 8 }, askedOf(older, priced))).toBe(900_000_000n);
  });
});

describe("against the simulator", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation("pixverse");
  });
  afterAll(() => simulation.close());

  test.each<[string, VideoRequest["params"]]>([
    ["text", { duration_s: 2, resolution: "360p", with_audio: true }],
    ["a first frame", { first_frame: still }],
    ["two frames", { first_frame: still, last_frame: still }],
    ["references", { reference_images: [still, { url: "https://example.test/b.png" }] }],
  ])("films from %s, at what was set aside and billed", async (_what, params) => {
    const done = await simulation.perform<VideoResult>(model, film(params));
    const [made] = done.result.videos;
    if (!made) throw new Error("no video");
    expect((await simulation.bytes(made)).byteLength).toBeGreaterThan(100);
    expect(done.usage).toEqual(done.billed);
    const setAside = worstCaseOfTask(model, pricedRequest(model, film(params), video));
    expect(setAside).toBe(done.billed.providerCostNanoUsd);
  });

  test("every sending has a trace id of its own: the same film twice is two films", async () => {
    const ids = new Set<string | undefined>();
    for (let n = 0; n < 3; n++) ids.add((await simulation.perform(model, film())).jobs[0]?.id);
    expect(ids.size).toBe(3);
  });

  test("what is refused, and a job that fails, are told apart", async () => {
    expect(await simulation.failure(model, film({}, "block this prompt"))).toMatchObject({
      failure: { kind: "content_refused" },
    });
    expect(await simulation.failure(model, film({}, "fail this job"))).toMatchObject({
      failure: { kind: "server_error" },
    });
  });
});
