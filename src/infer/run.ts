import { costOf, worstCaseOf } from "../catalog/cost.ts";
import type { Caller } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { abortError } from "../core/deadline.ts";
import { isAbort, SwitchyardError, toErrorFacts } from "../core/errors.ts";
import { inferLimits } from "../core/limits.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import type { Ledger } from "../credits/ledger.ts";
import { type CollectedText, TextCollector } from "../providers/collect.ts";
import type { Wire } from "../providers/wire/wire.ts";
import { attempt } from "./attempt.ts";
import { waitBeforeRetry } from "./backoff.ts";
import { tokensGuess } from "./estimate.ts";
import { AttemptFailure, errorOf, verdictOf } from "./failure.ts";
import { type Generation, isContent } from "./generation.ts";
import type { InferArgs } from "./request.ts";
import { textRequestFor } from "./request.ts";
import { type Offer, reserve } from "./reservation.ts";
import type { Resolver } from "./resolve.ts";
import { type AttemptRecord, costFacts, type InferResult, usageFacts } from "./result.ts";

export interface RunDependencies {
  readonly resolver: Resolver;
  readonly ledger: Ledger;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly rng: Rng;
}

/**
 * Runs one generation to its end: resolve → reserve → attempt (retry, fail over) → settle. Never rejects: what goes
 * wrong is in the result's `error`.
 */
export async function run(
  generation: Generation,
  args: InferArgs,
  caller: Caller,
  signal: AbortSignal,
  deps: RunDependencies,
): Promise<InferResult> {
  const course = new Course(generation, args, deps);
  try {
    const { candidates, skipped } = await deps.resolver.candidates([args.model, ...(args.fallbacks ?? [])], caller);
    for (const { model, reason } of skipped)
      course.note({ model, outcome: "skipped", error: reason, cost: "0", ms: 0 });
    const requests = candidates.map((candidate) => ({ candidate, request: textRequestFor(args, candidate.card) }));
    const reservation = await reserve(requests, args, deps.ledger, caller, generation.id);
    course.hold = reservation.hold.id;
    course.warnings.push(...reservation.warnings);
    return await course.follow(reservation.offers, signal);
  } catch (error) {
    return await course.failed(signal.aborted ? abortError(signal) : error);
  }
}

/** One attempt's answer so far. */
interface Delivered {
  readonly offer: Offer;
  readonly collector: TextCollector;
  characters: number;
  hasContent: boolean;
}

/** The state of one run: what was tried, what it cost, what has been delivered. */
class Course {
  readonly #generation: Generation;
  readonly #args: InferArgs;
  readonly #deps: RunDependencies;
  readonly #attempts: AttemptRecord[] = [];
  readonly warnings: string[] = [];
  hold: string | undefined;
  #model: string;
  /** The last attempt's answer so far, and who gave it. */
  #delivered: Delivered | undefined;

  constructor(generation: Generation, args: InferArgs, deps: RunDependencies) {
    this.#generation = generation;
    this.#args = args;
    this.#deps = deps;
    this.#model = args.model;
  }

  note(record: AttemptRecord): void {
    this.#attempts.push(record);
    this.#generation.append({ type: "attempt", model: record.model, outcome: record.outcome });
  }

