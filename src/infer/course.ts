import type { Clock } from "../core/clock.ts";
import { isAbort, toErrorFacts } from "../core/errors.ts";
import { inferLimits } from "../core/limits.ts";
import { formatUsd } from "../core/money.ts";
import type { Ledger } from "../credits/ledger.ts";
import type { CollectedText } from "../providers/collect.ts";
import type { Wire } from "../providers/wire/wire.ts";
import { Answer } from "./answer.ts";
import { askText } from "./attempts/ask-text.ts";
import { AttemptFailure, attemptError, errorOf } from "./attempts/failure.ts";
import type { Attempt } from "./attempts/try-offers.ts";
import type { Drains } from "./attempts/upstream.ts";
import { CallMoney } from "./call-money.ts";
import type { CallTrace } from "./call-trace.ts";
import type { Generation } from "./generation.ts";
import type { Reservation } from "./reservation.ts";
import { type AttemptRecord, attemptTokens, byRoute, costFacts, type InferResult, usageFacts } from "./result.ts";
import { textOutput } from "./text-output.ts";

export interface CourseOptions {
  readonly ledger: Ledger;
  readonly wire: Wire;
  readonly drains: Drains;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly trace: CallTrace;
  /** Writes the result of an answer down; does not reject. */
  readonly keep: (result: InferResult) => Promise<unknown>;
}

/** The state of one run: what was tried, what it cost, what has been delivered. */
export class Course {
  readonly #generation: Generation;
  readonly #options: CourseOptions;
  readonly #attempts: AttemptRecord[] = [];
  readonly #warnings: string[] = [];
  #routes: ReadonlyMap<string, string> = new Map();
  readonly #money: CallMoney;
  #model: string;
  /** The answer that the caller has some of. */
  #delivered: Answer | undefined;
  #checkpointAtMs: number;

  constructor(generation: Generation, model: string, options: CourseOptions) {
    this.#generation = generation;
    this.#model = model;
    this.#options = options;
    this.#money = new CallMoney(options.ledger);
    this.#checkpointAtMs = options.clock.monotonicMs();
  }

  /** Takes over what planning or reserving has to say to the caller. */
  planned(plan: {
    readonly skipped: readonly { readonly model: string; readonly reason: string }[];
    readonly warnings: readonly string[];
    readonly routes?: ReadonlyMap<string, string> | undefined;
  }): void {
    if (plan.routes) this.#routes = plan.routes;
    for (const { model, reason } of plan.skipped) this.skip(model, reason);
    this.#warnings.push(...plan.warnings);
  }

  reserved(reservation: Reservation): void {
    this.#money.holds(reservation.hold.id, reservation.charge);
    this.planned(reservation);
  }

  skip(model: string, why: string): void {
    this.#note({ model, outcome: "skipped", error: why, cost: "0", ms: 0 });
  }

