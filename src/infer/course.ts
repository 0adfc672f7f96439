import type { Clock } from "../core/clock.ts";
import { isAbort, toErrorFacts } from "../core/errors.ts";
import { inferLimits } from "../core/limits.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";
import type { Charge, Ledger } from "../credits/ledger.ts";
import { warningText } from "../credits/warnings.ts";
import type { CollectedText } from "../providers/collect.ts";
import type { Wire } from "../providers/wire/wire.ts";
import { Answer, type Bill } from "./answer.ts";
import { askText } from "./attempts/ask-text.ts";
import type { Candidate } from "./attempts/candidate.ts";
import { AttemptFailure, attemptError, errorOf } from "./attempts/failure.ts";
import type { Attempt } from "./attempts/try-offers.ts";
import type { Drains } from "./attempts/upstream.ts";
import type { CallTrace } from "./call-trace.ts";
import type { Generation } from "./generation.ts";
import { keepHold } from "./keep-hold.ts";
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
  #hold: string | undefined;
  #letHoldGo: () => void = () => undefined;
  /** What the hold is for at present. */
  #charge: Charge | undefined;
  #model: string;
  /** Of attempts that are over: what the pool is charged, and the list price of it all. */
  #cost: NanoUsd = 0n;
  #list: NanoUsd = 0n;
  /** The provider may charge something else than what is settled. */
  #isUnreconciled = false;
  /** The answer that the caller has some of. */
  #delivered: Answer | undefined;
  #checkpointAtMs: number;

  constructor(generation: Generation, model: string, options: CourseOptions) {
    this.#generation = generation;
    this.#model = model;
    this.#options = options;
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
    this.#hold = reservation.hold.id;
    this.#letHoldGo = keepHold(this.#options.ledger, reservation.hold.id, () => this.#cost);
    this.#charge = reservation.charge;
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
      this.#cost += cost;
      this.#list += list;
      // What the user pays to the provider is on the provider's bill.
      this.#isUnreconciled ||= answer.isUnreconciled && !attempt.offer.candidate.isByok;
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
      await this.#chargeTo(attempt.offer.candidate);
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
    await this.#pay(undefined, facts.code);
    return {
      id: this.#generation.id,
      status,
      model: this.#model,
      provider: this.#model.slice(0, Math.max(0, this.#model.indexOf("/"))),
      output: {},
      cost: costFacts(this.#cost, this.#list),
      attempts: this.#attempts,
      cached: false,
      warnings: this.#warnings,
      error: facts,
    };
  }

  /** Budgets for a provider or model count the call that goes there, wherever it was first meant to go. */
  async #chargeTo({ card: { provider, id: model }, isByok }: Candidate): Promise<void> {
    if (isByok || this.#hold === undefined || this.#charge === undefined || this.#charge.model === model) return;
    const charge = { ...this.#charge, provider, model };
    await this.#options.ledger.retarget(this.#hold, charge);
    this.#charge = charge;
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
      cost: costFacts(this.#cost, this.#list),
      attempts: this.#attempts,
      cached: false,
      warnings: this.#warnings,
      ...(error ? { error } : {}),
    };
    // The answer first: what is paid for is there, and what is there and not yet paid is settled by whoever finds it.
    const written = this.#options.keep(result);
    await this.#pay({ answer, bill }, status);
    await written;
    return result;
  }

  /** Ends the hold with what all attempts cost. An answer that is there is not withheld because that fails. */
  async #pay(answered: { answer: Answer; bill: Bill } | undefined, reason: string): Promise<void> {
    if (this.#hold === undefined) return;
    const { ledger } = this.#options;
    const hold = this.#hold;
    this.#hold = undefined;
    this.#letHoldGo();
    try {
      if (!answered && this.#list === 0n && !this.#isUnreconciled) return await ledger.release(hold, reason);
      const { card } = answered?.answer.offer.candidate ?? {};
      const { warnings } = await ledger.settle(hold, {
        actual: this.#cost,
        list: this.#list,
        ...(answered ? { usage: answered.bill.usage } : {}),
        ...(card ? { provider: card.provider, model: card.id } : {}),
        ...(this.#isUnreconciled ? { unreconciled: true } : {}),
      });
      this.#warnings.push(...warnings.map(warningText));
    } catch (error) {
      const { message } = toErrorFacts(error);
      this.#warnings.push(
        `what this call cost could not be written down (${message}); the ledger settles it when its reservation runs out`,
      );
    }
  }

  /** Keeps the hold alive while a stream runs, and what it has cost so far, should this process not live to its end. */
  #checkpoint(answer: Answer): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#hold === undefined || nowMs - this.#checkpointAtMs < inferLimits.costCheckpointMs) return;
    this.#checkpointAtMs = nowMs;
    // The next checkpoint makes good for one that fails.
    this.#options.ledger.progress(this.#hold, this.#cost + answer.bill().cost).catch(() => undefined);
  }
}
