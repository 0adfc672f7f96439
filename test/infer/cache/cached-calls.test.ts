import { describe, expect, it } from "vitest";
import { allRights, type Caller } from "../../../src/core/caller.ts";
import { inferLimits } from "../../../src/core/limits.ts";
import type { InferArgs } from "../../../src/infer/request.ts";
import { fastClock, models, openPipeline, tried } from "../support/pipeline.ts";

const caller = (workspace: string, key: string, allowed?: string[]): Caller => ({
  workspace,
  key,
  rights: { ...allRights, ...(allowed ? { models: allowed } : {}) },
});

const tool = { name: "look", parameters: { type: "object", properties: { at: { type: "string" } } } };

describe("a call that asks for the cache", () => {
  it("gets an identical call's answer for nothing, with its events, and says so", async () => {
    const { simulator, start, money } = await openPipeline();
    const args: Partial<InferArgs> = { prompt: 'think, then call look {"at":"x"}', tools: [tool], cache: true };
    const first = await start(args);
    const made = await first.done;
    const before = await money();
    const second = await start(args);
    const again = await second.done;
    expect(again).toMatchObject({
      status: "succeeded",
      cached: true,
      cost: { total: "0", list: made.cost.list },
      output: made.output,
      message: made.message,
      finish_reason: "tool_calls",
      usage: made.usage,
      attempts: [{ model: models.openai, outcome: "cached", cost: "0" }],
    });
    expect(made.cached).toBe(false);
    expect(again.id).toBe(second.id);
    expect(again.id).not.toBe(made.id);
    expect(await money()).toEqual(before);
    expect(simulator.book.totals().requests).toBe(1);
    const content = ({ events }: typeof first) =>
      events.flatMap(({ event }) => (event.type === "tool_call" || event.type === "finish" ? [event] : []));
    expect(content(second)).toEqual(content(first));
    expect(second.events[0]?.event).toEqual({ type: "asked", model: models.openai });
  });

  it("gets it from another process and after a restart", async () => {
    const { simulator, gateway, ask, reopen } = await openPipeline();
    await ask({ cache: true });
    await gateway.close();
    const { ask: askLater } = await reopen();
    expect((await askLater({ cache: true })).cached).toBe(true);
    expect(simulator.book.totals().requests).toBe(1);
  });

  it("needs no credit for it", async () => {
    const { ask } = await openPipeline({ settings: { initial_grant: "0.0003" } });
    const args = { prompt: "say 100 words", params: { max_output_tokens: 140 }, cache: true } as const;
    expect((await ask(args)).cached).toBe(false);
    expect((await ask({ ...args, prompt: "say 101 words" })).error?.code).toBe("insufficient_credits");
    expect((await ask(args)).cached).toBe(true);
  });

  it.each<[string, Partial<InferArgs>]>([
    ["another prompt", { prompt: "Goodbye" }],
    ["another model", { model: models.google }],
    ["other params", { params: { temperature: 0.5 } }],
    ["tools", { tools: [tool] }],
    ["a system text", { system: "Be brief." }],
    ["provider options", { provider_options: { openai: { user: "x" } } }],
    ["no wish for the cache", { cache: false }],
  ])("does not get the answer to a call with %s", async (_, other) => {
    const { ask } = await openPipeline();
    await ask({ cache: true });
    expect((await ask({ cache: true, ...other })).cached).toBe(false);
  });

  it.each<[string, Partial<InferArgs>]>([
    ["as a message", { messages: [{ role: "user", content: "Hello" }] }],
    ["with other options of another provider", { provider_options: { google: { x: 1 } } }],
    ["with another limit, deadline and label", { max_cost: "1", timeout_ms: 9_000, metadata: { a: "b" } }],
    ["under another alias of the model", { model: "openai/gpt-4-1-mini" }],
  ])("gets the answer to the same question %s", async (_, other) => {
    const { ask } = await openPipeline();
    await ask({ cache: true });
    expect((await ask({ cache: true, ...other })).cached).toBe(true);
  });

  it("never meets callers of another workspace or with other rights", async () => {
    const { gateway, ask } = await openPipeline();
    await gateway.credits.grant({ amount: 1_000_000_000n, workspace: "other" });
    const asked = async (who: Caller) => (await ask({ cache: true }, who)).cached;
    expect(await asked(caller("default", "key_1"))).toBe(false);
    expect(await asked(caller("default", "key_2"))).toBe(true);
    expect(await asked(caller("default", "key_3", ["openai/*"]))).toBe(false);
    expect(await asked(caller("default", "key_4", ["openai/*"]))).toBe(true);
    expect(await asked(caller("other", "key_5"))).toBe(false);
    expect(await asked(caller("default", "key_6", ["google/*"]))).toBe(false);
  });

  it("does not get an answer that failed, was cut for length, or was withheld", async () => {
    const { simulator, ask } = await openPipeline();
    const short = { prompt: "say 100 words", params: { max_output_tokens: 20 }, cache: true } as const;
    expect((await ask(short)).finish_reason).toBe("length");
    expect((await ask(short)).cached).toBe(false);
    const withheld = { model: models.google, prompt: "content filter", cache: true } as const;
    expect((await ask(withheld)).finish_reason).toBe("content_filter");
    expect((await ask(withheld)).cached).toBe(false);
    simulator.faults.script([{ fault: { kind: "cut_mid_stream", afterEvents: 6 } }]);
    const failing = { prompt: "say 50 words", cache: true } as const;
    expect((await ask(failing)).status).toBe("failed");
    expect((await ask(failing)).cached).toBe(false);
  });

  it("gets an answer only as old as it likes", async () => {
    const clock = fastClock();
    const { ask } = await openPipeline({ clock });
    await ask({ cache: { ttl_s: 100 } });
    clock.advance(50_000);
    expect((await ask({ cache: { ttl_s: 40 } })).cached).toBe(false);
    clock.advance(39_000);
    expect((await ask({ cache: { ttl_s: 40 } })).cached).toBe(true);
    clock.advance(2_000);
    expect((await ask({ cache: true })).cached).toBe(false);
  });

  it("gets a fallback's answer while the first model is down, and not when it is up", async () => {
    const clock = fastClock();
    const { simulator, ask } = await openPipeline({ clock });
    const args: Partial<InferArgs> = { model: models.openai, fallbacks: [models.google], cache: true };
    simulator.faults.script([{ provider: "openai", fault: { kind: "invalid_key" } }]);
    expect(tried(await ask(args))).toEqual([`${models.openai} failed`, `${models.google} succeeded`]);
    expect(tried(await ask(args))).toEqual([`${models.google} cached`]);
    clock.advance(inferLimits.keyRestMs);
    expect(tried(await ask(args))).toEqual([`${models.openai} succeeded`]);
  });

  it("works for tasks other than text", async () => {
    const { simulator, ask } = await openPipeline();
    const model = "openai/text-embedding-3-small";
    const args: Partial<InferArgs> = { model, params: { input: ["a", "b"] }, cache: true };
    const made = await ask(args);
    const again = await ask(args);
    expect(again.output.embeddings).toEqual(made.output.embeddings);
    expect(again.cached).toBe(true);
    expect(simulator.book.totals().requests).toBe(1);
  });
});

