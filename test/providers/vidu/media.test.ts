import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import type { ImageRequest, ImageResult } from "../../../src/providers/shapes/image.ts";
import type { VideoRequest, VideoResult } from "../../../src/providers/shapes/video.ts";
import { vidu } from "../../../src/providers/vidu/index.ts";
import type { FaultInput } from "../../../src/simulator/faults/fault.ts";
import { bodyOf, job, json, png, shipped, unansweredModels } from "../support/media.ts";
import { card, credentials } from "../support/model.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";

test("every Vidu model is answered for", () => {
  expect(unansweredModels(vidu)).toEqual([]);
});

test.each([
  ["image", "viduq3-image"],
  ["video", "toString"],
] as const)("nothing does %s with %s", (task, id) => {
  expect(vidu[task]?.(card(`vidu/${id}`, { task }))).toBeUndefined();
});

const still = { data: png.toString("base64") };
const pngUrl = `data:image/png;base64,${still.data}`;
const last = { url: "https://a.test/last.jpg" };
const clip = { url: "https://a.test/clip.mp4" };
const path = (name: string) => `${credentials.baseUrl}/${name}`;

test.each([
  [400, "BadRequest", "bad_request"],
  [400, "FieldInvalid", "bad_request"],
  [400, "ImageDownloadFailure", "bad_request"],
  [400, "ModelUnavailable", "not_found"],
  [400, "OperationInProcess", "rate_limited"],
  [400, "AuditSubmitIllegal", "content_refused"],
  [400, "TaskPromptPolicyViolation", "content_refused"],
  [400, "CreationPolicyViolation", "content_refused"],
  // Not 402.
  [400, "CreditInsufficient", "quota_exhausted"],
  [401, "Unauthorized", "unauthenticated"],
  [403, "Forbidden", "forbidden"],
  [404, "TaskNotFound", "not_found"],
  [409, "Conflict", "bad_request"],
  [429, "QuotaExceeded", "rate_limited"],
  [429, "SystemThrottling", "overloaded"],
  [500, "InternalServiceFailure", "server_error"],
] as const)("status %d %s is %s", (status, reason, kind) => {
  const body = { code: status, reason, message: "no", metadata: { trace_id: "t-1" } };
  expect(vidu.decodeError(status, {}, JSON.stringify(body))).toEqual({
    kind,
    status,
    code: reason,
    message: "no",
    requestId: "t-1",
  });
});

test("a page in place of an error is told as one", () => {
  expect(vidu.decodeError(502, {}, "<html><title>Bad</title>")).toMatchObject({ kind: "server_error", status: 502 });
});

const waiting = { id: "t1", data: { state: "created", seconds: 5, credits: 55 } };

