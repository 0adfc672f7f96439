import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { settingsSchema } from "../../../src/config/settings.ts";
import { localCaller } from "../../../src/core/caller.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { parseUsd } from "../../../src/core/money.ts";
import type { Gateway } from "../../../src/gateway.ts";
import { inferArgs } from "../../../src/infer/request.ts";
import { openGateway } from "../../../src/open-gateway.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/simulator.ts";
import { tools } from "../../../tools/index.ts";
import { fastClock } from "../support/pipeline.ts";

/** Requests that go to a provider in parts, of which some fail: what is paid for is kept, charged once, and named. */
let home: string;
let simulator: Simulator;
let gateway: Gateway;
/** Called when the pipeline waits before it asks again. */
let whenWaiting: (() => void) | undefined;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-parts-"));
  simulator = await startSimulator();
  const access = (name: "alibaba" | "bytedance" | "google" | "openai") => [
    name,
    { key: simulator.apiKey(name), base_url: simulator.baseUrl(name) },
  ];
  const fast = fastClock();
  const clock: Clock = {
    ...fast,
    sleep: (ms, signal) => {
      whenWaiting?.();
      return fast.sleep(ms, signal);
    },
  };
  gateway = await openGateway({
    dataDirectory: home,
    tools,
    environment: () => undefined,
    clock,
    settings: settingsSchema.parse({
      providers: Object.fromEntries((["alibaba", "bytedance", "google", "openai"] as const).map(access)),
    }),
  });
});
afterEach(() => {
  simulator.faults.clear();
  whenWaiting = undefined;
});
afterAll(async () => {
  await gateway.close();
  await simulator.close();
  await rm(home, { recursive: true, force: true });
});

/** A call, what the pool says it cost, and how many requests were made for it. */
async function run(args: Record<string, unknown>, signal?: AbortSignal) {
  const before = (await gateway.credits.balance(localCaller)).spent;
  const entry = simulator.book.entries.length;
  const generation = await gateway.infer.start(inferArgs.parse(args), localCaller, { signal });
  const result = await generation.done;
  const { spent, held } = await gateway.credits.balance(localCaller);
  expect(held).toBe(0n);
  expect(parseUsd(result.cost.total)).toBe(spent - before);
  await simulator.book.idle();
  const requests = simulator.book.entries.slice(entry).filter(({ method }) => method === "POST");
  return { result, spent: spent - before, requests: requests.length };
}

const draw = { model: "bytedance/seedream-4-5-251128", prompt: "a kite", params: { n: 3 } };
/** Four cents an image. */
const each = 40_000_000n;

