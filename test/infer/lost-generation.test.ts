import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import { systemRng } from "../../src/core/clock.ts";
import { inferLimits } from "../../src/core/limits.ts";
import type { GenerationEvent } from "../../src/infer/generation.ts";
import { openGenerationStore, type StoredGeneration } from "../../src/infer/generation-store.ts";
import { lostGeneration } from "../../src/infer/lost-generation.ts";
import { openResolver } from "../../src/infer/resolve.ts";
import { handClock } from "../support/hand-clock.ts";
import { temporaryDirectory } from "../support/ledger.ts";

const model = "openai/gpt-4.1-mini";
const resolver = openResolver({
  catalog: openCatalog(await shippedRows()),
  environment: () => undefined,
  providers: { anthropic: { isByok: true } },
});
const stored: StoredGeneration = {
  id: "gen_1",
  workspace: "default",
  key: "",
  requestHash: "h",
  model,
  state: "running",
  result: undefined,
  leaseUntilMs: inferLimits.runnerLeaseMs + 5_000,
  createdAtMs: 1_000,
};
const events = (...list: GenerationEvent["event"][]): GenerationEvent[] => list.map((event, seq) => ({ seq, event }));
const text = { type: "text", text: '{"a":1}' } as const;
const usage = { type: "usage", usage: { inputTokens: 1_000, outputTokens: 100 } } as const;
const finish = { type: "finish", reason: "stop" } as const;

describe("a call whose process died", () => {
  it("is answered from what was written down when all of it is there, and costs what its usage says", () => {
    const { result, settlement } = lostGeneration(
      stored,
      events({ type: "asked", model }, text, usage, finish),
      resolver,
    );
    expect(result).toMatchObject({ status: "succeeded", output: { text: '{"a":1}' }, finish_reason: "stop", model });
    expect(result.attempts).toMatchObject([{ outcome: "succeeded", cost: result.cost.total, ms: 4_000 }]);
    expect(settlement).toMatchObject({ actual: 560_000n, list: 560_000n, model, provider: "openai" });
  });

  it("keeps what earlier attempts cost, and what the user pays is not charged", () => {
    const failed = { type: "attempt", model, outcome: "failed", cost: "0.5", ms: 3, unreconciled: true } as const;
    const byok = "anthropic/claude-haiku-4-5";
    const list = events({ type: "asked", model }, failed, { type: "asked", model: byok }, text, usage, finish);
    const { result, settlement } = lostGeneration(stored, list, resolver);
    expect(result.attempts).toMatchObject([{ cost: "0.5" }, { model: byok, cost: "0" }]);
    expect(result.cost.total).toBe("0.5");
    expect(settlement).toMatchObject({ actual: 500_000_000n, unreconciled: true });
    expect(settlement?.list).toBeGreaterThan(500_000_000n);
  });

  it("gives the value again where JSON was asked for", () => {
    const list = events({ type: "asked", model, json: true }, text, usage, finish);
    expect(lostGeneration(stored, list, resolver).result.output.json).toEqual({ a: 1 });
  });

  it.each([
    ["its end", [text, usage]],
    ["its usage", [text, finish]],
    ["everything", []],
  ] as const)("has failed when %s is missing, and its cost is not known", (_, list) => {
    const { result, settlement } = lostGeneration(stored, events({ type: "asked", model }, ...list), resolver);
    expect(result).toMatchObject({ status: "failed", error: { code: "unavailable", retryable: true } });
    expect(result.output.text).toBe(list.length === 0 ? undefined : text.text);
    expect(settlement).toBeUndefined();
    // That it was given up for lost is no word on its cost either.
    expect(lostGeneration({ ...stored, state: "failed", result }, [], resolver).settlement).toBeUndefined();
  });

  it("is ended unasked only when its process has been silent well past its lease", async () => {
    const clock = handClock(Date.UTC(2026, 10, 22));
    const path = join(await temporaryDirectory(), "generations.db");
    const store = openGenerationStore({ path, clock, rng: systemRng });
    onTestFinished(() => store.close());
    const owner = { workspace: "default", key: "" };
    await store.begin({ id: "gen_1", owner, idempotencyKey: undefined, requestHash: "h", model });
    clock.advance(inferLimits.runnerLeaseMs + inferLimits.lostAfterMs);
    expect(store.lost(10)).toEqual([]);
    clock.advance(1);
    expect(store.lost(10)).toMatchObject([{ id: "gen_1" }]);
    await store.heartbeat(["gen_1"]);
    expect(store.lost(10)).toEqual([]);
  });
});
