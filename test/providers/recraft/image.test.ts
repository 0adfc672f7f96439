import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { recraft } from "../../../src/providers/recraft/index.ts";
import type { ImageRequest, ImageResult } from "../../../src/providers/shapes/image.ts";
import { bodyOf, jpeg, json, png, shipped, unansweredModels, unary } from "../support/media.ts";
import { credentials } from "../support/model.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";

test("every Recraft model is answered for", () => {
  expect(unansweredModels(recraft)).toEqual([]);
});

const model = shipped("recraft/recraftv4_1");
const pro = shipped("recraft/recraftv4_1_pro");
const vector = shipped("recraft/recraftv4_1_vector");
const flash = shipped("recraft/recraftv4_1_flash");
const third = shipped("recraft/recraftv3");
const second = shipped("recraft/recraftv2");
const styles = shipped("recraft/recraftv4_styles");
const image = unary(recraft.image, model);
const still = { data: png.toString("base64") };
const pngUrl = `data:image/png;base64,${png.toString("base64")}`;
const draw = (params: ImageRequest["params"] = {}, prompt = "a red kite"): ImageRequest => ({ prompt, params });

describe("an image is asked for", () => {
  test.each([
    [model, {}, "generations", {}],
    [
      model,
      { n: 2, aspect_ratio: "16:9", seed: 7, format: "png" },
      "generations",
      { n: 2, size: "1344x768", random_seed: 7, image_format: "png" },
    ],
    [pro, { aspect_ratio: "16:9" }, "generations", { size: "2688x1536" }],
    [
      third,
      { aspect_ratio: "16:9", negative_prompt: "rain" },
      "generations",
      { size: "1820x1024", negative_prompt: "rain" },
    ],
    [vector, { size: "1024x1024", format: "svg" }, "generations", { size: "1024x1024" }],
    [model, { images: [still] }, "imageToImage", { image: pngUrl, strength: 0.5 }],
    [third, { images: [still], mask: still }, "inpaint", { image: pngUrl, mask: pngUrl }],
  ] as const)("of %o with %j", (on, params, route, fields) => {
    const request = image.request(draw(params), on, credentials);
    expect(request).toMatchObject({
      method: "POST",
      url: `${credentials.baseUrl}/images/${route}`,
      headers: { authorization: `Bearer ${credentials.apiKey}` },
    });
    expect(bodyOf(request)).toEqual({
      model: on.nativeId,
      prompt: "a red kite",
      response_format: "b64_json",
      ...fields,
    });
  });

  test("with native fields", () => {
    const request = { ...draw({ images: [still] }), provider_options: { strength: 0.2, style: "vector_illustration" } };
    expect(bodyOf(image.request(request, third, credentials))).toMatchObject({
      strength: 0.2,
      style: "vector_illustration",
    });
  });

  test.each(["n", "size", "model", "response_format"])("and not with native %s, which is paid for", (name) => {
    const request = { ...draw(), provider_options: { [name]: "6" } };
    expect(() => image.request(request, model, credentials)).toThrow(`provider_options.recraft.${name}`);
  });

  test.each([
    [model, { size: "1K" }, "params.size", true],
    [pro, { size: "1024x1024" }, "params.size", true],
    [model, { aspect_ratio: "auto" }, "params.aspect_ratio", true],
    [model, { aspect_ratio: "1:1", size: "1024x1024" }, "params.aspect_ratio", true],
    [model, { aspect_ratio: "1:1", images: [still] }, "params.aspect_ratio", true],
    [model, { n: 7 }, "params.n", false],
    [model, { format: "jpeg" }, "params.format", true],
    [vector, { format: "png" }, "params.format", true],
    [model, { quality: "high" }, "params.quality", true],
    [model, { background: "transparent" }, "params.background", true],
    [model, { negative_prompt: "rain" }, "params.negative_prompt", true],
    [model, { images: [still, still] }, "params.images", false],
    [flash, { images: [still] }, "params.images", false],
    [second, { images: [still] }, "params.images", false],
    [model, { images: [still], mask: still }, "params.mask", false],
    [third, { mask: still }, "params.mask", false],
    [styles, {}, "provider_options.recraft.style_id", false],
  ] as const)("but %o refuses %j", (on, params, field, droppable) => {
    expect(image.check(draw(params), on)).toMatchObject([{ field, droppable }]);
  });

  test("in words of a bound", () => {
    expect(image.check(draw({}, "x".repeat(10_001)), model)).toMatchObject([{ field: "prompt" }]);
    expect(image.check(draw({}, "x".repeat(1_001)), third)).toMatchObject([{ field: "prompt" }]);
    expect(image.check(draw({}, ""), model)).toMatchObject([{ field: "prompt" }]);
    expect(image.check({ ...draw(), provider_options: { style_id: "s1" } }, styles)).toEqual([]);
  });
});