describe("identical calls under way at the same time", () => {
  const args = { prompt: "say 40 words", cache: { ttl_s: 0, coalesce: true } } as const;

  it("become one when they ask for it, paid once, streamed to all", async () => {
    const { simulator, start, money } = await openPipeline();
    simulator.latency.set({ chunkMs: 3 });
    const generations = await Promise.all(Array.from({ length: 5 }, () => start(args)));
    const results = await Promise.all(generations.map(({ done }) => done));
    expect(simulator.book.totals().requests).toBe(1);
    expect(results.map(({ cached }) => cached).sort()).toEqual([false, true, true, true, true]);
    expect(new Set(results.map(({ output }) => output.text)).size).toBe(1);
    const paid = results.filter(({ cost }) => cost.total !== "0");
    expect(paid).toHaveLength(1);
    expect(await money()).toEqual({ held: "0", spent: paid[0]?.cost.total });
    for (const { events } of generations) {
      const texts = events.flatMap(({ event }) => (event.type === "text" ? [event.text] : []));
      expect(texts.length).toBeGreaterThan(5);
      expect(texts.join("")).toBe(results[0]?.output.text);
    }
    // Nothing was to be kept.
    expect((await (await start(args)).done).cached).toBe(false);
  });

  it("remain many when they do not", async () => {
    const { simulator, start } = await openPipeline();
    simulator.latency.set({ headersMs: 20 });
    const generations = await Promise.all([1, 2, 3].map(() => start({ prompt: "say 40 words", cache: true })));
    await Promise.all(generations.map(({ done }) => done));
    expect(simulator.book.totals().requests).toBe(3);
  });

  it("go on when the first caller goes, and end when the last one has gone", async () => {
    const { simulator, start } = await openPipeline();
    simulator.latency.set({ chunkMs: 4 });
    const [first, second, third] = [await start(args), await start(args), await start(args)];
    for await (const { event } of second.read()) if (event.type === "text") break;
    first.cancel();
    third.cancel();
    expect((await third.done).status).toBe("cancelled");
    expect((await second.done).status).toBe("succeeded");
    expect(simulator.book.totals()).toMatchObject({ requests: 1, succeeded: 1 });

    simulator.book.clear();
    const [one, two] = [await start(args), await start(args)];
    for await (const { event } of two.read()) if (event.type === "text") break;
    one.cancel();
    two.cancel();
    expect((await one.done).status).toBe("cancelled");
    expect((await two.done).status).toBe("cancelled");
    await simulator.book.idle();
    expect(simulator.book.totals()).toMatchObject({ requests: 1, clientGone: 1 });
  });

  it("try for themselves when the first caller's money or time was short, and share a refusal", async () => {
    const { simulator, start } = await openPipeline();
    simulator.latency.set({ headersMs: 60 });
    const [hasty, patient] = [await start({ ...args, timeout_ms: 20 }), await start(args)];
    const results = await Promise.all([hasty.done, patient.done]);
    expect(results[1].error).toBeUndefined();
    simulator.book.clear();
    simulator.latency.set({ headersMs: 500 });
    simulator.faults.chance([{ fault: { kind: "quota_exhausted" }, probability: 1 }], 1);
    const refused = await Promise.all((await Promise.all([1, 2, 3, 4].map(() => start(args)))).map(({ done }) => done));
    expect(new Set(refused.map(({ error }) => error?.code))).toEqual(new Set(["provider_unavailable"]));
    expect(simulator.book.totals().requests).toBe(1);
  });
});