describe("Vidu video", () => {
  const of = (id: string) => {
    const model = shipped(`vidu/${id}`);
    return { model, video: job(vidu.video, model) };
  };
  const film = (params: VideoRequest["params"] = {}, prompt = "a fox runs"): VideoRequest => ({ prompt, params });
  const words = { prompt: "a fox runs" };
  const five = { duration: 5, resolution: "720p" };

  test("is asked for with a word of Vidu's own before the key", () => {
    const { model, video } = of("viduq3-turbo");
    const request = video.submit({ ...film(), provider_options: { off_peak: true } }, model, credentials);
    expect(request).toMatchObject({ method: "POST", headers: { authorization: "Token test-key" } });
    expect(bodyOf(request)).toEqual({ model: "viduq3-turbo", ...words, ...five, audio: true, off_peak: true });
  });

  test.each<[string, VideoRequest, string, object]>([
    [
      "viduq3-pro",
      film({ duration_s: 16, resolution: "540p", aspect_ratio: "9:16", with_audio: false, seed: 1 }),
      "text2video",
      { ...words, duration: 16, resolution: "540p", aspect_ratio: "9:16", audio: false, seed: 1 },
    ],
    ["viduq3-pro-fast", film({ first_frame: still }, ""), "img2video", { images: [pngUrl], ...five, audio: true }],
    [
      "viduq2-turbo",
      film({ first_frame: still, last_frame: last, aspect_ratio: "auto" }),
      "start-end2video",
      { ...words, images: [pngUrl, last.url], ...five },
    ],
    [
      "viduq3-mix",
      film({ reference_images: [still, last] }),
      "reference2video",
      { ...words, images: [pngUrl, last.url], ...five, audio: true },
    ],
    [
      "viduq2-pro",
      film({ reference_images: [still], video: clip }),
      "reference2video",
      { ...words, images: [pngUrl], videos: [clip.url], ...five },
    ],
    ["viduq1", film(), "text2video", { ...words, duration: 5, resolution: "1080p" }],
    [
      "vidu2.0",
      film({ first_frame: still }),
      "img2video",
      { ...words, images: [pngUrl], duration: 4, resolution: "720p" },
    ],
    [
      "vidu2.0",
      film({ first_frame: still, duration_s: 8 }),
      "img2video",
      { ...words, images: [pngUrl], duration: 8, resolution: "720p" },
    ],
  ])("%s with %j", (id, request, route, body) => {
    const { model, video } = of(id);
    const sent = video.submit(request, model, credentials);
    expect(sent.url).toBe(path(route));
    expect(bodyOf(sent)).toEqual({ model: id, ...body });
  });

  test.each<[string, VideoRequest, string, boolean]>([
    ["viduq3-pro", film({ duration_s: 17 }), "params.duration_s", true],
    ["viduq3-pro", film({ resolution: "360p" }), "params.resolution", true],
    ["viduq3-pro", film({ aspect_ratio: "21:9" }), "params.aspect_ratio", true],
    ["viduq3-pro", film({ last_frame: last }), "params.last_frame", false],
    ["viduq3-pro", film({ reference_images: [still] }), "params.reference_images", false],
    ["viduq3-pro", film({ first_frame: still, aspect_ratio: "1:1" }), "params.aspect_ratio", true],
    ["viduq3-pro", film({ first_frame: { url: "https://a.test/a.gif" } }), "params.first_frame", false],
    ["viduq3-pro", film({ negative_prompt: "rain" }), "params.negative_prompt", true],
    ["viduq3-pro", film({}, " "), "prompt", false],
    ["viduq3-pro", film({}, "x".repeat(5_001)), "prompt", false],
    ["viduq3-pro-fast", film(), "params.first_frame", false],
    ["viduq3-pro-fast", film({ first_frame: still, resolution: "540p" }), "params.resolution", true],
    ["viduq3", film(), "params.reference_images", false],
    ["viduq3", film({ reference_images: [still], duration_s: 2 }), "params.duration_s", true],
    ["viduq3", film({ reference_images: [still], video: clip }), "params.video", false],
    ["viduq3", film({ reference_images: Array.from({ length: 8 }, () => still) }), "params.reference_images", false],
    [
      "viduq2-pro",
      film({ reference_images: Array.from({ length: 5 }, () => still), video: clip }),
      "params.reference_images",
      false,
    ],
    ["viduq2-turbo", film({ first_frame: still, with_audio: true }), "params.with_audio", true],
    ["viduq3-turbo", film({ first_frame: still, reference_images: [still] }), "params.reference_images", false],
    ["viduq1", film({ duration_s: 8 }), "params.duration_s", true],
    ["vidu2.0", film({ first_frame: still, duration_s: 8, resolution: "1080p" }), "params.duration_s", true],
  ])("%s refuses %j", (id, request, field, droppable) => {
    const { model, video } = of(id);
    expect(video.check(request, model)).toMatchObject([{ field, droppable }]);
  });

  test.each(["duration", "resolution", "images", "videos", "is_rec"])("%s cannot come past the budget", (name) => {
    const { model, video } = of("viduq3-pro");
    expect(() => video.submit({ ...film(), provider_options: { [name]: 1 } }, model, credentials)).toThrowError(
      `${name} cannot be set`,
    );
  });

  test("what is set aside for it is for what it films", () => {
    const defaults = (id: string, params: VideoRequest["params"]) =>
      of(id).video.defaults?.(film(params), of(id).model);
    expect(defaults("viduq3-pro", {})).toEqual({ duration_s: 5, resolution: "720p" });
    expect(defaults("vidu2.0", { first_frame: still })).toEqual({ duration_s: 4, resolution: "720p" });
    expect(defaults("vidu2.0", {})).toEqual({});
    expect(costOf(of("vidu2.0").model, {}, { seconds: 4, resolution: "720p" })).toBe(200_000_000n);
  });

  const { model, video } = of("viduq3-turbo");
  const task = (rest: object) => json({ id: "t1", err_code: "", payload: "", creations: [], ...rest });

  test("is asked about by its id, and can be stopped while it waits", () => {
    const started = { task_id: "t1", state: "created", model: "viduq3-turbo", duration: 5, credits: 55 };
    expect(video.submitted(json(started), film(), model)).toEqual({ state: "running", job: waiting });
    expect(video.poll(waiting, model, credentials)).toMatchObject({
      method: "GET",
      url: path("tasks/t1/creations"),
      headers: { authorization: "Token test-key" },
    });
    const stop = video.cancel?.(waiting, model, credentials);
    expect(stop).toMatchObject({ method: "POST", url: path("tasks/t1/cancel") });
    expect(stop && bodyOf(stop)).toEqual({ id: "t1" });
    const running = { id: "t1", data: { ...waiting.data, state: "processing" } };
    expect(video.polled(task({ state: "processing", progress: 40 }), waiting, model)).toEqual({
      state: "running",
      job: running,
      progress: 0.4,
    });
    expect(video.cancel?.(running, model, credentials)).toBeUndefined();
    for (const state of ["created", "queueing"]) {
      expect(video.polled(task({ state }), waiting, model)).toEqual({
        state: "running",
        job: { id: "t1", data: { ...waiting.data, state } },
      });
    }
  });

  test("is charged by the credits that Vidu counted", () => {
    const creations = [{ id: "c1", url: "https://a.test/c1.mp4", cover_url: "https://a.test/c1.jpg" }];
    const done = video.polled(task({ state: "success", credits: 54, creations }), waiting, model);
    expect(done).toMatchObject({
      state: "succeeded",
      result: { videos: [{ mediaType: "video/mp4", durationS: 5, source: { url: "https://a.test/c1.mp4" } }] },
      usage: { seconds: 5, providerCostNanoUsd: 270_000_000n },
    });
    if (done.state !== "succeeded") throw new Error("failed");
    expect(costOf(model, done.usage)).toBe(270_000_000n);
    // Where it does not say it again, what it said at first holds.
    expect(video.polled(task({ state: "success", creations }), waiting, model)).toMatchObject({
      usage: { providerCostNanoUsd: 275_000_000n },
    });
    expect(video.polled(task({ state: "success", credits: 55 }), waiting, model)).toMatchObject({
      state: "failed",
      failure: { kind: "malformed" },
      usage: { providerCostNanoUsd: 275_000_000n },
    });
  });

  test.each<[object, object]>([
    [{ state: "failed", err_code: "CreationPolicyViolation" }, { failure: { kind: "content_refused" } }],
    [{ state: "failed", err_code: "InternalServiceFailure" }, { failure: { kind: "server_error" } }],
    [{ state: "failed", err_code: "ImageDownloadFailure" }, { failure: { kind: "bad_request" } }],
    [{ state: "failed" }, { failure: { kind: "server_error" } }],
    [{ state: "failed", err_code: "UserCancelled" }, { state: "cancelled" }],
    [{ state: "expired" }, { failure: { kind: "not_found" } }],
    [{ state: "paused" }, { failure: { kind: "malformed" } }],
  ])("%j ends the job", (rest, ending) => {
    const state = video.polled(task(rest), waiting, model);
    expect(state).toMatchObject(ending);
    // What failed is not charged.
    expect("usage" in state).toBe(false);
  });

  test.each([[{}], ["<html>"]])("%j is no task", (body) => {
    expect(video.submitted(json(body), film(), model)).toMatchObject({ failure: { kind: "malformed" } });
    expect(video.polled(json(body), waiting, model)).toMatchObject({ failure: { kind: "malformed" } });
  });

  test("a task that failed at once is a failure", () => {
    const failed = json({ task_id: "t1", state: "failed", err_code: "AuditSubmitIllegal" });
    expect(video.submitted(failed, film(), model)).toMatchObject({ failure: { kind: "content_refused" } });
  });
});

