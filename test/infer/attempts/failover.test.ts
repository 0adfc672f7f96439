import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { fastClock, models, openPipeline, tried } from "../support/pipeline.ts";

describe("an attempt that fails", () => {
  it("after 200 and before any content lets another model answer, and delivers nothing of itself", async () => {
    const { simulator, start } = await openPipeline();
    simulator.faults.script([{ provider: "openai", fault: { kind: "error_event", afterEvents: 1 }, times: 3 }]);
    const generation = await start({ model: models.openai, fallbacks: [models.google] });
    const result = await generation.done;
    expect(result).toMatchObject({ status: "succeeded", model: models.google });
    const openai = generation.events.findLastIndex(
      ({ event }) => event.type === "asked" && event.model === models.openai,
    );
    const google = generation.events.findIndex(({ event }) => event.type === "asked" && event.model === models.google);
    expect(generation.events.slice(openai, google).map(({ event }) => event.type)).toEqual(["asked", "attempt"]);
    expect(generation.events.filter(({ event }) => event.type === "start")).toHaveLength(1);
    expect(result.attempts[0]?.error).toMatch(/^overloaded: /);
  });

  it("is not followed by another once a word was delivered: what there is is kept and paid", async () => {
    const { simulator, money, ask } = await openPipeline();
    simulator.faults.script([{ provider: "anthropic", fault: { kind: "error_event", afterEvents: 8 } }]);
    const result = await ask({
      model: models.anthropic,
      prompt: "say 200 words",
      fallbacks: [models.openai, models.google],
    });
    expect(result.status).toBe("failed");
    expect(result.output.text).not.toBe("");
    expect(simulator.book.totals().requests).toBe(1);
    expect(result.usage?.estimated).toBe(true);
    expect(result.attempts).toMatchObject([{ outcome: "failed", unreconciled: true, cost: result.cost.total }]);
    expect(await money()).toEqual({ held: "0", spent: result.cost.total });
  });

  it.each([
    ["overloaded", 3],
    ["unavailable", 3],
    ["bad_gateway", 2],
    ["gateway_timeout", 3],
    ["refuse_connection", 3],
    // What is no accident is not tried a third time.
    ["server_error", 2],
    // What the provider says will not change is not tried again.
    ["quota_exhausted", 1],
    ["invalid_key", 1],
  ] as const)("%s is tried %i times in all, then the next model", async (kind, times) => {
    const { simulator, ask } = await openPipeline({ clock: fastClock() });
    simulator.faults.script([{ provider: "openai", fault: { kind }, times: 9 }]);
    const result = await ask({ model: models.openai, fallbacks: [models.anthropic] });
    expect(result).toMatchObject({ status: "succeeded", model: models.anthropic });
    expect(simulator.book.totals("openai").requests).toBe(times);
  });

  it("with a refusal is the last: no other model is asked", async () => {
    const refusing = await serve((_request, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: "content_policy_violation", message: "Not this.", type: "x" } }));
    });
    const { simulator, ask } = await openPipeline({ providers: { openai: { base_url: refusing } } });
    const result = await ask({ model: models.openai, fallbacks: [models.google] });
    expect(result).toMatchObject({ status: "failed", error: { code: "content_refused" } });
    expect(simulator.book.totals().requests).toBe(0);
  });

  it("is not what an answer is that the provider withheld: it is the answer", async () => {
    const { simulator, ask } = await openPipeline();
    const result = await ask({ model: models.google, prompt: "block this prompt", fallbacks: [models.openai] });
    expect(result).toMatchObject({ status: "succeeded", finish_reason: "content_filter" });
    expect(simulator.book.totals().requests).toBe(1);
  });

  it.each([
    ["openai", "seconds"],
    ["openai", "date"],
    ["openai", "milliseconds"],
    ["openai", "provider"],
    ["anthropic", "provider"],
    ["google", "provider"],
  ] as const)("with a 429 of %s is repeated when it asked for, said in the form of %s", async (provider, retry) => {
    const clock = fastClock();
    const { simulator, ask } = await openPipeline({ clock });
    simulator.faults.script([{ provider, fault: { kind: "rate_limited", retry, afterMs: 7_000 } }]);
    const result = await ask({ model: models[provider] });
    expect(tried(result)).toEqual([`${models[provider]} failed`, `${models[provider]} succeeded`]);
    // A date has whole seconds.
    expect(Math.max(...clock.sleeps)).toBeGreaterThanOrEqual(6_000);
    expect(Math.max(...clock.sleeps)).toBeLessThan(9_000);
  });

  it("with a 429 that asks for longer than the call may take gives way to the next model at once", async () => {
    const clock = fastClock();
    const { simulator, ask } = await openPipeline({ clock });
    simulator.faults.script([
      { provider: "openai", fault: { kind: "rate_limited", retry: "seconds", afterMs: 60_000 }, times: 9 },
    ]);
    const result = await ask({ model: models.openai, fallbacks: [models.google], timeout_ms: 20_000 });
    expect(tried(result)).toEqual([`${models.openai} failed`, `${models.google} succeeded`]);
    expect(clock.sleeps).toEqual([]);
  });

  it("is come back to when its pause is over and no other model answers", async () => {
    const { simulator, ask } = await openPipeline({ clock: fastClock() });
    simulator.faults.script([
      { provider: "openai", fault: { kind: "rate_limited", retry: "seconds", afterMs: 5_000 } },
      { provider: "anthropic", fault: { kind: "quota_exhausted" }, times: 9 },
    ]);
    const result = await ask({ model: models.openai, fallbacks: [models.anthropic] });
    expect(tried(result)).toEqual([
      `${models.openai} failed`,
      `${models.anthropic} failed`,
      `${models.openai} succeeded`,
    ]);
  });

  it("without an answer leaves the other models their share of the time", async () => {
    const { simulator, ask } = await openPipeline();
    simulator.faults.script([{ provider: "openai", fault: { kind: "stall_before_headers" } }]);
    const result = await ask({ model: models.openai, fallbacks: [models.google], timeout_ms: 1_500 });
    expect(result).toMatchObject({ status: "succeeded", model: models.google });
    expect(result.attempts[0]).toMatchObject({ outcome: "failed", unreconciled: true });
    expect(result.attempts[0]?.error).toMatch(/^timeout: /);
  });
});

