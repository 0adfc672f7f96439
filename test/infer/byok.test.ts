import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { formatUsd, parseUsd } from "../../src/core/money.ts";
import { errorOfResult } from "../../src/infer/result.ts";
import { models, openPipeline, type Pipeline, type PipelineOptions } from "./support/pipeline.ts";

/** OpenAI is billed to the user, the others to a pool of so much. */
const open = (initialGrant: string, more: PipelineOptions = {}): Promise<Pipeline> =>
  openPipeline({
    ...more,
    providers: { openai: { billing: "byok" }, ...more.providers },
    settings: { initial_grant: initialGrant, ...more.settings },
  });

describe("a call with the user's own key", () => {
  it("costs the pool nothing, and its list price is in the result, the record and the reports", async () => {
    const { ask, gateway, money } = await open("1");
    const result = await ask({ prompt: "say 20 words" });
    expect(result).toMatchObject({ status: "succeeded", cost: { total: "0" } });
    expect(parseUsd(result.cost.list)).toBeGreaterThan(0n);
    expect(result.attempts).toMatchObject([{ outcome: "succeeded", cost: "0", list: result.cost.list }]);
    expect(await money()).toEqual({ held: "0", spent: "0" });
    const { breakdown } = await gateway.credits.report(localCaller, { by: "model" });
    expect(breakdown?.map((row) => ({ ...row, spent: formatUsd(row.spent), list: formatUsd(row.list) }))).toEqual([
      { name: models.openai, calls: 1, spent: "0", list: result.cost.list },
    ]);
  });

  it("needs no pool that covers it", async () => {
    const { ask } = await open("0");
    expect(await ask({})).toMatchObject({ status: "succeeded", model: models.openai });
    const other = await ask({ model: models.anthropic });
    expect(other.error?.code).toBe("insufficient_credits");
  });

  it("is made although a budget is used up, which then counts nothing of it", async () => {
    const settings = { budgets: [{ scope: "pool", window: "day", limit: "0" }] };
    const { ask, gateway } = await open("1", { settings });
    expect(await ask({})).toMatchObject({ status: "succeeded" });
    expect((await gateway.credits.report(localCaller, {})).limits).toMatchObject([{ spent: 0n, held: 0n }]);
    expect((await ask({ model: models.anthropic })).error?.code).toBe("budget_exceeded");
  });

  it("is bounded by max_cost at list price", async () => {
    const { ask } = await open("1");
    const refused = await ask({ max_cost: "0.000001", params: { max_output_tokens: 1_000 } });
    expect(refused.error).toMatchObject({ code: "budget_exceeded", details: { max_cost: "0.000001" } });
    const lowered = await ask({ max_cost: "0.001" });
    expect(lowered.warnings.join()).toMatch(/lowered to \d+, which is what max_cost pays for/);
  });

  it("answers in place of a model that the pool does not pay for", async () => {
    const { ask } = await open("0.0000001");
    const result = await ask({ model: models.anthropic, fallbacks: [models.openai] });
    expect(result).toMatchObject({ status: "succeeded", model: models.openai, cost: { total: "0" } });
    expect(result.attempts).toMatchObject([{ model: models.anthropic, outcome: "skipped" }, { model: models.openai }]);
  });

  it("is charged for what a model of the pool took before it", async () => {
    const { ask, simulator, money } = await open("1");
    simulator.faults.script([{ provider: "anthropic", fault: { kind: "error_event", afterEvents: 1 }, times: 9 }]);
    const result = await ask({ model: models.anthropic, fallbacks: [models.openai] });
    expect(result).toMatchObject({ status: "succeeded", model: models.openai });
    const sum = (amounts: (string | undefined)[]) => amounts.reduce((all, one) => all + parseUsd(one ?? "0"), 0n);
    expect(result.attempts.at(-1)).toMatchObject({ cost: "0" });
    expect(sum(result.attempts.slice(0, -1).map(({ cost }) => cost))).toBeGreaterThan(0n);
    expect(parseUsd(result.cost.total)).toBe(sum(result.attempts.map(({ cost }) => cost)));
    expect(parseUsd(result.cost.list)).toBe(sum(result.attempts.map(({ cost, list }) => list ?? cost)));
    expect((await money()).spent).toBe(result.cost.total);
  });

  it("of another task costs the pool nothing either", async () => {
    const { ask, money } = await open("0");
    const result = await ask({ model: "openai/text-embedding-3-small", params: { input: "alpha beta" } });
    expect(result.error && errorOfResult(result)).toBeUndefined();
    expect(result).toMatchObject({ status: "succeeded", cost: { total: "0" } });
    expect(parseUsd(result.cost.list)).toBeGreaterThan(0n);
    expect(await money()).toEqual({ held: "0", spent: "0" });
  });
});