describe("the answer", () => {
  const drawn = { image_id: "7f3c0c56", b64_json: jpeg.toString("base64") };

  test("is images, and what they cost in Recraft's own units", () => {
    const decoded = image.decode(json({ created: 1, credits: 70, data: [drawn, drawn] }), draw({ n: 2 }), model);
    expect(decoded).toMatchObject({
      result: { images: [{ mediaType: "image/jpeg", source: { kind: "bytes", bytes: jpeg } }, {}] },
      usage: { images: 2, providerCostNanoUsd: 70_000_000n },
    });
    if ("failure" in decoded) throw new Error("failed");
    // Two images at $0.035: what Recraft says is what its table says.
    expect(costOf(model, decoded.usage)).toBe(70_000_000n);
    expect(costOf(model, { images: 2 })).toBe(70_000_000n);
  });

  test("of a vector model is SVG; a link is taken where it comes, and parts of a unit count", () => {
    const link = { image_id: "1", url: "https://img.recraft.ai/x.svg" };
    expect(image.decode(json({ credits: 0.5, data: [link] }), draw(), vector)).toMatchObject({
      result: { images: [{ mediaType: "image/svg+xml", source: { kind: "url", url: link.url } }] },
      usage: { providerCostNanoUsd: 500_000n },
    });
  });

  test.each([
    [
      { credits: 35, data: [] },
      { failure: { kind: "malformed" }, usage: { providerCostNanoUsd: 35_000_000n } },
    ],
    [{ credits: 35, data: [{ url: "ftp://x.test/a" }] }, { failure: { kind: "malformed" } }],
    ["<html>", { failure: { kind: "malformed" } }],
  ])("%j is a failure", (body, outcome) => {
    expect(image.decode(json(body), draw(), model)).toMatchObject(outcome);
  });
});

describe("edits", () => {
  const edit = (id: string) => {
    const on = shipped(`recraft/${id}`);
    return { on, doing: unary(recraft.image, on) };
  };

  test.each([
    ["vectorize", {}, {}],
    ["removeBackground", { format: "png" }, { image_format: "png" }],
    ["crispUpscale", {}, {}],
    ["creativeUpscale", {}, {}],
    ["eraseRegion", { mask: still }, { mask: pngUrl }],
  ] as const)("%s has a route of its own and reads no prompt", (id, params, fields) => {
    const { on, doing } = edit(id);
    const request = doing.request(draw({ images: [still], ...params }, ""), on, credentials);
    expect(request.url).toBe(`${credentials.baseUrl}/images/${id}`);
    expect(bodyOf(request)).toEqual({ image: pngUrl, response_format: "b64_json", ...fields });
    expect(doing.check(draw({ images: [still], ...params }, "a red kite"), on)).toMatchObject([{ field: "prompt" }]);
    expect(doing.check(draw(params, ""), on)).toMatchObject([{ field: "params.images", droppable: false }]);
  });

  test("replaceBackground is done by a model", () => {
    const { on, doing } = edit("replaceBackground");
    expect(bodyOf(doing.request(draw({ images: [still], n: 2, seed: 1 }), on, credentials))).toEqual({
      model: "recraftv3",
      prompt: "a red kite",
      image: pngUrl,
      n: 2,
      random_seed: 1,
      response_format: "b64_json",
    });
    expect(doing.check(draw({ images: [still] }, ""), on)).toMatchObject([{ field: "prompt" }]);
  });

  test("a region without a mask is refused, and a mask without a region", () => {
    const { on, doing } = edit("eraseRegion");
    expect(doing.check(draw({ images: [still] }, ""), on)).toMatchObject([{ field: "params.mask" }]);
    const whole = edit("vectorize");
    expect(whole.doing.check(draw({ images: [still], mask: still }, ""), whole.on)).toMatchObject([
      { field: "params.mask" },
    ]);
  });

  test("one image is one image, at the price of its route", () => {
    const { on, doing } = edit("crispUpscale");
    const answer = { created: 1, credits: 4, image: { image_id: "1", b64_json: jpeg.toString("base64") } };
    const decoded = doing.decode(json(answer), draw({ images: [still] }, ""), on);
    expect(decoded).toMatchObject({ usage: { images: 1, providerCostNanoUsd: 4_000_000n } });
    expect(costOf(on, { images: 1 })).toBe(4_000_000n);
  });
});

