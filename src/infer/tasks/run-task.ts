import { costOf } from "../../catalog/cost.ts";
import type { Asked } from "../../catalog/media-cost.ts";
import type { Caller } from "../../core/caller.ts";
import { abortError } from "../../core/deadline.ts";
import { isAbort, SwitchyardError, toErrorFacts } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import { formatUsd, type NanoUsd, parseUsd } from "../../core/money.ts";
import type { Usage } from "../../core/usage.ts";
import type { Job, Succeeded } from "../../providers/task-adapter.ts";
import type { Blobs } from "../../store/blobs.ts";
import { AttemptFailure, errorOf } from "../attempts/failure.ts";
import { tryOffers } from "../attempts/try-offers.ts";
import type { Generation } from "../generation.ts";
import type { InferArgs } from "../request.ts";
import { callBudget, requestHash } from "../request.ts";
import { overMaxCost } from "../reservation.ts";
import { type AttemptRecord, costFacts, type InferResult, usageFacts } from "../result.ts";
import type { RunDependencies } from "../run.ts";
import type { KeptParts } from "./kept-parts.ts";
import type { MediaSources } from "./media-input.ts";
import { PartsOfCall } from "./parts-of-call.ts";
import { BilledFailure, followJob, perform } from "./perform.ts";
import { taskOutput } from "./task-output.ts";
import { planTask, type TaskOffer, taskAdapter } from "./task-plan.ts";

export interface TaskDependencies extends RunDependencies {
  readonly blobs: Blobs;
  readonly sources: MediaSources;
  /** Writes down a job as soon as a provider has it: whichever process lives goes on with it. */
  readonly saveJob: (generation: string, record: JobRecord) => void;
  /** This process ends: jobs are left to the next. */
  readonly isClosing: () => boolean;
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
}

interface Done {
  readonly firstContentMs: number | undefined;
  readonly offer: Pick<TaskOffer, "candidate" | "worst">;
  readonly asked: Asked;
  readonly key: string;
  readonly answer: Succeeded<unknown>;
}

/** Runs a generation of a model that does not write text: plan → reserve → attempts → keep what was made → settle. Never rejects. */
export async function runTask(
  generation: Generation,
  args: InferArgs,
  caller: Caller,
  signal: AbortSignal,
  deps: TaskDependencies,
): Promise<InferResult> {
  const task = new TaskCourse(generation, args.model, caller.workspace, deps);
  try {
    const maxCost = args.max_cost === undefined ? undefined : parseUsd(args.max_cost, "max_cost");
    const plan = await planTask(args, caller, deps, maxCost);
    task.note(plan.skipped, plan.warnings);
    await task.reserve(plan.offers, args, caller, maxCost);
    const done = await tryOffers(plan.offers, ({ offer, key }) => task.ask(offer, key, signal), {
      ...deps,
      caller,
      conversation: () => generation.id,
      inputTokens: () => 0,
      endsAtMs: deps.clock.monotonicMs() + (args.timeout_ms ?? inferLimits.timeoutMsDefault),
      signal,
      skipped: (model, reason) => task.note([{ model, reason }], []),
    });
    return await task.succeeded(done, signal);
  } catch (error) {
    return await task.endedBy(error, signal);
  }
}

/** Goes on with a job that a process which is gone had submitted. Never rejects. */
export async function resumeJob(
  generation: Generation,
  record: JobRecord,
  signal: AbortSignal,
  deps: TaskDependencies,
): Promise<InferResult> {
  const task = new TaskCourse(generation, record.model, record.workspace, deps);
  try {
    await deps.ledger.adopt(record.hold);
    task.took(record.hold);
    const candidate = await deps.resolver.candidate(deps.resolver.card(record.model));
    if ("missing" in candidate)
      throw new SwitchyardError(
        "unauthenticated",
        `the job of ${record.model} cannot be asked for: ${candidate.missing}`,
        { next: "Give the provider's key again" },
      );
    const adapter = taskAdapter(candidate);
    const key = candidate.keys.find(({ name }) => name === record.key) ?? candidate.keys[0];
    if (adapter?.kind !== "job" || !key) throw new Error(`${record.model} has no job adapter`);
    const answer = await followJob(
      adapter,
      { state: "running", job: record.job },
      {
        ...deps,
        adapter: candidate.adapter,
        card: candidate.card,
        credentials: key.credentials,
        isOnceOnly: false,
        signal,
        onJob: () => undefined,
      },
    );
    return await task.succeeded(
      {
        firstContentMs: undefined,
        offer: { candidate, worst: BigInt(record.worst) },
        asked: record.asked,
        key: key.name,
        answer,
      },
      signal,
    );
  } catch (error) {
    return await task.failed(signal.aborted ? abortError(signal) : error);
  }
}

