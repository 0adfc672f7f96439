import { describe, expect, it } from "vitest";
import { openCatalog } from "../../../src/catalog/catalog.ts";
import { shippedRows } from "../../../src/catalog/shipped.ts";
import { allRights, type Caller } from "../../../src/core/caller.ts";
import { inferLimits } from "../../../src/core/limits.ts";
import { fastClock, models, openPipeline, tried } from "../support/pipeline.ts";

const caller = (allowed: string[]): Caller => ({
  workspace: "default",
  key: "key_1",
  rights: { ...allRights, models: allowed },
});

describe("a route in order", () => {
  it("asks its models one after the other, and says what was tried and what each cost", async () => {
    const { simulator, money, ask } = await openPipeline({
      clock: fastClock(),
      settings: {
        routes: { fast: { models: [{ model: models.openai }, { model: models.anthropic }, { model: models.google }] } },
      },
    });
    simulator.faults.script([
      { provider: "openai", fault: { kind: "quota_exhausted" } },
      { provider: "anthropic", fault: { kind: "cut_mid_stream", afterEvents: 1 }, times: 3 },
    ]);
    const result = await ask({ model: "route/fast" });
    expect(result).toMatchObject({ status: "succeeded", model: models.google, provider: "google" });
    expect(tried(result)).toEqual([
      `${models.openai} failed`,
      `${models.anthropic} failed`,
      `${models.anthropic} failed`,
      `${models.anthropic} failed`,
      `${models.google} succeeded`,
    ]);
    expect(result.attempts[0]?.error).toMatch(/^quota_exhausted: /);
    // Anthropic says what it read before it says anything else: that is charged, three times.
    const costs = result.attempts.map(({ cost }) => Number(cost));
    expect(costs[0]).toBe(0);
    expect(costs[1]).toBeGreaterThan(0);
    expect(Number(result.cost.total)).toBeCloseTo(
      costs.reduce((sum, cost) => sum + cost, 0),
      12,
    );
    expect(await money()).toEqual({ held: "0", spent: result.cost.total });
  });

  it("leaves out models whose conditions do not hold", async () => {
    const { ask } = await openPipeline({
      settings: {
        routes: {
          sized: {
            models: [
              { model: models.google, when: { input_tokens_min: 100 } },
              { model: models.anthropic, when: { metadata: { tier: "gold" } } },
              { model: models.openai, when: { budget_left_min: "5", input_tokens_max: 99, task: "text" } },
              { model: "openai/gpt-6-luna", when: { task: "text" } },
            ],
          },
        },
      },
    });
    const asked = async (args: object) => (await ask({ model: "route/sized", ...args })).model;
    expect(await asked({ prompt: "x".repeat(400) })).toBe(models.google);
    expect(await asked({ prompt: "Hello", metadata: { tier: "gold" } })).toBe(models.anthropic);
    expect(await asked({ prompt: "Hello" })).toBe(models.openai);
    expect(await asked({ prompt: "Hello", budget: { scope: "small", limit: "1" } })).toBe("openai/gpt-6-luna");
  });

  it("with no model for a call refuses it and says where to look", async () => {
    const { ask } = await openPipeline({
      settings: { routes: { big: { models: [{ model: models.google, when: { input_tokens_min: 100_000 } }] } } },
    });
    expect((await ask({ model: "route/big" })).error).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("route/big has no model for this call"),
    });
    expect((await ask({ model: "route/none" })).error).toMatchObject({
      code: "not_found",
      next: "There are route/big",
    });
  });

  it("with a model that there is not asks the others, and says so", async () => {
    const settings = { routes: { fast: { models: [{ model: "openai/gpt-nope" }, { model: models.google }] } } };
    const { gateway, ask } = await openPipeline({ settings });
    const result = await ask({ model: "route/fast" });
    expect(tried(result)).toEqual(["openai/gpt-nope skipped", `${models.google} succeeded`]);
    const { models: listed } = await gateway.models.search({ query: "routes" }, caller([]));
    expect(listed[0]?.models?.[0]).toEqual({
      model: "openai/gpt-nope",
      usable: false,
      missing: "there is no such model",
    });
    const { ask: askOnly } = await openPipeline({
      settings: { routes: { x: { models: [{ model: "openai/nope" }] } } },
    });
    expect((await askOnly({ model: "route/x" })).error).toMatchObject({ code: "not_found" });
  });

  it("tries no more models than its bound, also together with fallbacks", async () => {
    const { modelsPerCallMax } = inferLimits;
    const simulated = ["openai", "anthropic", "google"];
    const priced = openCatalog(await shippedRows())
      .search({ task: "text" })
      .filter(({ provider, price }) => simulated.includes(provider) && price !== null)
      .map(({ id }) => id);
    const [fallback = "", extra = ""] = priced.slice(modelsPerCallMax);
    const { simulator, ask } = await openPipeline({
      clock: fastClock(),
      settings: {
        initial_grant: "1000",
        routes: { all: { models: priced.slice(0, modelsPerCallMax).map((model) => ({ model })) } },
      },
    });
    simulator.faults.chance([{ fault: { kind: "quota_exhausted" }, probability: 1 }], 1);
    const result = await ask({ model: "route/all", fallbacks: [fallback, extra] });
    expect(result.attempts.filter(({ outcome }) => outcome === "failed")).toHaveLength(modelsPerCallMax);
    expect(result.attempts.filter(({ error }) => error?.includes("at most"))).toHaveLength(2);
    expect(simulator.book.totals().requests).toBe(modelsPerCallMax);
  });

  it("can be a fallback", async () => {
    const { simulator, ask } = await openPipeline({
      settings: { routes: { spare: { models: [{ model: models.google }] } } },
    });
    simulator.faults.script([{ provider: "openai", fault: { kind: "quota_exhausted" } }]);
    expect((await ask({ model: models.openai, fallbacks: ["route/spare"] })).model).toBe(models.google);
  });
});

