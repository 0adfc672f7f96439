import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingsSchema } from "../../../src/config/settings.ts";
import { localCaller } from "../../../src/core/caller.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { parseUsd } from "../../../src/core/money.ts";
import type { Gateway } from "../../../src/gateway.ts";
import { inferArgs } from "../../../src/infer/request.ts";
import { openGateway } from "../../../src/open-gateway.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/simulator.ts";
import { tools } from "../../../tools/index.ts";

let home: string;
let simulator: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-tasks-"));
  simulator = await startSimulator();
  const providers = Object.fromEntries(
    (["openai", "google", "workers-ai"] as const).map((name) => {
      const base = simulator.baseUrl(name);
      return [name, { key: simulator.apiKey(name), base_url: name === "workers-ai" ? `${base}/accounts/x/ai` : base }];
    }),
  );
  // The day that models' ends are told by.
  const behindMs = systemClock.now() - Date.parse("2026-11-22T12:00:00Z");
  gateway = await openGateway({
    clock: { ...systemClock, now: () => systemClock.now() - behindMs },
    dataDirectory: home,
    tools,
    environment: () => undefined,
    settings: settingsSchema.parse({ providers }),
  });
});
afterAll(async () => {
  await gateway.close();
  await simulator.close();
  await rm(home, { recursive: true, force: true });
});

const run = (args: Record<string, unknown>) => gateway.infer.run(inferArgs.parse(args), localCaller);

describe("tasks other than text", () => {
  it.each(["openai/text-embedding-3-small", "google/gemini-embedding-001", "workers-ai/@cf/baai/bge-m3"])(
    "%s gives one vector for each text, and is paid",
    async (model) => {
      const before = (await gateway.credits.balance(localCaller)).spent;
      const result = await run({ model, params: { input: ["alpha", "beta", "gamma"] } });
      expect(result).toMatchObject({ status: "succeeded", model, finish_reason: "stop" });
      expect(result.output.embeddings).toHaveLength(3);
      const { spent, held } = await gateway.credits.balance(localCaller);
      expect(held).toBe(0n);
      expect(spent - before).toBe(parseUsd(result.cost.total));
    },
  );

  it("tells of a budget that a call took past half, as text does", async () => {
    const asked = { model: "openai/text-embedding-3-small", params: { input: "tell me when half of it is spent" } };
    const cost = parseUsd((await run(asked)).cost.total);
    await gateway.credits.admin.setBudget({ scope: "key:key_half", window: "day", limit: 30n * cost });
    const caller = { ...localCaller, key: "key_half" };
    const warnings: string[] = [];
    for (let call = 0; call < 16; call += 1) {
      warnings.push(...(await gateway.infer.run(inferArgs.parse(asked), caller)).warnings);
    }
    expect(warnings).toEqual([expect.stringMatching(/^more than 50 % of the day budget of key:key_half is spent/)]);
  });

  it("takes one text as a list of one", async () => {
    expect(
      (await run({ model: "openai/text-embedding-3-small", params: { input: "alpha" } })).output.embeddings,
    ).toHaveLength(1);
  });

  it("fails over to another provider's model of the same task", async () => {
    simulator.faults.script([{ provider: "openai", fault: { kind: "quota_exhausted" }, times: 5 }]);
    const result = await run({
      model: "openai/text-embedding-3-small",
      fallbacks: ["google/gemini-embedding-001"],
      params: { input: "x" },
    });
    simulator.faults.clear();
    expect(result.model).toBe("google/gemini-embedding-001");
    expect(result.attempts.map(({ outcome }) => outcome)).toContain("failed");
  });

  it("does not fail over to a model of another task, and says so", async () => {
    const result = await run({
      model: "openai/text-embedding-3-small",
      fallbacks: ["openai/gpt-5.4-mini"],
      params: { input: "x" },
    });
    expect(result.attempts).toContainEqual(
      expect.objectContaining({
        model: "openai/gpt-5.4-mini",
        outcome: "skipped",
        error: expect.stringContaining("text model"),
      }),
    );
  });

  it("refuses a param of another task, naming those there are", async () => {
    await expect(run({ model: "openai/text-embedding-3-small", params: { temperature: 1 } })).rejects.toMatchObject({
      code: "invalid_request",
      next: expect.stringContaining("dimensions"),
    });
  });

  it("refuses what a model cannot honour before anything is sent, or drops it when asked, by name", async () => {
    const asked = { model: "workers-ai/@cf/baai/bge-m3", params: { input: "x", dimensions: 99 } };
    const { requests } = simulator.book.totals();
    await expect(run(asked)).rejects.toMatchObject({ code: "unsupported" });
    expect(simulator.book.totals().requests).toBe(requests);
    const dropped = await run({ ...asked, on_unsupported: "drop" });
    expect(dropped.warnings).toContainEqual(expect.stringContaining("params.dimensions was left out"));
  });

  it("leaves out everything that is refused once something else is gone", async () => {
    const asked = { model: "openai/gpt-image-2", prompt: "x", params: { size: "10x10", format: "gif", seed: 1 } };
    const dropped = await run({ ...asked, on_unsupported: "drop" });
    expect(dropped).toMatchObject({ status: "succeeded" });
    for (const field of ["params.size", "params.format", "params.seed"])
      expect(dropped.warnings).toContainEqual(expect.stringContaining(`${field} was left out`));
  });

  it("refuses a model that has ended, and names what takes its place", async () => {
    const { requests } = simulator.book.totals();
    await expect(run({ model: "google/imagen-4.0-generate-001", prompt: "a kite" })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("shut it down on 2026-08-17: use google/gemini-3.1-flash-image"),
    });
    expect(simulator.book.totals().requests).toBe(requests);
  });

  it("answers with a model that is about to end, and says what takes its place", async () => {
    const image = await run({ model: "openai/gpt-image-1-mini", prompt: "a kite" });
    expect(image.status === "succeeded" ? image.warnings : image.error).toContainEqual(
      expect.stringContaining("gpt-image-1-mini is deprecated and ends on 2026-12-01"),
    );
    const text = await run({ model: "openai/gpt-4.1-mini", prompt: "Hi" });
    expect(text.warnings).toContainEqual(expect.stringContaining("use openai/gpt-5.4-mini"));
  });

  it("ranks documents", async () => {
    const result = await run({
      model: "workers-ai/@cf/baai/bge-reranker-base",
      prompt: "fruit",
      params: { documents: ["a pear", "a train", "an apple"] },
    });
    expect(result.output.ranking).toHaveLength(3);
  });

  it("holds max_cost against the worst case", async () => {
    await expect(
      run({ model: "openai/text-embedding-3-large", max_cost: "0.000000001", params: { input: "x".repeat(10_000) } }),
    ).rejects.toMatchObject({ code: "budget_exceeded" });
  });
});
