import type { ModelCard, Price } from "../core/model-card.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import { type Asked, mediaCost } from "./media-cost.ts";

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
  readonly reasoning?: bigint | undefined;
  readonly imageInput?: bigint | undefined;
  readonly audioInput?: bigint | undefined;
  readonly imageOutput?: bigint | undefined;
  readonly audioOutput?: bigint | undefined;
}

/**
 * What this usage costs: the provider's own figure where it gave one, tokens at list price where the model is billed by
 * them, else the media price table. `undefined`: the price is unknown.
 */
export function costOf(card: ModelCard, usage: Usage, asked: Asked = {}): NanoUsd | undefined {
  if (usage.providerCostNanoUsd !== undefined) return usage.providerCostNanoUsd;
  if (!card.price) return undefined;
  if (isFree(card.price)) return 0n;
  const hasTokens = usage.inputTokens !== undefined || usage.outputTokens !== undefined;
  if (hasTokens && isBilledByTokens(card.price)) return tokenCost(card.price, usage);
  return (
    mediaCost(card, usage, asked) ??
    (card.task === "text" && isBilledByTokens(card.price) ? tokenCost(card.price, usage) : undefined)
  );
}

/** A list of prices that are all nothing says that a model is free; an empty list says nothing. */
function isFree(price: Price): boolean {
  const listed = Object.values(price);
  return listed.length > 0 && listed.every((value) => value === 0);
}

function isBilledByTokens(price: Price): boolean {
  return price.input_per_mtok !== undefined || price.output_per_mtok !== undefined;
}

function tokenCost(price: Price, usage: Usage): NanoUsd {
  const input = usage.inputTokens ?? 0;
  const rates = tokenRates(price, input);
  const cached = usage.cachedInputTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  const writtenLong = usage.cacheWriteLongTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  // Images and sound have rates of their own where the table lists them; else they count as the other tokens do.
  const imageInput = rates.imageInput === undefined ? 0 : Math.min(usage.imageInputTokens ?? 0, input);
  const audioInput = rates.audioInput === undefined ? 0 : Math.min(usage.audioInputTokens ?? 0, input);
  const imageOutput = rates.imageOutput === undefined ? 0 : Math.min(usage.imageOutputTokens ?? 0, output);
  const audioOutput = rates.audioOutput === undefined ? 0 : Math.min(usage.audioOutputTokens ?? 0, output);
  const fresh = Math.max(0, input - cached - written - imageInput - audioInput);
  const text = Math.max(0, output - imageOutput - audioOutput);
  // A table with a price for reasoning charges the whole answer of a call that reasoned at it.
  const textRate = (usage.reasoningTokens ?? 0) > 0 ? (rates.reasoning ?? rates.output) : rates.output;
  return ceilToNano(
    tokens(fresh) * rates.input +
      tokens(cached) * rates.cachedInput +
      tokens(Math.max(0, written - writtenLong)) * rates.cacheWrite +
      tokens(writtenLong) * rates.cacheWriteLong +
      tokens(imageInput) * (rates.imageInput ?? 0n) +
      tokens(audioInput) * (rates.audioInput ?? 0n) +
      tokens(text) * textRate +
      tokens(imageOutput) * (rates.imageOutput ?? 0n) +
      tokens(audioOutput) * (rates.audioOutput ?? 0n),
  );
}

/** The most a text request can cost: every input token at the dearest input rate, every output token produced. */
export function worstCaseOf(card: ModelCard, inputTokens: number, outputTokens: number): NanoUsd | undefined {
  if (!card.price) return undefined;
  const rates = tokenRates(card.price, inputTokens);
  const dearestInput = highest(rates.input, rates.cachedInput, rates.cacheWrite, rates.imageInput, rates.audioInput);
  const dearestOutput = highest(rates.output, rates.reasoning, rates.imageOutput, rates.audioOutput);
  return ceilToNano(tokens(inputTokens) * dearestInput + tokens(outputTokens) * dearestOutput);
}

/** How many output tokens `amount` pays for after the input is paid; negative when not even that. */
export function affordableOutput(card: ModelCard, inputTokens: number, amount: NanoUsd): number | undefined {
  const inputCost = worstCaseOf(card, inputTokens, 0);
  if (inputCost === undefined || !card.price) return undefined;
  const rates = tokenRates(card.price, inputTokens);
  const perToken = highest(rates.output, rates.reasoning, rates.imageOutput, rates.audioOutput);
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
    reasoning: listed(active, "reasoning_per_mtok"),
    imageInput: listed(active, "image_input_per_mtok"),
    audioInput: listed(active, "input_audio_per_mtok"),
    imageOutput: listed(active, "image_output_per_mtok"),
    audioOutput: listed(active, "output_audio_per_mtok"),
  };
}

function listed(price: Price, unit: string): bigint | undefined {
  const value = price[unit];
  return typeof value === "number" ? picoPerToken(value) : undefined;
}

function highest(first: bigint, ...others: readonly (bigint | undefined)[]): bigint {
  return others.reduce<bigint>((most, other) => (other !== undefined && other > most ? other : most), first);
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
