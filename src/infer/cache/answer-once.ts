import type { Caller } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import type { ModelCard } from "../../core/model-card.ts";
import type { Task } from "../../core/task.ts";
import type { TextEvent } from "../../providers/shapes/event.ts";
import { type Generation, type GenerationEvent, isAnswer, isContent } from "../generation.ts";
import type { InferArgs } from "../request.ts";
import type { InferResult } from "../result.ts";
import { type CallModelsOptions, modelsOfCall } from "../routes/models-of-call.ts";
import { textOf } from "../snapshot.ts";
import type { AnswerCache, CachedAnswer } from "./answer-cache.ts";
import { cacheKey } from "./cache-key.ts";
import { Flight } from "./flight.ts";

export interface AnswerOnceOptions extends CallModelsOptions {
  readonly cache: AnswerCache;
  readonly clock: Clock;
}

/** Runs the call itself. */
type Act = (signal: AbortSignal) => Promise<InferResult>;

/** Tasks whose results stand for themselves. Media results name files that are kept for a time of their own. */
const cacheable: ReadonlySet<Task> = new Set([
  "text",
  "embedding",
  "rerank",
  "moderation",
  "classification",
  "transcription",
]);

/** Failures that are those of one caller, not of the request: others try for themselves. */
const ofOneCaller: ReadonlySet<ErrorCode> = new Set([
  "cancelled",
  "timeout",
  "insufficient_credits",
  "budget_exceeded",
  "unavailable",
]);

/** Gives calls that ask for it an answer that is there already, or that is being made. */
export class AnswersOnce {
  readonly #options: AnswerOnceOptions;
  readonly #flights = new Map<string, Flight>();

  constructor(options: AnswerOnceOptions) {
    this.#options = options;
  }

  /**
   * The result of a call: from the cache, from an identical call that is under way, or of its own. Never rejects, as
   * `act` never does.
   */
  async answer(
    generation: Generation,
    args: InferArgs,
    caller: Caller,
    signal: AbortSignal,
    act: Act,
  ): Promise<InferResult> {
    const wanted = wantedOf(args);
    if (!wanted) return act(signal);
    const models = await modelsOfCall(args, caller, this.#options).catch(() => undefined);
    const [first] = models?.cards ?? [];
    // What is wrong with the call is for planning to say.
    if (!models || !first || !cacheable.has(first.task)) return act(signal);
    const startedAtMs = this.#options.clock.monotonicMs();
    const again = (answer: CachedAnswer) =>
      repeated(answer.result, generation.id, this.#options.clock.monotonicMs() - startedAtMs);
    const found = wanted.ttlMs > 0 ? await this.#find(models.cards, args, caller, wanted.ttlMs) : undefined;
    if (found) {
      generation.append({ type: "asked", model: found.result.model }, ...found.events);
      const result = again(found);
      generation.append(...result.attempts.map((record) => ({ type: "attempt" as const, ...record })));
      return result;
    }
    const keep = async (result: InferResult) => {
      if (wanted.ttlMs > 0) await this.#keep(generation, args, caller, wanted.ttlMs, result);
      return result;
    };
    if (!wanted.coalesce) return keep(await act(signal));
    const key = cacheKey(args, first, caller);
    for (let flight = this.#flights.get(key); flight; flight = this.#flights.get(key)) {
      const result = await flight.follow(generation, signal);
      if (result === "left") return withText(await act(signal), generation);
      const isShared = result.status === "succeeded" || !ofOneCaller.has(result.error?.code ?? "internal");
      // What was delivered here cannot be taken back: then the end is shared too.
      if (isShared || hasContent(generation)) {
        return again({ result, events: [] });
      }
    }
    const flight = new Flight(generation, signal);
    this.#flights.set(key, flight);
    const result = await act(flight.signal);
    this.#flights.delete(key);
    flight.landed(result);
    return keep(result);
  }

  /** The answer of the first model that has one, as far as models that would not be asked now come before it. */
  async #find(
    cards: readonly ModelCard[],
    args: InferArgs,
    caller: Caller,
    ttlMs: number,
  ): Promise<CachedAnswer | undefined> {
    const { cache, health, resolver } = this.#options;
    for (const card of cards) {
      const found = cache.find(cacheKey(args, card, caller), ttlMs);
      if (found) return found;
      const candidate = await resolver.candidate(card);
      if ("missing" in candidate) continue;
      const { provider, id: model } = card;
      if (candidate.keys.some(({ name }) => health.readiness({ provider, model, key: name }).state === "ready")) {
        return undefined;
      }
    }
    return undefined;
  }

  /** Keeps an answer that is whole: not one that was cut for length or withheld. */
  async #keep(
    generation: Generation,
    args: InferArgs,
    caller: Caller,
    ttlMs: number,
    result: InferResult,
  ): Promise<void> {
    const card = this.#options.resolver.find(result.model);
    const isWhole = result.finish_reason === "stop" || result.finish_reason === "tool_calls";
    if (!card || result.status !== "succeeded" || !isWhole) return;
    const events = joined(generation.events.map(({ event }) => event));
    // An answer that cannot be kept is given all the same.
    await this.#options.cache.keep(cacheKey(args, card, caller), ttlMs, { result, events }).catch(() => undefined);
  }
}

function wantedOf({ cache }: InferArgs): { ttlMs: number; coalesce: boolean } | undefined {
  if (cache === undefined || cache === false) return undefined;
  const { ttl_s = inferLimits.cacheTtlSDefault, coalesce = false } = cache === true ? {} : cache;
  return { ttlMs: ttl_s * 1_000, coalesce };
}

/** A result that was made before, for another call: it costs nothing. What it would have cost stays in `list`. */
function repeated(result: InferResult, id: string, ms: number): InferResult {
  return {
    ...result,
    id,
    cost: { total: "0", list: result.cost.list },
    attempts: [{ model: result.model, outcome: "cached", cost: "0", ms: Math.round(ms) }],
    cached: true,
    // What was to be said then, of budgets and money, is not so now.
    warnings: [],
  };
}

function hasContent({ events }: Generation): boolean {
  return events.some(({ event }) => isAnswer(event) && isContent(event));
}

/** A call that was given up while it followed another keeps what it had been given. */
function withText(result: InferResult, generation: Generation): InferResult {
  const text = textOf(generation.events);
  return text === "" ? result : { ...result, output: { text, ...result.output } };
}

/** The answer's own events, pieces of one text put together. */
function joined(events: readonly GenerationEvent["event"][]): TextEvent[] {
  const answer: TextEvent[] = [];
  for (const event of events) {
    if (!isAnswer(event)) continue;
    const last = answer.at(-1);
    if ((event.type === "text" || event.type === "reasoning") && last?.type === event.type) {
      answer[answer.length - 1] = { type: event.type, text: last.text + event.text };
    } else answer.push(event);
  }
  return answer;
}