/** A server of the test's own. Gives its URL. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a provider that is down", () => {
  it("gets few retries however many calls fail", async () => {
    const { simulator, ask } = await openPipeline();
    simulator.faults.chance([{ provider: "openai", fault: { kind: "overloaded" }, probability: 1 }], 1);
    const calls = 60;
    await Promise.all(Array.from({ length: calls }, () => ask({ model: models.openai })));
    // Ten that need not be earned, a tenth of the calls, and what comes back while they run.
    expect(simulator.book.totals("openai").requests).toBeLessThanOrEqual(calls + 10 + calls / 10 + 5);
    expect(simulator.book.totals("openai").requests).toBeGreaterThan(calls);
  });
});

describe("a request that a model cannot honour", () => {
  it("goes to the next model that can, and is not sent to the first", async () => {
    const { simulator, ask } = await openPipeline();
    const result = await ask({ model: models.anthropic, fallbacks: [models.openai], params: { seed: 7 } });
    expect(tried(result)).toEqual([`${models.anthropic} skipped`, `${models.openai} succeeded`]);
    expect(result.attempts[0]?.error).toContain("params.seed");
    expect(simulator.book.totals("anthropic").requests).toBe(0);
  });

  it("is refused when no model can, naming the field", async () => {
    const { ask } = await openPipeline();
    const result = await ask({ model: models.anthropic, params: { seed: 7 } });
    expect(result.error).toMatchObject({ code: "unsupported", details: { field: "params.seed" } });
    expect(result.error?.next).toContain("drop");
  });

  it("is sent without the field when asked so, and says it", async () => {
    const { simulator, ask } = await openPipeline();
    const result = await ask({
      model: models.anthropic,
      params: { seed: 7, temperature: 0.5 },
      on_unsupported: "drop",
    });
    expect(result.status).toBe("succeeded");
    expect(result.warnings).toEqual([expect.stringContaining("params.seed was left out")]);
    expect(simulator.book.bodies("anthropic")[0]).toMatchObject({ temperature: 0.5 });
    expect(simulator.book.bodies("anthropic")[0]).not.toHaveProperty("seed");
  });

  it("is refused also then when what is left would be another request", async () => {
    const { ask } = await openPipeline();
    const messages = [
      { role: "user" as const, content: [{ type: "audio" as const, data: "AAAA", media_type: "audio/wav" }] },
    ];
    const result = await ask({ model: models.anthropic, messages, on_unsupported: "drop" });
    expect(result.error?.code).toBe("unsupported");
  });
});
