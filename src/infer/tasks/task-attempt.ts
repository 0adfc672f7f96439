import { costOf } from "../../catalog/cost.ts";
import type { Asked } from "../../catalog/media-cost.ts";
import type { Clock } from "../../core/clock.ts";
import { isAbort } from "../../core/errors.ts";
import { formatUsd, type NanoUsd } from "../../core/money.ts";
import type { Usage } from "../../core/usage.ts";
import { AttemptFailure, attemptError } from "../attempts/failure.ts";
import type { CallTrace } from "../call-trace.ts";
import { type AttemptRecord, attemptTokens } from "../result.ts";
import { KeptParts } from "./kept-parts.ts";
import { BilledFailure } from "./perform.ts";
import type { TaskOffer } from "./task-plan.ts";

export interface TaskAttemptOptions {
  readonly clock: Clock;
  readonly trace: CallTrace;
  /** When its call began, by the wall clock. */
  readonly callStartedAtMs: number;
  /** Takes the record of the attempt and what it cost, once. */
  readonly note: (record: AttemptRecord, bill: TaskBill) => void;
  readonly warn: (text: string) => void;
}

export interface TaskBill {
  readonly cost: NanoUsd;
  readonly list: NanoUsd;
  readonly isUnreconciled: boolean;
}

/** One attempt at a task, from when its model is asked: how long it took, how it ended and what it cost. */
export class TaskAttempt {
  readonly traceparent: string | undefined;
  readonly #offer: Pick<TaskOffer, "candidate" | "worst">;
  readonly #kept: KeptParts;
  readonly #options: TaskAttemptOptions;
  readonly #span: ReturnType<CallTrace["attempt"]>;
  readonly #startedAtMs: number;
  readonly #afterMs: number;

  constructor(offer: Pick<TaskOffer, "candidate" | "worst">, options: TaskAttemptOptions, kept = new KeptParts()) {
    const { clock, trace, callStartedAtMs } = options;
    this.#offer = offer;
    this.#kept = kept;
    this.#options = options;
    this.#span = trace.attempt(offer.candidate.card);
    this.traceparent = this.#span.traceparent;
    this.#startedAtMs = clock.monotonicMs();
    // Not before its call, should the clock have been set back.
    this.#afterMs = Math.max(0, clock.now() - callStartedAtMs);
  }

  /** It answered: milliseconds that it took. */
  succeeded(asked: Asked, usage: Usage): number {
    const ms = this.#elapsedMs();
    // What earlier attempts got done of it is charged already.
    this.#ended({ outcome: "succeeded" }, this.#costOf(this.#offer.worst, asked, usage) - this.#kept.charged, usage);
    return ms;
  }

  /** `mayBeCharged`: the provider may charge for it, and has not said what. */
  failed(
    asked: Asked,
    error: unknown,
    { isCancelled, mayBeCharged }: { readonly isCancelled: boolean; readonly mayBeCharged: boolean },
  ): void {
    const kept = this.#kept;
    const isBilled = error instanceof BilledFailure;
    const unreconciled = mayBeCharged && !isBilled ? { unreconciled: true } : {};
    const outcome = isCancelled || isAbort(error) ? "cancelled" : "failed";
    if (error instanceof AttemptFailure) kept.failure = error.failure;
    const costOfParts = (count: number, usage: Usage) =>
      this.#costOf(kept.shareOf(count, this.#offer.worst), kept.askedFor(count, asked), usage);
    const fresh = kept.takeFresh();
    const done = fresh ? costOfParts(fresh.count, fresh.usage) : 0n;
    kept.charged += done;
    const list = isBilled ? costOfParts(1, error.usage) : 0n;
    const usage = isBilled ? error.usage : fresh?.usage;
    this.#ended({ outcome, ...attemptError(error), ...unreconciled }, done + list, usage);
  }

  #ended(
    more: Pick<AttemptRecord, "outcome" | "error" | "error_kind" | "unreconciled">,
    list: NanoUsd,
    usage: Usage = {},
  ): void {
    const { card, isByok } = this.#offer.candidate;
    const cost = isByok ? 0n : list;
    const record: AttemptRecord = {
      model: card.id,
      ...more,
      cost: formatUsd(cost),
      ...(list === cost ? {} : { list: formatUsd(list) }),
      ...attemptTokens(usage),
      after_ms: this.#afterMs,
      ms: this.#elapsedMs(),
    };
    this.#span.ended(record);
    this.#options.note(record, { cost, list, isUnreconciled: more.unreconciled === true && !isByok });
  }

  #elapsedMs(): number {
    return Math.round(this.#options.clock.monotonicMs() - this.#startedAtMs);
  }

  /** By list price: what the provider says, else the price table and what was asked for, else the worst case. */
  #costOf(worst: NanoUsd, asked: Asked, usage: Usage): NanoUsd {
    const { card } = this.#offer.candidate;
    const cost = costOf(card, usage, asked);
    if (cost === undefined)
      this.#options.warn(`${card.id} did not say what it used: its worst case of $${formatUsd(worst)} is charged`);
    return cost ?? worst;
  }
}