describe("Vidu images", () => {
  const model = shipped("vidu/viduq2-image");
  const image = job(vidu.image, model);
  const draw = (params: ImageRequest["params"] = {}): ImageRequest => ({ prompt: "a red kite", params });

  test("are asked of the model that films, by its own name", () => {
    const request = image.submit(
      draw({ size: "2K", aspect_ratio: "21:9", images: [still], seed: 4 }),
      model,
      credentials,
    );
    expect(request.url).toBe(path("reference2image"));
    expect(bodyOf(request)).toEqual({
      model: "viduq2",
      prompt: "a red kite",
      images: [pngUrl],
      resolution: "2K",
      aspect_ratio: "21:9",
      seed: 4,
    });
    expect(bodyOf(image.submit(draw(), model, credentials))).toMatchObject({ resolution: "1080p" });
    expect(image.defaults?.(draw(), model)).toEqual({ size: "1K" });
  });

  test.each<[ImageRequest["params"], string, boolean]>([
    [{ n: 2 }, "params.n", false],
    [{ size: "1024x1024" }, "params.size", true],
    [{ aspect_ratio: "2:1" }, "params.aspect_ratio", true],
    [{ images: Array.from({ length: 8 }, () => still) }, "params.images", false],
    [{ images: [{ url: "https://a.test/a.gif" }] }, "params.images[0]", false],
    [{ quality: "low" }, "params.quality", true],
  ])("%j is refused", (params, field, droppable) => {
    expect(image.check(draw(params), model)).toMatchObject([{ field, droppable }]);
  });

  test("words are bounded", () => {
    expect(image.check({ prompt: "x".repeat(2_001), params: {} }, model)).toMatchObject([{ field: "prompt" }]);
  });

  test("are charged by the credits that Vidu counted", () => {
    const started = image.submitted(json({ task_id: "t1", state: "created", credits: 6 }), draw(), model);
    if (started.state !== "running") throw new Error("not running");
    const answer = json({ state: "success", credits: 6, creations: [{ id: "c", url: "https://a.test/c.png" }] });
    expect(image.polled(answer, started.job, model)).toMatchObject({
      result: { images: [{ source: { url: "https://a.test/c.png" } }] },
      usage: { images: 1, providerCostNanoUsd: 30_000_000n },
    });
  });
});

