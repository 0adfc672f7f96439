import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settingsSchema } from "../../../src/config/settings.ts";
import { localCaller } from "../../../src/core/caller.ts";
import { parseUsd } from "../../../src/core/money.ts";
import type { Gateway } from "../../../src/gateway.ts";
import { inferArgs } from "../../../src/infer/request.ts";
import { openGateway } from "../../../src/open-gateway.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/simulator.ts";
import { fastClock } from "../support/fast-clock.ts";

/** Media of providers that work on it while one asks, through the whole pipeline: what is set aside pays for it. */
const providers = ["alibaba", "bytedance", "runway", "vidu"] as const;
let home: string;
let simulator: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-media-jobs-"));
  simulator = await startSimulator({ providers });
  gateway = await openGateway({
    dataDirectory: home,
    tools: [],
    environment: () => undefined,
    clock: fastClock(),
    settings: settingsSchema.parse({
      providers: Object.fromEntries(
        providers.map((name) => [name, { key: simulator.apiKey(name), base_url: simulator.baseUrl(name) }]),
      ),
    }),
  });
});
afterAll(async () => {
  await gateway.close();
  await simulator.close();
  await rm(home, { recursive: true, force: true });
});

async function run(args: Record<string, unknown>) {
  const before = (await gateway.credits.balance(localCaller)).spent;
  const result = await (await gateway.infer.start(inferArgs.parse(args), localCaller)).done;
  const { spent, held } = await gateway.credits.balance(localCaller);
  expect(held).toBe(0n);
  expect(parseUsd(result?.cost.total ?? "0")).toBe(spent - before);
  return result;
}

describe("a film, asked for by words alone", () => {
  test.each([
    ["alibaba/wan2.7-t2v", "0.5"],
    ["bytedance/seedance-1-0-pro-250528", "0.61"],
    ["runway/gen4.5", "0.6"],
    ["vidu/viduq3-turbo", "0.275"],
  ])("of %s costs %s, no more than was set aside", async (model, cost) => {
    const result = await run({ model, prompt: "a fox runs", max_cost: cost });
    expect(result).toMatchObject({ status: "succeeded", model, cost: { total: cost }, warnings: [] });
    expect(result?.output.video).toMatchObject([
      { blob: expect.stringMatching(/^blob_/), media_type: "video/mp4", duration_s: 5 },
    ]);
  });

  test("of a model whose price nobody knows has to say what it may cost, and costs what its provider says", async () => {
    await expect(run({ model: "vidu/viduq2", prompt: "a fox runs" })).resolves.toMatchObject({
      status: "failed",
      error: { code: "unsupported", message: expect.stringContaining("max_cost") },
    });
    const result = await run({ model: "vidu/viduq2", prompt: "a fox runs", max_cost: "1" });
    expect(result).toMatchObject({ status: "succeeded", cost: { total: "0.25" } });
  });

  test("that its provider refuses is not asked for elsewhere, and costs what that provider takes for it", async () => {
    const asked = { prompt: "please refuse", params: { duration_s: 5 } };
    const result = await run({ model: "runway/gen4.5", fallbacks: ["vidu/viduq3-turbo"], ...asked });
    expect(result).toMatchObject({ status: "failed", error: { code: "content_refused" }, cost: { total: "0.6" } });
    expect(result?.attempts).toHaveLength(1);
  });

  test("that fails at its provider is asked for elsewhere", async () => {
    const result = await run({
      model: "alibaba/wan2.7-t2v",
      fallbacks: ["vidu/viduq3-turbo"],
      prompt: "a fox runs",
      params: { resolution: "720p" },
    });
    expect(result?.status).toBe("succeeded");
    simulator.faults.script([{ provider: "alibaba", fault: { kind: "quota_exhausted" } }]);
    const other = await run({ model: "alibaba/wan2.6-t2v", fallbacks: ["vidu/viduq3-turbo"], prompt: "a fox runs" });
    expect(other).toMatchObject({ status: "succeeded", model: "vidu/viduq3-turbo" });
  });
});

test("a picture and a voice that are made by a job are kept as any other", async () => {
  const picture = await run({ model: "runway/gen4_image", prompt: "a kite", params: { aspect_ratio: "16:9" } });
  expect(picture?.output.images).toMatchObject([{ media_type: "image/png", width: 1_280, height: 720 }]);
  const voice = await run({ model: "runway/eleven_multilingual_v2", prompt: "Hello there." });
  expect(voice).toMatchObject({ status: "succeeded", cost: { total: "0.01" } });
  expect(voice?.output.audio).toMatchObject([{ blob: expect.stringMatching(/^blob_/) }]);
});

test("a parameter that a model has not is dropped where the caller would have that, and named", async () => {
  const asked = { model: "vidu/viduq3-turbo", prompt: "a fox runs", params: { negative_prompt: "rain" } };
  expect(await run(asked)).toMatchObject({ status: "failed", error: { code: "unsupported" } });
  expect(await run({ ...asked, on_unsupported: "drop" })).toMatchObject({
    status: "succeeded",
    warnings: [expect.stringContaining("params.negative_prompt was left out")],
  });
});