  /**
   * Makes one attempt.
   * @throws what `askText` throws, after noting it; budget_exceeded when a budget has no room for this model.
   */
  async ask(attempt: Attempt): Promise<Answer> {
    const { clock, wire, drains, signal, trace } = this.#options;
    const { card, keys } = attempt.offer.candidate;
    const startedAtMs = clock.monotonicMs();
    const answer = new Answer(attempt.offer);
    const span = trace.attempt(card);
    this.#model = card.id;
    const isJson = attempt.offer.request.response_schema !== undefined;
    this.#generation.append({ type: "asked", model: card.id, ...(isJson ? { json: true } : {}) });
    // Not before its call, should the clock have been set back.
    const afterMs = Math.max(0, clock.now() - this.#generation.startedAtMs);
    const ended = (outcome: AttemptRecord["outcome"], why?: Pick<AttemptRecord, "error" | "error_kind">) => {
      const { cost, list, usage } = answer.bill();
      // What the user pays to the provider is on the provider's bill.
      this.#money.add({ cost, list, isUnreconciled: answer.isUnreconciled && !attempt.offer.candidate.isByok });
      if (usage.inputTokens !== undefined) attempt.used(usage.inputTokens + (usage.outputTokens ?? 0));
      const record: AttemptRecord = {
        model: card.id,
        ...(keys.length > 1 ? { key: attempt.key.name } : {}),
        outcome,
        ...why,
        cost: formatUsd(cost),
        ...(list === cost ? {} : { list: formatUsd(list) }),
        ...attemptTokens(usage),
        ...(answer.isUnreconciled ? { unreconciled: true } : {}),
        after_ms: afterMs,
        ms: Math.round(clock.monotonicMs() - startedAtMs),
        ...(answer.firstContentMs === undefined ? {} : { first_ms: Math.round(answer.firstContentMs) }),
      };
      span.ended(record);
      this.#note(record);
    };
    try {
      await this.#money.chargeTo(attempt.offer.candidate);
      await askText(attempt, answer, {
        wire,
        drains,
        signal,
        traceparent: span.traceparent,
        nowMs: () => clock.monotonicMs(),
        deliver: (events) => {
          this.#delivered = answer;
          this.#generation.append(...events);
          this.#checkpoint(answer);
        },
      });
      const { failure } = answer.collected();
      // The provider did its part; the model did not write what was asked for.
      if (failure) throw new AttemptFailure(failure, { delivered: true, isProviderFault: false });
      ended("succeeded");
      return answer;
    } catch (error) {
      ended(signal.aborted || isAbort(error) ? "cancelled" : "failed", attemptError(error));
      throw error;
    }
  }

  /** The result of an answer that came whole. */
  async succeeded(answer: Answer): Promise<InferResult> {
    return this.#settled("succeeded", answer, answer.collected());
  }

  /** The result of a run that did not succeed: what was delivered is paid for and kept, the rest is released. */
  async failed(error: unknown): Promise<InferResult> {
    const facts = toErrorFacts(
      error instanceof AttemptFailure
        ? errorOf(error.failure, this.#model, { generation: this.#generation.id, attempts: this.#attempts })
        : error,
    );
    const status = facts.code === "cancelled" ? "cancelled" : "failed";
    if (this.#delivered) return this.#settled(status, this.#delivered, this.#delivered.collected(), facts);
    this.#warnings.push(...(await this.#money.pay(undefined, facts.code)));
    return {
      id: this.#generation.id,
      status,
      model: this.#model,
      provider: this.#model.slice(0, Math.max(0, this.#model.indexOf("/"))),
      output: {},
      cost: costFacts(this.#money.cost, this.#money.list),
      attempts: this.#attempts,
      cached: false,
      warnings: this.#warnings,
      error: facts,
    };
  }

  #note(made: AttemptRecord): void {
    const record = byRoute(made, this.#routes);
    this.#attempts.push(record);
    this.#generation.append({ type: "attempt", ...record });
  }

  async #settled(
    status: "succeeded" | "failed" | "cancelled",
    answer: Answer,
    collected: CollectedText,
    error?: InferResult["error"],
  ): Promise<InferResult> {
    const bill = answer.bill();
    const { card } = answer.offer.candidate;
    const result: InferResult = {
      id: this.#generation.id,
      status,
      model: card.id,
      provider: card.provider,
      output: textOutput(collected),
      ...(status === "succeeded" ? { message: collected.message, finish_reason: collected.finish_reason } : {}),
      usage: usageFacts(bill.usage, bill.isEstimated),
      cost: costFacts(this.#money.cost, this.#money.list),
      attempts: this.#attempts,
      cached: false,
      warnings: this.#warnings,
      ...(error ? { error } : {}),
    };
    // The answer first: what is paid for is there, and what is there and not yet paid is settled by whoever finds it.
    const written = this.#options.keep(result);
    this.#warnings.push(...(await this.#money.pay({ card, usage: bill.usage }, status)));
    await written;
    return result;
  }

  /** Writes down now and then what a stream has cost so far, should this process not live to its end. */
  #checkpoint(answer: Answer): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#checkpointAtMs < inferLimits.costCheckpointMs) return;
    this.#checkpointAtMs = nowMs;
    this.#money.checkpoint(answer.bill().cost);
  }
}