/** The state of one run: what was tried and what it cost. */
class TaskCourse {
  readonly #generation: Generation;
  readonly #workspace: string;
  readonly #deps: TaskDependencies;
  readonly #attempts: AttemptRecord[] = [];
  readonly #warnings: string[] = [];
  #model: string;
  #cost: NanoUsd = 0n;
  #reserved: NanoUsd = 0n;
  readonly #parts = new PartsOfCall();
  #hasJob = false;
  hold: string | undefined;

  constructor(generation: Generation, model: string, workspace: string, deps: TaskDependencies) {
    this.#generation = generation;
    this.#model = model;
    this.#workspace = workspace;
    this.#deps = deps;
  }

  note(skipped: readonly { readonly model: string; readonly reason: string }[], warnings: readonly string[]): void {
    for (const { model, reason } of skipped)
      this.#record({ model, outcome: "skipped", error: reason, cost: "0", ms: 0 });
    this.#warnings.push(...warnings);
  }

  /** Goes on where another process was. */
  took(hold: string): void {
    this.hold = hold;
    this.#hasJob = true;
  }

  /** Sets the worst case of the dearest model aside. @throws insufficient_credits, budget_exceeded. */
  async reserve(
    offers: readonly TaskOffer[],
    args: InferArgs,
    caller: Caller,
    maxCost: NanoUsd | undefined,
  ): Promise<void> {
    const worst = offers.reduce((most, offer) => (offer.worst > most ? offer.worst : most), 0n);
    if (maxCost !== undefined && worst > maxCost) throw overMaxCost(worst, maxCost);
    const card = offers[0]?.candidate.card;
    const budget = callBudget(args);
    const hold = await this.#deps.ledger.reserve({
      caller,
      amount: worst,
      charge: {
        tool: "infer",
        ...(card ? { provider: card.provider, model: card.id } : {}),
        ...(args.metadata ? { metadata: args.metadata } : {}),
      },
      idempotencyKey: this.#generation.id,
      requestHash: requestHash(args),
      ...(budget ? { budget } : {}),
      dispatched: true,
    });
    this.hold = hold.id;
    this.#reserved = worst;
  }

  async ask(offer: TaskOffer, key: TaskOffer["candidate"]["keys"][number], signal: AbortSignal): Promise<Done> {
    const { clock, wire } = this.#deps;
    const { card, adapter } = offer.candidate;
    const startedAtMs = clock.monotonicMs();
    const { asked } = offer;
    this.#parts.refuseSecond(offer, this.#cost, this.#reserved);
    const kept = this.#parts.of(offer);
    kept.key = key.name;
    this.#model = card.id;
    this.#generation.append({ type: "asked", model: card.id });
    const ended = (outcome: AttemptRecord["outcome"], cost: NanoUsd, error?: string) =>
      this.#record({
        model: card.id,
        outcome,
        ...(error === undefined ? {} : { error }),
        cost: formatUsd(cost),
        ms: Math.round(clock.monotonicMs() - startedAtMs),
      });
    try {
      const answer = await perform(offer.adapter, offer.request, {
        adapter,
        wire,
        clock,
        card,
        credentials: key.credentials,
        signal,
        isClosing: this.#deps.isClosing,
        kept,
        isOnceOnly: card.task === "image" || card.task === "video" || card.task === "music",
        onJob: (job, progress) => {
          const record = {
            model: card.id,
            key: key.name,
            job,
            hold: this.hold ?? "",
            worst: offer.worst.toString(),
            asked,
            workspace: this.#workspace,
          };
          this.#hasJob = true;
          this.#deps.saveJob(this.#generation.id, record);
          this.#generation.append({ type: "job", model: card.id, progress });
          if (this.hold !== undefined) this.#deps.ledger.progress(this.hold, this.#cost).catch(() => undefined);
        },
      });
      ended("succeeded", this.#costOf(offer, asked, answer.usage) - kept.charged);
      return { firstContentMs: Math.round(clock.monotonicMs() - startedAtMs), offer, asked, key: key.name, answer };
    } catch (error) {
      const billed = this.#billed(offer, kept, error);
      ended(
        signal.aborted || isAbort(error) ? "cancelled" : "failed",
        billed,
        error instanceof AttemptFailure
          ? `${error.failure.kind}: ${error.failure.message}`
          : toErrorFacts(error).message,
      );
      throw error;
    }
  }

  /** Charges what an attempt that failed got done all the same. */
  #billed(offer: TaskOffer, kept: KeptParts, error: unknown): NanoUsd {
    const partly = (usage: Usage, count: number) =>
      this.#costOf({ ...offer, worst: kept.shareOf(count, offer.worst) }, kept.askedFor(count, offer.asked), usage);
    if (error instanceof AttemptFailure) kept.failure = error.failure;
    const fresh = kept.takeFresh();
    const done = fresh ? partly(fresh.usage, fresh.count) : 0n;
    const failed = error instanceof BilledFailure ? partly(error.usage, 1) : 0n;
    kept.charged += done;
    this.#cost += done + failed;
    return done + failed;
  }

  /** What an answer costs: by what the provider says, else by the price table and what was asked for, else the worst case. */
  #costOf({ candidate, worst }: Pick<TaskOffer, "candidate" | "worst">, asked: Asked, usage: Usage): NanoUsd {
    const cost = costOf(candidate.card, usage, asked);
    if (cost === undefined)
      this.#warnings.push(
        `${candidate.card.id} did not say what it used: its worst case of $${formatUsd(worst)} is charged`,
      );
    return cost ?? worst;
  }

  async succeeded({ offer, asked, key, answer }: Done, signal: AbortSignal): Promise<InferResult> {
    const { card, adapter, keys } = offer.candidate;
    this.#cost += this.#costOf(offer, asked, answer.usage) - this.#parts.of(offer).charged;
    const { credentials } = keys.find(({ name }) => name === key) ?? keys[0] ?? {};
    if (!credentials) throw new Error("a candidate without a key was asked");
    // It is made and will be billed, whatever becomes of keeping it.
    await this.#pay(answer.usage);
    this.#warnings.push(...(answer.warnings ?? []));
    const { wire, blobs } = this.#deps;
    const output = await taskOutput(card.task, answer.result, {
      wire,
      blobs,
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

  /** Ends a run by an error, or with what was made before it. */
  async endedBy(error: unknown, signal: AbortSignal): Promise<InferResult> {
    if (signal.aborted) return this.failed(abortError(signal));
    const part = this.hold === undefined ? undefined : this.#parts.madeInPart();
    if (!part) return this.failed(error);
    const { offer, kept, answer } = part;
    const asked = kept.askedFor(kept.count, offer.asked);
    try {
      return await this.succeeded({ firstContentMs: undefined, offer, asked, key: kept.key, answer }, signal);
    } catch (lost) {
      return this.failed(signal.aborted ? abortError(signal) : lost);
    }
  }

  async failed(error: unknown): Promise<InferResult> {
    this.#warnings.push(...this.#parts.lost());
    const details = { generation: this.#generation.id, attempts: this.#attempts };
    const facts = toErrorFacts(error instanceof AttemptFailure ? errorOf(error.failure, this.#model, details) : error);
    // A job that is left for another process keeps its money.
    const isLeft = facts.code === "cancelled" && this.#hasJob && this.#deps.isClosing();
    if (!isLeft) await this.#pay(undefined);
    return { ...this.#result(facts.code === "cancelled" ? "cancelled" : "failed"), error: facts };
  }

  #result(status: InferResult["status"]): InferResult {
    return {
      id: this.#generation.id,
      status,
      model: this.#model,
      provider: this.#model.slice(0, Math.max(0, this.#model.indexOf("/"))),
      output: {},
      cost: costFacts(this.#cost, this.#cost),
      attempts: this.#attempts,
      cached: false,
      warnings: this.#warnings,
    };
  }

  /** Ends the hold, once. */
  async #pay(usage: Usage | undefined): Promise<void> {
    const { hold } = this;
    this.hold = undefined;
    if (hold === undefined) return;
    const { ledger } = this.#deps;
    try {
      if (this.#cost === 0n && usage === undefined) await ledger.release(hold, "no answer");
      else await ledger.settle(hold, { actual: this.#cost, list: this.#cost, ...(usage ? { usage } : {}) });
    } catch (error) {
      this.#warnings.push(
        `what this call cost could not be written down (${toErrorFacts(error).message}); the ledger settles it when its reservation runs out`,
      );
    }
  }

  #record(record: AttemptRecord): void {
    this.#attempts.push(record);
    this.#generation.append({ type: "attempt", model: record.model, outcome: record.outcome });
  }
}
