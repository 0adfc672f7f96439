import type { Caller } from "../../core/caller.ts";
import { abortError } from "../../core/deadline.ts";
import { toErrorFacts } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import type { NanoUsd } from "../../core/money.ts";
import type { Succeeded } from "../../providers/task-adapter.ts";
import type { Blobs } from "../../store/blobs.ts";
import { AttemptFailure, errorOf } from "../attempts/failure.ts";
import type { Attempt } from "../attempts/try-offers.ts";
import { CallMoney } from "../call-money.ts";
import type { CallTrace } from "../call-trace.ts";
import type { Generation } from "../generation.ts";
import type { InferArgs } from "../request.ts";
import { callBudget, requestHash } from "../request.ts";
import { chargeOf, overMaxCost } from "../reservation.ts";
import { type AttemptRecord, byRoute, costFacts, type InferResult, usageFacts } from "../result.ts";
import type { RunDependencies } from "../run.ts";
import type { JobRecord } from "./job-record.ts";
import type { KeptParts } from "./kept-parts.ts";
import { MayBeCharged } from "./may-be-charged.ts";
import type { MediaSources } from "./media-input.ts";
import { PartsOfCall } from "./parts-of-call.ts";
import { perform } from "./perform.ts";
import { TaskAttempt, type TaskBill } from "./task-attempt.ts";
import { taskOutput } from "./task-output.ts";
import type { TaskOffer, TaskPlan } from "./task-plan.ts";

export interface TaskDependencies extends RunDependencies {
  readonly blobs: Blobs;
  readonly sources: MediaSources;
  /** Writes down a job as soon as a provider has it: whichever process lives goes on with it. */
  readonly saveJob: (generation: string, record: JobRecord) => void;
  /** This process ends: jobs are left to the next. */
  readonly isClosing: () => boolean;
  readonly trace: CallTrace;
}

/** A task that was done, before its output is kept. */
export interface Done {
  readonly firstContentMs: number | undefined;
  readonly offer: Pick<TaskOffer, "candidate" | "worst">;
  readonly key: string;
  readonly answer: Succeeded<unknown>;
}

/** The state of one run of a task: what was tried, what it cost, and the money that is held for it. */
export class TaskCourse {
  readonly #generation: Generation;
  readonly #workspace: string;
  readonly #deps: TaskDependencies;
  readonly #attempts: AttemptRecord[] = [];
  readonly #warnings: string[] = [];
  #routes: ReadonlyMap<string, string> = new Map();
  #model: string;
  readonly #money: CallMoney;
  #reserved: NanoUsd = 0n;
  readonly #parts = new PartsOfCall();
  #hasJob = false;
  #jobKeptAtMs = Number.NEGATIVE_INFINITY;

  constructor(generation: Generation, model: string, workspace: string, deps: TaskDependencies) {
    this.#generation = generation;
    this.#model = model;
    this.#workspace = workspace;
    this.#deps = deps;
    this.#money = new CallMoney(deps.ledger);
  }

  planned({ skipped, warnings, routes }: Pick<TaskPlan, "skipped" | "warnings" | "routes">): void {
    this.#routes = routes;
    for (const { model, reason } of skipped) this.skip(model, reason);
    this.#warnings.push(...warnings);
  }

  skip(model: string, reason: string): void {
    this.#record({ model, outcome: "skipped", error: reason, cost: "0", ms: 0 });
  }

  /** Goes on where a process that is gone was. */
  took({ hold, attempts = [], cost = "0", list = "0" }: JobRecord): void {
    this.#hasJob = true;
    this.#attempts.push(...attempts);
    this.#money.add({ cost: BigInt(cost), list: BigInt(list) });
    this.#money.holds(hold);
  }

