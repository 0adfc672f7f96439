import { costOf } from "../../catalog/cost.ts";
import type { Asked } from "../../catalog/media-cost.ts";
import type { Caller } from "../../core/caller.ts";
import { abortError } from "../../core/deadline.ts";
import { isAbort, toErrorFacts } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import type { ModelCard } from "../../core/model-card.ts";
import { formatUsd, type NanoUsd } from "../../core/money.ts";
import type { Usage } from "../../core/usage.ts";
import type { Charge } from "../../credits/ledger.ts";
import type { Job, Succeeded } from "../../providers/task-adapter.ts";
import type { Blobs } from "../../store/blobs.ts";
import { AttemptFailure, attemptError, errorOf } from "../attempts/failure.ts";
import type { Attempt } from "../attempts/try-offers.ts";
import type { CallTrace } from "../call-trace.ts";
import type { Generation } from "../generation.ts";
import { keepHold } from "../keep-hold.ts";
import type { InferArgs } from "../request.ts";
import { callBudget, requestHash } from "../request.ts";
import { overMaxCost } from "../reservation.ts";
import { type AttemptRecord, attemptTokens, byRoute, costFacts, type InferResult, usageFacts } from "../result.ts";
import type { RunDependencies } from "../run.ts";
import { KeptParts } from "./kept-parts.ts";
import { MayBeCharged } from "./may-be-charged.ts";
import type { MediaSources } from "./media-input.ts";
import { PartsOfCall } from "./parts-of-call.ts";
import { BilledFailure, perform } from "./perform.ts";
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

/** A job at a provider, with what is needed to go on with it and to pay for it. */
export interface JobRecord {
  readonly model: string;
  readonly key: string;
  readonly job: Job;
  readonly hold: string;
  readonly worst: string;
  readonly asked: Asked;
  readonly workspace: string;
  /** Attempts before it. */
  readonly attempts?: readonly AttemptRecord[] | undefined;
  readonly cost?: string | undefined;
  readonly list?: string | undefined;
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
  #cost: NanoUsd = 0n;
  #list: NanoUsd = 0n;
  #reserved: NanoUsd = 0n;
  readonly #parts = new PartsOfCall();
  #isUnreconciled = false;
  #hasJob = false;
  #jobKeptAtMs = Number.NEGATIVE_INFINITY;
  #hold: string | undefined;
  #charge: Charge | undefined;
  #letHoldGo: () => void = () => undefined;

