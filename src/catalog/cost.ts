import type { ModelCard, Price } from "../core/model-card.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";

/**
 * Money from usage. Prices become integer pico-dollars per unit, quantities multiply them exactly, and one call is
 * rounded up to nano-dollars once.
 */
const picoPerNano = 1_000n;
/** $1 per million tokens is 1,000,000 pico-dollars per token. */
const picoPerTokenOfDollarPerMtok = 1_000_000;

/** The rates of a text request, in pico-dollars per token, at its input size. */
interface TokenRates {
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  readonly cacheWriteLong: bigint;
  readonly output: bigint;
}

/** What this usage costs at list price, or the provider's own figure where it gave one. `undefined`: the price is unknown. */
export function costOf(card: ModelCard, usage: Usage): NanoUsd | undefined {
  if (usage.providerCostNanoUsd !== undefined) return usage.providerCostNanoUsd;
  if (!card.price) return undefined;
  const input = usage.inputTokens ?? 0;
  const rates = tokenRates(card.price, input);
  const cached = usage.cachedInputTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  const writtenLong = usage.cacheWriteLongTokens ?? 0;
  const fresh = Math.max(0, input - cached - written);
  const pico =
    tokens(fresh) * rates.input +
    tokens(cached) * rates.cachedInput +
    tokens(Math.max(0, written - writtenLong)) * rates.cacheWrite +
    tokens(writtenLong) * rates.cacheWriteLong +
    tokens(usage.outputTokens ?? 0) * rates.output;
  return ceilToNano(pico);
}

/** The most a text request can cost: every input token at the dearest input rate, every output token produced. */
export function worstCaseOf(card: ModelCard, inputTokens: number, outputTokens: number): NanoUsd | undefined {
  if (!card.price) return undefined;
  const rates = tokenRates(card.price, inputTokens);
  let dearestInput = rates.input;
  for (const rate of [rates.cachedInput, rates.cacheWrite]) if (rate > dearestInput) dearestInput = rate;
  return ceilToNano(tokens(inputTokens) * dearestInput + tokens(outputTokens) * rates.output);
}

/** How many output tokens `amount` pays for after the input is paid; negative when not even that. */
export function affordableOutput(card: ModelCard, inputTokens: number, amount: NanoUsd): number | undefined {
  const inputCost = worstCaseOf(card, inputTokens, 0);
  if (inputCost === undefined || !card.price) return undefined;
  const perToken = tokenRates(card.price, inputTokens).output;
  if (amount < inputCost) return -1;
  if (perToken === 0n) return Number.MAX_SAFE_INTEGER;
  const count = ((amount - inputCost) * picoPerNano) / perToken;
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count);
}

function tokenRates(price: Price, inputTokens: number): TokenRates {
  let active: Price = price;
  for (const tier of price.tiers ?? []) {
    if (inputTokens > tier.above_input_tokens) active = { ...active, ...tier } as Price;
  }
  const input = active.input_per_mtok ?? 0;
  const cacheWrite = active.cache_write_per_mtok ?? input;
  return {
    input: picoPerToken(input),
    // No cache price listed means that a cached token is charged as any other, not that it is free.
    cachedInput: picoPerToken(active.cached_input_per_mtok ?? input),
    cacheWrite: picoPerToken(cacheWrite),
    // Anthropic's one-hour write is twice the input price; the listed write price is the five-minute one.
    cacheWriteLong: picoPerToken(Math.max(cacheWrite, 2 * input)),
    output: picoPerToken(active.output_per_mtok ?? 0),
  };
}

function picoPerToken(dollarsPerMtok: number): bigint {
  return BigInt(Math.round(dollarsPerMtok * picoPerTokenOfDollarPerMtok));
}

/** Counts come from providers: anything that is not a whole number is rounded up, never down. */
function tokens(count: number): bigint {
  return BigInt(Math.ceil(Math.max(0, count)));
}

function ceilToNano(pico: bigint): NanoUsd {
  return (pico + picoPerNano - 1n) / picoPerNano;
}