describe("of several pictures", () => {
  test("one that is late is asked for alone, and each is charged once", async () => {
    simulator.faults.script([{ provider: "bytedance", fault: { kind: "rate_limited", retry: "none" } }]);
    const { result, spent, requests } = await run(draw);
    expect(result).toMatchObject({ status: "succeeded", warnings: [] });
    expect(result.output.images).toHaveLength(3);
    expect(requests).toBe(4);
    expect(spent).toBe(3n * each);
    // Nothing is left that the provider may have charged without anyone here knowing.
    expect(result.attempts.some(({ unreconciled }) => unreconciled)).toBe(false);
    expect(result.attempts).toMatchObject([
      { outcome: "failed", cost: "0.08", error: expect.stringMatching(/^rate_limited: .*1 of 3 parts failed/) },
      { outcome: "succeeded", cost: "0.04" },
    ]);
  });

  test("those that are there are given where the others cannot be had, and why", async () => {
    simulator.faults.script([{ provider: "bytedance", fault: { kind: "quota_exhausted" } }]);
    const { result, spent, requests } = await run(draw);
    expect(result).toMatchObject({ status: "succeeded", usage: { images: 2 } });
    expect(result.output.images).toHaveLength(2);
    expect(result.warnings).toEqual([expect.stringMatching(/^1 of 3 images could not be made: quota exhausted: /)]);
    expect(requests).toBe(3);
    expect(spent).toBe(2n * each);
  });

  test("no other model is asked for what is missing", async () => {
    simulator.faults.script([{ provider: "bytedance", fault: { kind: "quota_exhausted" } }]);
    const { result, spent } = await run({ ...draw, fallbacks: ["bytedance/seedream-4-0-250828"] });
    expect(result).toMatchObject({ status: "succeeded", model: draw.model });
    expect(result.output.images).toHaveLength(2);
    expect(spent).toBe(2n * each);
  });

  test("where none could be made the call fails, and costs nothing", async () => {
    simulator.faults.script([{ provider: "bytedance", fault: { kind: "quota_exhausted" }, times: 3 }]);
    const { result, spent } = await run(draw);
    expect(result).toMatchObject({ status: "failed", error: { code: "provider_unavailable" }, warnings: [] });
    expect(result.error?.message).toContain("3 of 3 parts failed");
    expect(spent).toBe(0n);
  });

  test("what was made before the caller gave up is charged", async () => {
    simulator.faults.script([
      { provider: "bytedance", fault: { kind: "rate_limited", retry: "seconds", afterMs: 3_000 } },
    ]);
    const gaveUp = new AbortController();
    const { length } = simulator.book.entries;
    whenWaiting = () => {
      if (simulator.book.entries.length > length) gaveUp.abort();
    };
    const { result, spent } = await run(draw, gaveUp.signal);
    expect(result.status).toBe("cancelled");
    expect(spent).toBe(2n * each);
  });
});

describe("of vectors, which are of no use in part", () => {
  const input = Array.from({ length: 150 }, (_, at) => `text ${at}`);
  const embed = { model: "google/gemini-embedding-001", params: { input } };

  test("a part that is late is asked for alone", async () => {
    const whole = await run(embed);
    expect(whole.result.output.embeddings).toHaveLength(150);
    simulator.faults.script([{ provider: "google", fault: { kind: "rate_limited", retry: "none" } }]);
    const { result, spent, requests } = await run({ ...embed, metadata: { again: "1" } });
    expect(result.output.embeddings).toEqual(whole.result.output.embeddings);
    expect(requests).toBe(whole.requests + 1);
    expect(spent).toBe(whole.spent);
  });

  test("what is done is charged though the call fails, and that is said", async () => {
    simulator.faults.script([{ provider: "google", fault: { kind: "quota_exhausted" } }]);
    const { result, spent } = await run(embed);
    expect(result.status).toBe("failed");
    expect(result.warnings).toContain("1 of 2 parts were done, and are charged");
    expect(result.error?.message).toContain("1 of 2 parts failed");
    expect(spent).toBeGreaterThan(0n);
  });

  test("another model is asked for all of it where what is set aside pays for that too", async () => {
    simulator.faults.script([{ provider: "google", fault: { kind: "quota_exhausted" } }]);
    const { result, spent } = await run({ ...embed, fallbacks: ["openai/text-embedding-3-small"] });
    expect(result).toMatchObject({ status: "succeeded", model: "openai/text-embedding-3-small" });
    expect(result.output.embeddings).toHaveLength(150);
    const [failed, succeeded] = result.attempts;
    expect(parseUsd(failed?.cost ?? "0") + parseUsd(succeeded?.cost ?? "0")).toBe(spent);
  });

  test("and no other where it does not", async () => {
    simulator.faults.script([{ provider: "alibaba", fault: { kind: "quota_exhausted" } }]);
    // The second is the dearer: its worst case is all that is set aside.
    const { result, requests } = await run({
      model: "alibaba/text-embedding-v4",
      fallbacks: ["google/gemini-embedding-001"],
      params: { input: input.slice(0, 20) },
    });
    expect(result).toMatchObject({ status: "failed", model: "alibaba/text-embedding-v4" });
    expect(result.error?.message).toContain("1 of 2 parts failed");
    expect(requests).toBe(2);
  });
});