  /** Asks one offer after another until one answers. */
  async follow(offers: readonly Offer[], signal: AbortSignal): Promise<InferResult> {
    const { clock, rng } = this.#deps;
    const endsAtMs = clock.monotonicMs() + (this.#args.timeout_ms ?? inferLimits.timeoutMsDefault);
    let last: unknown;
    for (const offer of offers) {
      for (let number = 1; number <= inferLimits.attemptsPerModelMax; number += 1) {
        try {
          return await this.#attempt(offer, signal);
        } catch (error) {
          last = error;
          // A request that this model cannot honour (`unsupported`) may suit the next one.
          if (!(error instanceof AttemptFailure)) {
            if (error instanceof SwitchyardError && error.code === "unsupported") break;
            throw error;
          }
          const verdict = verdictOf(error);
          if (verdict === "stop") throw error;
          if (verdict === "next_model" || number === inferLimits.attemptsPerModelMax) break;
          const wait = waitBeforeRetry(number, error.failure.retryAfterMs, endsAtMs - clock.monotonicMs(), rng);
          // Waiting longer than a short while helps nobody when another model could answer now.
          if (wait === undefined || (wait > inferLimits.retryCapMs && offer !== offers.at(-1))) break;
          await clock.sleep(wait, signal);
        }
      }
    }
    throw last;
  }

  async #attempt(offer: Offer, signal: AbortSignal): Promise<InferResult> {
    const { clock } = this.#deps;
    const { card } = offer.candidate;
    const startedAtMs = clock.monotonicMs();
    const collector = new TextCollector({ responseSchema: offer.request.response_schema });
    const delivered: Delivered = { offer, collector, characters: 0, hasContent: false };
    this.#model = card.id;
    this.#delivered = delivered;
    this.#generation.append({ type: "asked", model: card.id });
    const record = (outcome: AttemptRecord["outcome"], cost: NanoUsd, error?: string) =>
      this.note({
        model: card.id,
        outcome,
        cost: formatUsd(cost),
        ms: Math.round(clock.monotonicMs() - startedAtMs),
        ...(error === undefined ? {} : { error }),
      });
    try {
      for await (const events of attempt(offer.candidate, offer.request, this.#deps.wire, signal)) {
        for (const event of events) {
          collector.push(event);
          if ("text" in event) delivered.characters += event.text.length;
          delivered.hasContent ||= isContent(event);
        }
        this.#generation.append(...events);
      }
      const answer = collector.result();
      if (answer.failure) throw new AttemptFailure(answer.failure, true);
      const bill = this.#bill(delivered, answer);
      record("succeeded", bill.cost);
      return await this.#settled("succeeded", offer, answer, bill);
    } catch (error) {
      const isCancelled = signal.aborted || isAbort(error);
      if (!delivered.hasContent) this.#delivered = undefined;
      const what =
        error instanceof AttemptFailure
          ? `${error.failure.kind}: ${error.failure.message}`
          : toErrorFacts(error).message;
      record(
        isCancelled ? "cancelled" : "failed",
        delivered.hasContent ? this.#bill(delivered, collector.result()).cost : 0n,
        what,
      );
      throw error;
    }
  }

  /** What the answer costs: what the provider says, else its usage at list price, else an estimate of what was delivered. */
  #bill(
    { offer, characters }: Delivered,
    answer: CollectedText,
  ): { usage: Usage; cost: NanoUsd; isEstimated: boolean } {
    const { card } = offer.candidate;
    const isEstimated = answer.usage.outputTokens === undefined;
    const usage: Usage = isEstimated
      ? {
          ...answer.usage,
          inputTokens:
            answer.usage.inputTokens ??
            tokensGuess(JSON.stringify(offer.request.messages).length + (offer.request.system?.length ?? 0)),
          // An estimate is never more than the model could have written.
          outputTokens: Math.min(
            tokensGuess(characters),
            offer.request.params.max_output_tokens ?? Number.MAX_SAFE_INTEGER,
          ),
        }
      : answer.usage;
    const cost =
      costOf(card, usage) ?? worstCaseOf(card, offer.inputTokensMax, offer.request.params.max_output_tokens ?? 0);
    return { usage, isEstimated, cost: cost ?? 0n };
  }

  async #settled(
    status: "succeeded" | "failed" | "cancelled",
    offer: Offer,
    answer: CollectedText,
    bill: { usage: Usage; cost: NanoUsd; isEstimated: boolean },
    error?: InferResult["error"],
  ): Promise<InferResult> {
    if (this.hold !== undefined)
      await this.#deps.ledger.settle(this.hold, { actual: bill.cost, list: bill.cost, usage: bill.usage });
    const { card } = offer.candidate;
    return {
      id: this.#generation.id,
      status,
      model: card.id,
      provider: card.provider,
      output: this.#output(answer),
      ...(status === "succeeded" ? { message: answer.message, finish_reason: answer.finish_reason } : {}),
      usage: usageFacts(bill.usage, bill.isEstimated),
      cost: costFacts(bill.cost, bill.cost),
      attempts: this.#attempts,
      cached: false,
      warnings: this.warnings,
      ...(error ? { error } : {}),
    };
  }

  #output({ text, json, reasoning, tool_calls }: CollectedText): InferResult["output"] {
    return {
      ...(text !== undefined || tool_calls === undefined ? { text: text ?? "" } : {}),
      ...(json === undefined ? {} : { json }),
      ...(reasoning === undefined ? {} : { reasoning }),
      ...(tool_calls === undefined ? {} : { tool_calls }),
    };
  }

  /** The result of a run that did not succeed: what was delivered is paid for and kept, the rest is released. */
  async failed(error: unknown): Promise<InferResult> {
    const facts = toErrorFacts(
      error instanceof AttemptFailure
        ? errorOf(error.failure, this.#model, { generation: this.#generation.id, attempts: this.#attempts })
        : error,
    );
    const status = facts.code === "cancelled" ? "cancelled" : "failed";
    if (this.#delivered) {
      const answer = this.#delivered.collector.result();
      return this.#settled(status, this.#delivered.offer, answer, this.#bill(this.#delivered, answer), facts);
    }
    if (this.hold !== undefined) await this.#deps.ledger.release(this.hold, facts.code);
    return {
      id: this.#generation.id,
      status,
      model: this.#model,
      provider: this.#model.slice(0, Math.max(0, this.#model.indexOf("/"))),
      output: {},
      cost: costFacts(0n, 0n),
      attempts: this.#attempts,
      cached: false,
      warnings: this.warnings,
      error: facts,
    };
  }
}
