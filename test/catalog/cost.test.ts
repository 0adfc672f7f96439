import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { affordableOutput, costOf, worstCaseOf } from "../../src/catalog/cost.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";

const catalog = openCatalog(await shippedRows());
const mini = catalog.resolve("openai/gpt-5.4");

describe("cost", () => {
  it("of a plain call is its tokens at list price", () => {
    // $2.50 and $15 per million: 1000 × 2500 + 500 × 15000 nano-dollars.
    expect(costOf(mini, { inputTokens: 1_000, outputTokens: 500 })).toBe(2_500_000n + 7_500_000n);
  });

  it("charges cached input at its own price", () => {
    // 900 cached at $0.25 and 100 fresh at $2.50 per million.
    expect(costOf(mini, { inputTokens: 1_000, cachedInputTokens: 900 })).toBe(225_000n + 250_000n);
  });

  it("moves the whole request to a tier once its input is above the threshold", () => {
    expect(costOf(mini, { inputTokens: 272_001, outputTokens: 1 })).toBe(272_001n * 5_000n + 22_500n);
  });

  it("charges a five-minute cache write at its price and a one-hour write at twice the input", () => {
    const sonnet = catalog.resolve("anthropic/claude-sonnet-4-5");
    expect(costOf(sonnet, { inputTokens: 300, cacheWriteTokens: 200, cacheWriteLongTokens: 100 })).toBe(
      100n * 3_000n + 100n * 3_750n + 100n * 6_000n,
    );
  });

  it("rounds a fraction of a nano-dollar up, once", () => {
    const embedding = catalog.resolve("openai/text-embedding-3-small");
    expect(costOf(embedding, { inputTokens: 1 })).toBe(20n);
    const cheap = { ...mini, price: { input_per_mtok: 0.0001 } };
    expect(costOf(cheap, { inputTokens: 1 })).toBe(1n);
    expect(costOf(cheap, { inputTokens: 10 })).toBe(1n);
  });

  it("prefers what the provider itself says", () => {
    expect(costOf(mini, { inputTokens: 1_000, providerCostNanoUsd: 7n })).toBe(7n);
  });

  it("of an unknown price is unknown, never free", () => {
    expect(costOf({ ...mini, price: null }, { inputTokens: 1 })).toBeUndefined();
    expect(worstCaseOf({ ...mini, price: null }, 1, 1)).toBeUndefined();
  });

  it("is never more than the worst case of the same tokens", () => {
    const cards = catalog.search({ task: "text" }).filter((card) => card.price !== null);
    fc.assert(
      fc.property(
        fc.constantFrom(...cards),
        fc.nat(400_000),
        fc.nat(100_000),
        fc.nat(100),
        fc.nat(100),
        (card, input, output, cachedShare, writeShare) => {
          const cachedInputTokens = Math.floor((input * cachedShare) / 200);
          const cacheWriteTokens = Math.floor((input * writeShare) / 200);
          const cost =
            costOf(card, { inputTokens: input, outputTokens: output, cachedInputTokens, cacheWriteTokens }) ?? 0n;
          expect(cost <= (worstCaseOf(card, input, output) ?? 0n)).toBe(true);
        },
      ),
    );
  });

  it("affords exactly as many output tokens as the amount pays for", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.bigInt({ min: 0n, max: 10_000_000_000n }), (input, amount) => {
        const output = affordableOutput(mini, input, amount) ?? 0;
        const costs = (tokens: number) => worstCaseOf(mini, input, tokens) ?? 0n;
        if (output < 0) expect(costs(0) > amount).toBe(true);
        else expect([costs(output) <= amount, costs(output + 1) > amount]).toEqual([true, true]);
      }),
    );
  });
});
