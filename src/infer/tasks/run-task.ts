import type { Caller } from "../../core/caller.ts";
import { abortError } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import { parseUsd } from "../../core/money.ts";
import { tryOffers } from "../attempts/try-offers.ts";
import type { Generation } from "../generation.ts";
import type { InferArgs } from "../request.ts";
import type { InferResult } from "../result.ts";
import type { JobRecord } from "./job-record.ts";
import { MayBeCharged } from "./may-be-charged.ts";
import { followJob } from "./perform.ts";
import { TaskCourse, type TaskDependencies } from "./task-course.ts";
import { planTask, taskAdapter } from "./task-plan.ts";

/** Runs a generation of a model that does not write text: plan → reserve → attempts → keep what was made → settle. Never rejects. */
export async function runTask(
  generation: Generation,
  args: InferArgs,
  caller: Caller,
  signal: AbortSignal,
  deps: TaskDependencies & {
    /** Settles when the generation is on the disk: before that no provider is asked. */
    readonly begun: Promise<unknown>;
  },
): Promise<InferResult> {
  const task = new TaskCourse(generation, args.model, caller.workspace, deps);
  try {
    const maxCost = args.max_cost === undefined ? undefined : parseUsd(args.max_cost, "max_cost");
    const plan = await planTask(args, caller, { ...deps, signal }, maxCost);
    task.planned(plan);
    await task.reserve(plan.offers, args, caller, maxCost);
    await deps.begun;
    const done = await tryOffers(plan.offers, (attempt) => task.ask(attempt, signal), {
      ...deps,
      caller,
      conversation: () => generation.id,
      inputTokens: () => plan.inputTokens,
      endsAtMs: deps.clock.monotonicMs() + (args.timeout_ms ?? inferLimits.timeoutMsDefault),
      signal,
      skipped: (model, reason) => task.skip(model, reason),
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
    await adopt(record.hold, deps);
    task.took(record);
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
    const offer = { candidate, worst: BigInt(record.worst) };
    const mayBeCharged = new MayBeCharged();
    mayBeCharged.sent();
    const begun = task.begin(offer);
    try {
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
          mayBeCharged,
          traceparent: begun.traceparent,
          onJob: (job, progress) => task.keepJob({ ...record, job }, progress),
        },
      );
      const firstContentMs = begun.succeeded(record.asked, answer.usage);
      return await task.succeeded({ firstContentMs, offer, key: key.name, answer }, signal);
    } catch (error) {
      begun.failed(record.asked, error, task.ending(signal, mayBeCharged));
      throw error;
    }
  } catch (error) {
    return await task.failed(signal.aborted ? abortError(signal) : error, signal);
  }
}

/** Takes the job's money over. Where it was settled already, or given up for lost, the answer is still there to be had. */
async function adopt(hold: string, { ledger }: TaskDependencies): Promise<void> {
  try {
    await ledger.adopt(hold);
  } catch (error) {
    if (!(error instanceof SwitchyardError && error.code === "conflict")) throw error;
  }
}