  constructor(generation: Generation, model: string, workspace: string, deps: TaskDependencies) {
    this.#generation = generation;
    this.#model = model;
    this.#workspace = workspace;
    this.#deps = deps;
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
    this.#cost = BigInt(cost);
    this.#list = BigInt(list);
    this.#holds(hold);
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
    const card = offers[0]?.candidate.card;
    const budget = callBudget(args);
    const charge: Charge = {
      tool: "infer",
      ...(card ? { provider: card.provider, model: card.id } : {}),
      ...(args.metadata ? { metadata: args.metadata } : {}),
    };
    const hold = await this.#deps.ledger.reserve({
      caller,
      amount,
      charge,
      idempotencyKey: this.#generation.id,
      requestHash: requestHash(args),
      ...(budget ? { budget } : {}),
      dispatched: true,
    });
    this.#charge = charge;
    this.#reserved = amount;
    this.#holds(hold.id);
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
    this.#parts.refuseSecond(offer, this.#cost, this.#reserved);
    const kept = this.#parts.of(offer);
    kept.key = key.name;
    const begun = this.begin(offer, kept);
    try {
      await this.#chargeTo(offer);
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
      return { firstContentMs: begun.succeeded(asked, answer), offer, key: key.name, answer };
    } catch (error) {
      begun.failed(asked, error, signal, mayBeCharged.isSo);
      throw error;
    }
  }

  /** Says that a model is being asked; answers how to say what came of it. */
  begin({ candidate, worst }: Pick<TaskOffer, "candidate" | "worst">, kept = new KeptParts()) {
    const { clock } = this.#deps;
    const { card, isByok } = candidate;
    const startedAtMs = clock.monotonicMs();
    const span = this.#deps.trace.attempt(card);
    this.#model = card.id;
    this.#generation.append({ type: "asked", model: card.id });
    // Not before its call, should the clock have been set back.
    const afterMs = Math.max(0, clock.now() - this.#generation.startedAtMs);
    const elapsedMs = () => Math.round(clock.monotonicMs() - startedAtMs);
    const ended = (
      more: Pick<AttemptRecord, "outcome" | "error" | "error_kind" | "unreconciled">,
      list: NanoUsd,
      usage: Usage = {},
    ) => {
      const cost = isByok ? 0n : list;
      this.#cost += cost;
      this.#list += list;
      this.#isUnreconciled ||= more.unreconciled === true && !isByok;
      const listed = list === cost ? {} : { list: formatUsd(list) };
      const record = {
        model: card.id,
        ...more,
        cost: formatUsd(cost),
        ...listed,
        ...attemptTokens(usage),
        after_ms: afterMs,
        ms: elapsedMs(),
      };
      span.ended(record);
      this.#record(record);
    };
    return {
      traceparent: span.traceparent,
      /** It answered: milliseconds that it took. */
      succeeded: (asked: Asked, { usage }: Succeeded<unknown>): number => {
        const ms = elapsedMs();
        // What earlier attempts got done of it is charged already.
        ended({ outcome: "succeeded" }, this.#costOf(card, worst, asked, usage) - kept.charged, usage);
        return ms;
      },
      failed: (asked: Asked, error: unknown, signal: AbortSignal, mayBeCharged: boolean): void => {
        const isBilled = error instanceof BilledFailure;
        // A job that is left for another process goes on.
        const unreconciled = mayBeCharged && !isBilled && !this.#isLeft(signal) ? { unreconciled: true } : {};
        const outcome = signal.aborted || isAbort(error) ? "cancelled" : "failed";
        if (error instanceof AttemptFailure) kept.failure = error.failure;
        const costOfParts = (count: number, usage: Usage) =>
          this.#costOf(card, kept.shareOf(count, worst), kept.askedFor(count, asked), usage);
        const fresh = kept.takeFresh();
        const done = fresh ? costOfParts(fresh.count, fresh.usage) : 0n;
        kept.charged += done;
        const list = isBilled ? costOfParts(1, error.usage) : 0n;
        const usage = isBilled ? error.usage : fresh?.usage;
        ended({ outcome, ...attemptError(error), ...unreconciled }, done + list, usage);
      },
    };
  }

  async succeeded({ offer, key, answer }: Done, signal: AbortSignal): Promise<InferResult> {
    const { card, adapter, keys } = offer.candidate;
    const { credentials } = keys.find(({ name }) => name === key) ?? keys[0] ?? {};
    if (!credentials) throw new Error("a candidate without a key was asked");
    // It is made and will be billed, whatever becomes of keeping it.
    await this.#pay({ card, usage: answer.usage });
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
    const part = this.#hold === undefined ? undefined : this.#parts.madeInPart();
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
    if (this.#isLeft(signal)) this.#letHoldGo();
    else await this.#pay(undefined);
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
      cost: costFacts(this.#cost, this.#list),
      attempts: this.#attempts,
      cached: false,
      warnings: this.#warnings,
    };
  }

  #holds(hold: string): void {
    this.#hold = hold;
    this.#letHoldGo = keepHold(this.#deps.ledger, hold, () => this.#cost);
  }

  /** Budgets for a provider or model count the call that goes there, wherever it was first meant to go. */
  async #chargeTo({ candidate: { card, isByok } }: TaskOffer): Promise<void> {
    if (isByok || this.#hold === undefined || this.#charge === undefined || this.#charge.model === card.id) return;
    const charge = { ...this.#charge, provider: card.provider, model: card.id };
    await this.#deps.ledger.retarget(this.#hold, charge);
    this.#charge = charge;
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
      hold: this.#hold ?? "",
      workspace: this.#workspace,
      attempts: this.#attempts,
      cost: this.#cost.toString(),
      list: this.#list.toString(),
    });
  }

  /** By list price: what the provider says, else the price table and what was asked for, else the worst case. */
  #costOf(card: ModelCard, worst: NanoUsd, asked: Asked, usage: Usage): NanoUsd {
    const cost = costOf(card, usage, asked);
    if (cost === undefined)
      this.#warnings.push(`${card.id} did not say what it used: its worst case of $${formatUsd(worst)} is charged`);
    return cost ?? worst;
  }

  /** Ends the hold, once. */
  async #pay(answered: { readonly card: ModelCard; readonly usage: Usage } | undefined): Promise<void> {
    const hold = this.#hold;
    this.#hold = undefined;
    this.#letHoldGo();
    if (hold === undefined) return;
    const { ledger } = this.#deps;
    try {
      if (!answered && this.#list === 0n && !this.#isUnreconciled) await ledger.release(hold, "no answer");
      else
        await ledger.settle(hold, {
          actual: this.#cost,
          list: this.#list,
          ...(answered ? { usage: answered.usage, provider: answered.card.provider, model: answered.card.id } : {}),
          ...(this.#isUnreconciled ? { unreconciled: true } : {}),
        });
    } catch (error) {
      this.#warnings.push(
        `what this call cost could not be written down (${toErrorFacts(error).message}); the ledger settles it when its reservation runs out`,
      );
    }
  }

  #record(made: AttemptRecord): void {
    const record = byRoute(made, this.#routes);
    this.#attempts.push(record);
    this.#generation.append({ type: "attempt", ...record });
  }
}