describe("a route of models that do not write text", () => {
  it("fails over among them, and a model for another task is left out", async () => {
    const [small, other] = ["openai/text-embedding-3-small", "google/gemini-embedding-001"];
    const { simulator, ask } = await openPipeline({
      settings: { routes: { vectors: { models: [{ model: small }, { model: other }] } } },
    });
    simulator.faults.script([{ provider: "openai", fault: { kind: "quota_exhausted" } }]);
    const args = { model: "route/vectors", prompt: "Hello", params: { input: "Hello" }, fallbacks: [models.anthropic] };
    const result = await ask(args);
    expect(result.output.embeddings).toHaveLength(1);
    expect(tried(result)).toEqual([`${models.anthropic} skipped`, `${small} failed`, `${other} succeeded`]);
  });
});

describe("a caller with rights to some models", () => {
  const settings = { routes: { fast: { models: [{ model: models.openai }, { model: models.google }] } } };

  it("gets of a route what it may use", async () => {
    const { ask } = await openPipeline({ settings });
    const result = await ask({ model: "route/fast" }, caller(["google/*"]));
    expect(tried(result)).toEqual([`${models.google} succeeded`]);
    expect((await ask({ model: "route/fast" }, caller(["anthropic/*"]))).error?.code).toBe("forbidden");
  });

  it("gets all of a route that its rights name", async () => {
    const { ask } = await openPipeline({ settings });
    expect((await ask({ model: "route/fast" }, caller(["route/fast"]))).model).toBe(models.openai);
    expect((await ask({ model: models.openai }, caller(["route/fast"]))).error?.code).toBe("forbidden");
  });

  it("gets of auto only what it may use", async () => {
    const { ask } = await openPipeline();
    expect((await ask({ model: "auto" }, caller(["anthropic/*"]))).provider).toBe("anthropic");
    expect((await ask({ model: "auto" }, caller(["xai/*"]))).error?.code).toBe("unsupported");
  });
});

describe("a route by weight", () => {
  it("shares conversations among its models, and keeps each with one", async () => {
    const { ask } = await openPipeline({
      settings: {
        routes: {
          split: { strategy: "weighted", models: [{ model: models.openai, weight: 3 }, { model: models.google }] },
        },
      },
    });
    const calls = 80;
    const prompts = Array.from({ length: calls }, (_, at) => `Question ${at}`);
    const answers = await Promise.all(prompts.map((prompt) => ask({ model: "route/split", prompt })));
    expect(new Set(answers.map(({ attempts }) => attempts.length))).toEqual(new Set([1]));
    const share = answers.filter(({ model }) => model === models.openai).length / calls;
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.9);
    const messages = [{ role: "user" as const, content: "Question 0" }];
    const firstTurn = await ask({ model: "route/split", messages });
    const more = [...messages, { role: "assistant" as const, content: "." }, { role: "user" as const, content: "So?" }];
    expect((await ask({ model: "route/split", messages: more })).model).toBe(firstTurn.model);
  });
});

