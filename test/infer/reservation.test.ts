import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { inferLimits } from "../../src/core/limits.ts";
import { parseUsd } from "../../src/core/money.ts";
import { fastClock, models, openPipeline, tried } from "./support/pipeline.ts";

const dear = "openai/gpt-5.5-pro";

describe("a reservation for several models", () => {
  it("leaves out a fallback that the call's own limit does not reach, and asks the rest", async () => {
    const { ask } = await openPipeline();
    const result = await ask({
      model: models.openai,
      fallbacks: [dear],
      params: { max_output_tokens: 1_000 },
      max_cost: "0.01",
    });
    expect(tried(result)).toEqual([`${dear} skipped`, `${models.openai} succeeded`]);
    expect(result.attempts[0]?.error).toMatch(
      /it could cost \$0\.18\d*, more than the \$0\.001\d* that could be reserved/,
    );
  });

  it("leaves out a model whose price nobody knows, unless the call says what it may cost", async () => {
    const { ask } = await openPipeline();
    const unknown = "google/gemma-4-31b-it";
    const result = await ask({ model: unknown, fallbacks: [models.openai] });
    expect(tried(result)).toEqual([`${unknown} skipped`, `${models.openai} succeeded`]);
    expect((await ask({ model: unknown })).error).toMatchObject({
      code: "invalid_request",
      details: { model: unknown },
    });
    expect((await ask({ model: unknown, max_cost: "0.01" })).model).toBe(unknown);
  });

  it("refuses at once what the pool could not carry even if nothing else ran", async () => {
    const clock = fastClock();
    const { simulator, ask } = await openPipeline({ clock, settings: { initial_grant: "0.0001" } });
    const result = await ask({ model: dear, params: { max_output_tokens: 1_000 } });
    expect(result.error?.code).toBe("insufficient_credits");
    expect(clock.sleeps).toEqual([]);
    expect(simulator.book.totals().requests).toBe(0);
  });
});

describe("many calls on a small pool", () => {
  it("that begin together all get an answer, and never more is held or spent than there is", async () => {
    // Waiting for money does not help: none of the calls ends before all have begun.
    const clock = fastClock();
    const { simulator, gateway, ask, money } = await openPipeline({ clock, settings: { initial_grant: "0.5" } });
    simulator.latency.set({ headersMs: 500 });
    let isOver = false;
    const calls = Promise.all(Array.from({ length: 15 }, (_, at) => ask({ prompt: `Question ${at}` })));
    void calls.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const { available, held, spent } = await gateway.credits.balance(localCaller);
      expect(available).toBeGreaterThanOrEqual(0n);
      expect(held + spent + available).toBe(parseUsd("0.5"));
      await new Promise(setImmediate);
    }
    const results = await calls;
    expect(results.map(({ error }) => error).filter(Boolean)).toEqual([]);
    const total = results.reduce((sum, { cost }) => sum + parseUsd(cost.total), 0n);
    expect((await money()).held).toBe("0");
    expect(parseUsd((await money()).spent)).toBe(total);
  });
});

describe("a call that finds all money held", () => {
  it("waits a short while for what the others give back", async () => {
    const { simulator, ask } = await openPipeline({ settings: { initial_grant: "0.001" } });
    simulator.latency.set({ headersMs: 200 });
    const args = { prompt: "say 5 words", params: { max_output_tokens: 500 } };
    const results = await Promise.all([ask(args), ask(args)]);
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(simulator.book.totals().concurrentMax).toBe(1);
  });
});

describe("a stream that runs for long", () => {
  it("writes down what it has cost so far, should its process not live to its end", async () => {
    const clock = fastClock();
    const { simulator, start, home } = await openPipeline({ clock });
    simulator.latency.set({ chunkMs: 10 });
    const generation = await start({ prompt: "say 200 words" });
    const ledger = new DatabaseSync(join(home, "ledger.db"), { readOnly: true });
    const progress = () => Number(ledger.prepare("SELECT progress FROM hold").get()?.progress);
    let written = 0;
    for await (const { event } of generation.read()) {
      if (event.type !== "text") continue;
      if (written === 0) clock.advance(inferLimits.costCheckpointMs);
      written = progress();
      if (written > 0) break;
    }
    ledger.close();
    expect(written).toBeGreaterThan(0);
    const { cost } = await generation.done;
    expect(BigInt(written)).toBeLessThan(parseUsd(cost.total));
  });
});

describe("a budget for one provider", () => {
  it("counts the call that goes there, wherever it was first meant to go", async () => {
    const { simulator, gateway, ask } = await openPipeline({ clock: fastClock() });
    const budget = { scope: "pool", window: "total", filter: { provider: "google" } } as const;
    await gateway.credits.admin.setBudget({ ...budget, limit: parseUsd("1") });
    simulator.faults.script([{ provider: "openai", fault: { kind: "quota_exhausted" } }]);
    const result = await ask({ model: models.openai, fallbacks: [models.google] });
    expect(result.model).toBe(models.google);
    const [state] = await gateway.credits.admin.budgets();
    expect(state).toMatchObject({ held: 0n, spent: parseUsd(result.cost.total) });
  });

  it("keeps a fallback there from being asked when it is used up, and the next one is", async () => {
    const { simulator, gateway, ask } = await openPipeline({ clock: fastClock() });
    const budget = { scope: "pool", window: "total", filter: { provider: "google" } } as const;
    await gateway.credits.admin.setBudget({ ...budget, limit: 1n });
    simulator.faults.script([{ provider: "openai", fault: { kind: "quota_exhausted" } }]);
    const result = await ask({ model: models.openai, fallbacks: [models.google, models.anthropic] });
    expect(tried(result)).toEqual([
      `${models.openai} failed`,
      `${models.google} failed`,
      `${models.anthropic} succeeded`,
    ]);
    expect(result.attempts[1]?.error).toContain("budget");
    expect(simulator.book.totals("google").requests).toBe(0);
  });
});