  /** Sets the worst case of the dearest model that the pool pays for aside. @throws insufficient_credits, budget_exceeded. */
  async reserve(
    offers: readonly TaskOffer[],
    args: InferArgs,
    caller: Caller,
    maxCost: NanoUsd | undefined,
  ): Promise<void> {
    const dearest = offers.reduce((most, { worst }) => (worst > most ? worst : most), 0n);
    if (maxCost !== undefined && dearest > maxCost) throw overMaxCost(dearest, maxCost);
    const amount = offers.reduce((most, one) => (one.candidate.isByok || one.worst <= most ? most : one.worst), 0n);
    const budget = callBudget(args);
    const charge = chargeOf(args, offers[0]?.candidate);
    const hold = await this.#deps.ledger.reserve({
      caller,
      amount,
      charge,
      idempotencyKey: this.#generation.id,
      requestHash: requestHash(args),
      ...(budget ? { budget } : {}),
      dispatched: true,
    });
    this.#reserved = amount;
    this.#money.holds(hold.id, charge);
  }

  /**
   * Makes one attempt.
   * @throws what `perform` throws, after noting it; budget_exceeded when a budget has no room for this model; the
   * failure of another model that got a part of it done.
   */
  async ask(attempt: Attempt<TaskOffer>, signal: AbortSignal): Promise<Done> {
    const { offer, key } = attempt;
    const { clock, wire } = this.#deps;
    const { card, adapter } = offer.candidate;
    const { asked } = offer;
    const mayBeCharged = new MayBeCharged();
    this.#parts.refuseSecond(offer, this.#money.cost, this.#reserved);
    const kept = this.#parts.of(offer);
    kept.key = key.name;
    const begun = this.begin(offer, kept);
    try {
      await this.#money.chargeTo(offer.candidate);
      const answer = await perform(offer.adapter, offer.request, {
        adapter,
        wire,
        clock,
        card,
        credentials: key.credentials,
        signal,
        mayBeCharged,
        kept,
        traceparent: begun.traceparent,
        isClosing: this.#deps.isClosing,
        isOnceOnly: card.task === "image" || card.task === "video" || card.task === "music",
        onJob: (job, progress) => {
          this.keepJob({ model: card.id, key: key.name, job, worst: offer.worst.toString(), asked }, progress);
        },
      });
      const { inputTokens, outputTokens = 0 } = answer.usage;
      if (inputTokens !== undefined) attempt.used(inputTokens + outputTokens);
      return { firstContentMs: begun.succeeded(asked, answer.usage), offer, key: key.name, answer };
    } catch (error) {
      begun.failed(asked, error, this.ending(signal, mayBeCharged));
      throw error;
    }
  }

  /** Says that a model is being asked. */
  begin(offer: Pick<TaskOffer, "candidate" | "worst">, kept?: KeptParts): TaskAttempt {
    const { clock, trace } = this.#deps;
    this.#model = offer.candidate.card.id;
    this.#generation.append({ type: "asked", model: this.#model });
    const options = {
      clock,
      trace,
      callStartedAtMs: this.#generation.startedAtMs,
      note: (record: AttemptRecord, bill: TaskBill) => {
        this.#money.add(bill);
        this.#record(record);
      },
      warn: (text: string) => void this.#warnings.push(text),
    };
    return new TaskAttempt(offer, options, kept);
  }

  /** How an attempt that failed ends: a job that is left for another process goes on, and is not charged by a guess. */
  ending(signal: AbortSignal, mayBeCharged: MayBeCharged): { isCancelled: boolean; mayBeCharged: boolean } {
    return { isCancelled: signal.aborted, mayBeCharged: mayBeCharged.isSo && !this.#isLeft(signal) };
  }

  async succeeded({ offer, key, answer }: Done, signal: AbortSignal): Promise<InferResult> {
    const { card, adapter, keys } = offer.candidate;
    const { credentials } = keys.find(({ name }) => name === key) ?? keys[0] ?? {};
    if (!credentials) throw new Error("a candidate without a key was asked");
    // It is made and will be billed, whatever becomes of keeping it.
    this.#warnings.push(...(await this.#money.pay({ card, usage: answer.usage }, "succeeded")));
    this.#warnings.push(...(answer.warnings ?? []));
    const { wire, blobs, sources } = this.#deps;
    const output = await taskOutput(card.task, answer.result, {
      wire,
      blobs,
      sources,
      adapter,
      credentials,
      workspace: this.#workspace,
      signal,
    });
    return {
      ...this.#result("succeeded"),
      model: card.id,
      provider: card.provider,
      output,
      finish_reason: "stop",
      usage: usageFacts(answer.usage, false),
    };
  }

  /** Ends a run by an error, or with what was made, and paid for, before it. */
  async endedBy(error: unknown, signal: AbortSignal): Promise<InferResult> {
    if (signal.aborted) return this.failed(abortError(signal), signal);
    const part = this.#money.hold === undefined ? undefined : this.#parts.madeInPart();
    if (!part) return this.failed(error, signal);
    try {
      return await this.succeeded({ firstContentMs: undefined, key: part.kept.key, ...part }, signal);
    } catch (lost) {
      return this.failed(signal.aborted ? abortError(signal) : lost, signal);
    }
  }

  async failed(error: unknown, signal: AbortSignal): Promise<InferResult> {
    this.#warnings.push(...this.#parts.lost());
    const details = { generation: this.#generation.id, attempts: this.#attempts };
    const facts = toErrorFacts(error instanceof AttemptFailure ? errorOf(error.failure, this.#model, details) : error);
    // A job that is left for another process keeps its money.
    if (this.#isLeft(signal)) this.#money.leave();
    else this.#warnings.push(...(await this.#money.pay(undefined, facts.code)));
    return { ...this.#result(facts.code === "cancelled" ? "cancelled" : "failed"), error: facts };
  }

  #isLeft(signal: AbortSignal): boolean {
    return signal.aborted && this.#hasJob && this.#deps.isClosing();
  }

  #result(status: InferResult["status"]): InferResult {
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
    };
  }

  /** Writes a job down as soon as there is one, and then what has become of it now and then. */
  keepJob(known: Pick<JobRecord, "model" | "key" | "job" | "worst" | "asked">, progress: number | undefined): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#generation.append({ type: "job", model: known.model, progress });
    if (nowMs - this.#jobKeptAtMs < inferLimits.costCheckpointMs) return;
    this.#jobKeptAtMs = nowMs;
    this.#hasJob = true;
    this.#deps.saveJob(this.#generation.id, {
      ...known,
      hold: this.#money.hold ?? "",
      workspace: this.#workspace,
      attempts: this.#attempts,
      cost: this.#money.cost.toString(),
      list: this.#money.list.toString(),
    });
  }

  #record(made: AttemptRecord): void {
    const record = byRoute(made, this.#routes);
    this.#attempts.push(record);
    this.#generation.append({ type: "attempt", ...record });
  }
}
