import { describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { inferLimits } from "../../../src/core/limits.ts";
import { Health, type Target } from "../../../src/infer/attempts/health.ts";
import { RetryBudgets } from "../../../src/infer/attempts/retry-budget.ts";
import type { ProviderFailure } from "../../../src/providers/shapes/event.ts";

function steppedClock(): Clock & { step(ms: number): void } {
  let nowMs = 0;
  return {
    ...systemClock,
    monotonicMs: () => nowMs,
    step(ms) {
      nowMs += ms;
    },
  };
}

const target: Target = { provider: "openai", model: "openai/gpt-4o", key: "#1" };
const failing = (health: Health, failure: Partial<ProviderFailure>, at = target) =>
  health.begin(at).failed({ kind: "rate_limited", message: "", ...failure });

describe("a target that was rate limited", () => {
  it("rests as long as its provider asks, and no longer than is believable", () => {
    const clock = steppedClock();
    const health = new Health(clock);
    failing(health, { retryAfterMs: 20_000 });
    expect(health.readiness(target)).toMatchObject({ state: "resting", waitMs: 20_000 });
    clock.step(20_000);
    expect(health.readiness(target).state).toBe("ready");
    failing(health, { retryAfterMs: 10 * inferLimits.coolDownAskedMsMax });
    expect(health.readiness(target)).toMatchObject({ waitMs: inferLimits.coolDownAskedMsMax });
  });

  it("rests longer each time when its provider does not say, up to a bound, and from the start after a success", () => {
    const clock = steppedClock();
    const health = new Health(clock);
    const restMs = () => {
      failing(health, {});
      let ms = 0;
      for (; health.readiness(target).state === "shunned"; ms += 500) clock.step(500);
      return ms;
    };
    expect([restMs(), restMs(), restMs()]).toEqual([1_000, 2_000, 4_000]);
    for (let count = 0; count < 20; count += 1) restMs();
    expect(restMs()).toBe(inferLimits.coolDownMsMax);
    health.begin(target).succeeded(undefined);
    expect(restMs()).toBe(inferLimits.coolDownMs);
  });

  it("rests alone: other models and other keys are asked", () => {
    const health = new Health(steppedClock());
    failing(health, { retryAfterMs: 20_000 });
    expect(health.readiness({ ...target, model: "openai/gpt-5" }).state).toBe("ready");
    expect(health.readiness({ ...target, key: "#2" }).state).toBe("ready");
  });
});

describe("a key that its provider refuses", () => {
  it("rests for every model of the provider, and for no other provider", () => {
    const clock = steppedClock();
    const health = new Health(clock);
    failing(health, { kind: "unauthenticated" });
    expect(health.readiness({ ...target, model: "openai/gpt-5" })).toMatchObject({ state: "shunned" });
    expect(health.readiness({ ...target, provider: "groq" }).state).toBe("ready");
    clock.step(inferLimits.keyRestMs);
    expect(health.readiness(target).state).toBe("ready");
  });
});

describe("what is remembered of health", () => {
  it("is bounded: what was first learned goes first", () => {
    const health = new Health(steppedClock());
    for (let at = 0; at <= inferLimits.healthEntriesMax; at += 1) {
      failing(health, { retryAfterMs: 60_000 }, { ...target, model: `openai/m${at}` });
    }
    expect(health.readiness({ ...target, model: "openai/m0" }).state).toBe("ready");
    expect(health.readiness({ ...target, model: "openai/m1" }).state).toBe("resting");
  });

  it("weighs the newest latency, and forgets one that is old", () => {
    const clock = steppedClock();
    const health = new Health(clock);
    expect(health.latencyMs(target.model)).toBeUndefined();
    health.begin(target).succeeded(100);
    health.begin(target).succeeded(200);
    expect(health.latencyMs(target.model)).toBeCloseTo(130);
    clock.step(inferLimits.latencyKeptMs);
    expect(health.latencyMs(target.model)).toBeUndefined();
  });
});

describe("the retries of a provider", () => {
  it("are a tenth of its calls and a few more, which come back one a second", () => {
    const clock = steppedClock();
    const budgets = new RetryBudgets(clock);
    const spendAll = () => {
      let count = 0;
      while (budgets.spend("openai")) count += 1;
      return count;
    };
    expect(spendAll()).toBe(inferLimits.retryFloor);
    for (let call = 0; call < 50; call += 1) budgets.earn("openai");
    expect(spendAll()).toBe(5);
    clock.step(3_000);
    expect(spendAll()).toBe(3);
    clock.step(3_600_000);
    expect(spendAll()).toBe(inferLimits.retryFloor);
    expect(budgets.spend("google")).toBe(true);
  });

  it("are saved up to a bound", () => {
    const budgets = new RetryBudgets(steppedClock());
    for (let call = 0; call < 100 * inferLimits.retriesSavedMax; call += 1) budgets.earn("openai");
    let count = 0;
    while (budgets.spend("openai")) count += 1;
    expect(count).toBe(inferLimits.retriesSavedMax);
  });
});
