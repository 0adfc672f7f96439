import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { allRights, type Caller } from "../../../src/core/caller.ts";
import { fastClock, models, openPipeline, tried } from "../support/pipeline.ts";

const caller = (key: string): Caller => ({ workspace: "default", key, rights: allRights });

describe("rate limits of the settings", () => {
  it("make calls wait before the provider has to refuse them", async () => {
    const clock = fastClock();
    const { simulator, ask } = await openPipeline({
      clock,
      settings: { rate_limits: [{ provider: "openai", requests_per_minute: 2 }] },
    });
    const beganAtMs = clock.monotonicMs();
    const results = await Promise.all([1, 2, 3, 4, 5].map(() => ask({ timeout_ms: 600_000 })));
    expect(results.every(({ status }) => status === "succeeded")).toBe(true);
    expect(simulator.book.totals().requests).toBe(5);
    expect(clock.monotonicMs() - beganAtMs).toBeGreaterThanOrEqual(120_000);
  });

  it("send a call to a model that is not limited rather than let it wait", async () => {
    const { ask } = await openPipeline({
      settings: { rate_limits: [{ model: models.openai, requests_per_minute: 1 }] },
    });
    const call = () => ask({ model: models.openai, fallbacks: [models.google] });
    expect((await call()).model).toBe(models.openai);
    expect(tried(await call())).toEqual([`${models.openai} skipped`, `${models.google} succeeded`]);
  });

  it("refuse where they are told to, and say when to come back", async () => {
    const { simulator, ask, money } = await openPipeline({
      settings: { rate_limits: [{ each: "key", requests_per_minute: 1, on_limit: "refuse" }] },
    });
    await ask({}, caller("a"));
    const refused = await ask({}, caller("a"));
    expect(refused.error).toMatchObject({
      code: "rate_limited",
      retryable: true,
      message: "the settings allow 1 request a minute for each key, and they are used up",
    });
    expect(refused.error?.details.retry_after_ms).toBeGreaterThan(50_000);
    expect((await ask({}, caller("b"))).status).toBe("succeeded");
    expect(simulator.book.totals().requests).toBe(2);
    expect((await money()).held).toBe("0");
  });

  it("refuse a call whose time is too short for the wait", async () => {
    const { ask } = await openPipeline({ settings: { rate_limits: [{ requests_per_minute: 1 }] } });
    await ask({});
    expect((await ask({ timeout_ms: 5_000 })).error).toMatchObject({
      code: "rate_limited",
      message: expect.stringContaining("its rate limit is used up for now"),
    });
  });

  it("count the tokens that were really used", async () => {
    const { ask } = await openPipeline({
      settings: { rate_limits: [{ tokens_per_minute: 100, on_limit: "refuse" }] },
    });
    expect((await ask({ prompt: "say 120 words" })).status).toBe("succeeded");
    expect((await ask({ prompt: "Hello" })).error?.code).toBe("rate_limited");
  });

  it("hold over all gateways on a data directory", async () => {
    const one = await openPipeline({
      settings: { rate_limits: [{ provider: "openai", requests_per_minute: 2, on_limit: "refuse" }] },
    });
    const two = await one.reopen();
    expect([(await one.ask({})).status, (await two.ask({})).status]).toEqual(["succeeded", "succeeded"]);
    expect((await one.ask({})).error?.code).toBe("rate_limited");
    expect((await two.ask({})).error?.code).toBe("rate_limited");
    expect(one.simulator.book.totals().requests).toBe(2);
  });

  it("leave nothing on the disk where there are none", async () => {
    const { ask, home } = await openPipeline();
    expect((await ask({})).status).toBe("succeeded");
    const files = await readdir(home);
    expect(files).toContain("generations.db");
    expect(files.filter((file) => file.startsWith("rates"))).toEqual([]);
  });

  it("know a key by its name", async () => {
    const key = { id: "key_9", name: "ci", hash: "0".repeat(64), created_at: "2026-01-01T00:00:00Z" };
    const { ask } = await openPipeline({
      settings: { keys: [key], rate_limits: [{ key: "ci", requests_per_minute: 1, on_limit: "refuse" }] },
    });
    expect((await ask({}, caller("key_9"))).status).toBe("succeeded");
    expect((await ask({}, caller("key_9"))).error?.code).toBe("rate_limited");
    expect((await ask({})).status).toBe("succeeded");
  });
});