describe("a route by price", () => {
  it("asks the model that is cheapest for this call", async () => {
    const model = (id: string, input: number, output: number) => ({
      id,
      input_per_mtok: input,
      output_per_mtok: output,
      context: 1_000_000,
      max_output: 8_192,
    });
    const { ask } = await openPipeline({
      settings: {
        models: [model(models.openai, 1, 8), model(models.google, 4, 4)],
        routes: { cheap: { strategy: "price", models: [{ model: models.google }, { model: models.openai }] } },
      },
    });
    const asked = async (words: number, max_output_tokens: number) =>
      (await ask({ model: "route/cheap", prompt: "word ".repeat(words), params: { max_output_tokens } })).model;
    expect(await asked(2_000, 50)).toBe(models.openai);
    expect(await asked(1, 1_000)).toBe(models.google);
  });
});

describe("a route by latency", () => {
  it("asks the model that was quickest to its first words lately", async () => {
    const { simulator, ask } = await openPipeline({
      settings: {
        routes: { quick: { strategy: "latency", models: [{ model: models.openai }, { model: models.google }] } },
      },
    });
    simulator.latency.set({ headersMs: 150 }, "openai");
    const asked = async () => (await ask({ model: "route/quick" })).model;
    expect(await asked()).toBe(models.openai);
    expect(await asked()).toBe(models.google);
    expect(await asked()).toBe(models.google);
    simulator.latency.set({ headersMs: 900 }, "google");
    expect(await asked()).toBe(models.google);
    expect(await asked()).toBe(models.openai);
  });
});

describe("auto", () => {
  it("chooses the cheapest usable model that can do what the call needs", async () => {
    const { gateway, ask } = await openPipeline();
    const result = await ask({ model: "auto", params: { max_output_tokens: 100 } });
    expect(result.status).toBe("succeeded");
    const { models: usable } = await gateway.models.search({ usable: true, task: "text", limit: 100 }, caller([]));
    const price = (card: (typeof usable)[number] | undefined) => card?.price?.output_per_mtok ?? Infinity;
    const chosen = usable.find(({ id }) => id === result.model);
    const cheaper = usable.filter(
      (card) =>
        card.status === "ga" &&
        price(card) < price(chosen) &&
        (card.price?.input_per_mtok ?? Infinity) <= (chosen?.price?.input_per_mtok ?? 0),
    );
    expect(cheaper).toEqual([]);

    const reading = await ask({
      model: "auto",
      messages: [{ role: "user", content: [{ type: "video", data: "AAAA", media_type: "video/mp4" }] }],
    });
    expect(reading.attempts[0]?.model).toMatch(/^google\//);
    const tool = { name: "look", parameters: { type: "object" } };
    expect((await ask({ model: "auto", tools: [tool], prompt: "call look {}" })).output.tool_calls).toHaveLength(1);
  });

  it("does not depend on one provider", async () => {
    const { simulator, ask } = await openPipeline({ clock: fastClock() });
    const first = await ask({ model: "auto" });
    simulator.faults.chance([{ provider: first.provider, fault: { kind: "unavailable" }, probability: 1 }], 1);
    const second = await ask({ model: "auto" });
    expect(second.status).toBe("succeeded");
    expect(second.provider).not.toBe(first.provider);
  });
});

describe("the models tool", () => {
  it("lists routes when asked for them, and only then", async () => {
    const { gateway } = await openPipeline({
      settings: {
        routes: {
          fast: {
            strategy: "weighted",
            models: [
              { model: models.openai, weight: 2 },
              { model: "groq/openai/gpt-oss-120b", when: { task: "text" } },
            ],
          },
        },
      },
    });
    const search = async (query: object) => (await gateway.models.search(query, caller([]))).models;
    expect(await search({ query: "route" })).toEqual([
      expect.objectContaining({
        id: "route/fast",
        task: "text",
        usable: true,
        strategy: "weighted",
        models: [
          { model: models.openai, weight: 2, usable: true },
          {
            model: "groq/openai/gpt-oss-120b",
            weight: 1,
            when: { task: "text" },
            usable: false,
            missing: "set GROQ_API_KEY",
          },
        ],
      }),
    ]);
    expect(await search({ id: "route/fast" })).toHaveLength(1);
    expect((await search({ query: "gpt" })).every(({ provider }) => provider !== "route")).toBe(true);
  });
});