test.each([
  [400, { code: "bad_request", message: "unknown model" }, "bad_request"],
  [400, { code: "content_moderation", message: "The prompt was moderated." }, "content_refused"],
  [401, { code: "unauthorized", message: "Invalid API token" }, "unauthenticated"],
  [402, { code: "not_enough_credits", message: "Not enough credits" }, "quota_exhausted"],
  [403, { code: "not_enough_credits", message: "Not enough credits" }, "quota_exhausted"],
  [413, { code: "too_large", message: "The image is too large" }, "too_large"],
  [429, { code: "rate_limit_exceeded", message: "Too many requests" }, "rate_limited"],
  [500, { code: "internal", message: "Internal server error" }, "server_error"],
  [503, { code: "unavailable", message: "Service unavailable" }, "overloaded"],
])("status %i with %j: %s", (status, body, kind) => {
  expect(recraft.decodeError(status, { "retry-after": "2" }, JSON.stringify(body))).toMatchObject({
    kind,
    retryAfterMs: 2_000,
  });
});

describe("against the simulator", () => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation("recraft");
  });
  afterAll(() => simulation.close());

  test("images are drawn, redrawn and taken apart, at what was billed", async () => {
    const drawn = await simulation.perform<ImageResult>(third, draw({ aspect_ratio: "1:1", n: 2, format: "png" }));
    const [first] = drawn.result.images;
    if (!first) throw new Error("no image");
    const source = { data: Buffer.from(await simulation.bytes(first)).toString("base64") };
    const redrawn = await simulation.perform<ImageResult>(model, draw({ images: [source] }));
    const masked = await simulation.perform<ImageResult>(third, draw({ images: [source], mask: source }));
    const on = shipped("recraft/vectorize");
    const traced = await simulation.perform<ImageResult>(on, draw({ images: [source] }, ""));
    expect(traced.result.images[0]?.mediaType).toBe("image/svg+xml");
    const cost = [drawn, redrawn, masked, traced].reduce(
      (sum, { usage }) => sum + (usage.providerCostNanoUsd ?? 0n),
      0n,
    );
    expect(cost).toBe(80_000_000n + 35_000_000n + 40_000_000n + 10_000_000n);
    for (const done of [drawn, redrawn, masked, traced]) expect(done.usage).toEqual(done.billed);
  });

  test("every model's every shape is one that it has", async () => {
    for (const on of [model, pro, third]) {
      for (const aspect_ratio of ["1:1", "2:1", "3:2", "4:3", "5:4", "14:10", "16:9", "9:16"]) {
        const done = await simulation.perform<ImageResult>(on, draw({ aspect_ratio }));
        expect(done.result.images).toHaveLength(1);
      }
    }
  });

  test("what is refused is told as such", async () => {
    expect(await simulation.failure(model, draw({}, "refuse"))).toMatchObject({
      failure: { kind: "content_refused" },
    });
  });
});