describe("over HTTP, Vidu's simulator", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation("vidu");
  });
  afterAll(() => simulation.close());

  test.each<[string, VideoRequest["params"], string?]>([
    ["viduq3-pro", { duration_s: 1, resolution: "540p", aspect_ratio: "4:3" }],
    ["viduq3-turbo", { reference_images: [still], with_audio: false }],
    ["viduq3-turbo", { first_frame: still, last_frame: last }],
    ["viduq3-pro-fast", { first_frame: still }, ""],
    ["viduq3", { reference_images: [still] }],
    ["viduq3-mix", { reference_images: [still], aspect_ratio: "9:16" }],
    ["viduq2", { seed: 1 }],
    ["viduq2-pro", { reference_images: [still], video: clip }],
    ["viduq2-turbo", { first_frame: still, duration_s: 10 }],
    ["viduq2-pro-fast", { first_frame: still, last_frame: last }],
    ["viduq1", {}],
    ["vidu2.0", { first_frame: still, duration_s: 8 }],
    ["vidu2.0", { reference_images: [still], resolution: "360p" }],
  ])("films with %s %j", async (id, params, prompt = "a fox runs") => {
    const done = await simulation.perform<VideoResult>(shipped(`vidu/${id}`), { prompt, params });
    expect(done.usage).toEqual(done.billed);
    expect(done.jobs.map(({ data }) => data?.state)).toEqual(["created", "queueing", "processing"]);
    const [filmed] = done.result.videos;
    expect(filmed && Buffer.from(await simulation.bytes(filmed)).toString("latin1", 4, 8)).toBe("ftyp");
  });

  test.each<ImageRequest["params"]>([{}, { images: [still], size: "4K", aspect_ratio: "auto" }])(
    "draws %j",
    async (params) => {
      const done = await simulation.perform<ImageResult>(shipped("vidu/viduq2-image"), { prompt: "a kite", params });
      expect(done.usage).toEqual({ images: 1, providerCostNanoUsd: done.billed.providerCostNanoUsd });
      const [drawn] = done.result.images;
      expect(drawn && Buffer.from(await simulation.bytes(drawn)).toString("latin1", 1, 4)).toBe("PNG");
    },
  );

  const model = shipped("vidu/viduq3-pro");

  test("takes back what is not wanted any more, and charges nothing for it", async () => {
    const fox = { prompt: "a fox runs", params: {} };
    expect(await simulation.giveUp(model, fox)).toEqual({ seconds: 0, providerCostNanoUsd: 0n });
    expect(simulation.simulator.book.entries.at(-1)).toMatchObject({ method: "POST", status: 200 });
  });

  test.each([
    ["fail this job", "server_error", "InternalServiceFailure"],
    ["please refuse", "content_refused", "CreationPolicyViolation"],
    ["block this prompt", "content_refused", "TaskPromptPolicyViolation"],
  ])("told to %s, it fails as %s", async (prompt, kind, code) => {
    const { failure, usage } = await simulation.failure(model, { prompt, params: {} });
    expect(failure).toMatchObject({ kind, code });
    expect(usage).toBeUndefined();
  });

  test.each<[FaultInput, string]>([
    [{ kind: "rate_limited", retry: "seconds", afterMs: 3_000 }, "rate_limited"],
    [{ kind: "quota_exhausted" }, "quota_exhausted"],
    [{ kind: "invalid_key" }, "unauthenticated"],
    [{ kind: "server_error" }, "server_error"],
    [{ kind: "overloaded" }, "overloaded"],
    [{ kind: "html" }, "malformed"],
  ])("failing by %j is told as %s, whatever was asked for", async (fault, kind) => {
    for (const id of [model.id, "vidu/viduq2-image"]) {
      simulation.simulator.faults.script([{ fault, provider: "vidu" }]);
      expect((await simulation.failure(shipped(id), { prompt: "a fox", params: {} })).failure.kind).toBe(kind);
    }
  });
});
