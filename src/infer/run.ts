import type { Caller } from "../core/caller.ts";
import { abortError } from "../core/deadline.ts";
import { inferLimits } from "../core/limits.ts";
import type { Wire } from "../providers/wire/wire.ts";
import type { RetryBudgets } from "./attempts/retry-budget.ts";
import { tryOffers } from "./attempts/try-offers.ts";
import type { Drains } from "./attempts/upstream.ts";
import type { CallTrace } from "./call-trace.ts";
import { Course } from "./course.ts";
import type { Generation } from "./generation.ts";
import { planCall } from "./plan.ts";
import type { RateGate } from "./rates/rate-gate.ts";
import type { InferArgs } from "./request.ts";
import { type ReserveOptions, reserve } from "./reservation.ts";
import type { InferResult } from "./result.ts";
import type { CallModelsOptions } from "./routes/models-of-call.ts";
import type { MediaSources } from "./tasks/media-input.ts";

export interface RunDependencies extends CallModelsOptions, ReserveOptions {
  readonly wire: Wire;
  readonly retries: RetryBudgets;
  readonly rates: RateGate;
  readonly sources: MediaSources;
}

/**
 * Runs one generation to its end: plan → reserve → attempts → settle. Never rejects: what goes wrong is in the result's
 * `error`.
 */
export async function run(
  generation: Generation,
  args: InferArgs,
  caller: Caller,
  signal: AbortSignal,
  deps: RunDependencies & {
    readonly drains: Drains;
    readonly trace: CallTrace;
    /** Settles when the generation is on the disk: before that no provider is asked. */
    readonly begun: Promise<unknown>;
    /** Writes the result of an answer down; does not reject. */
    readonly keep: (result: InferResult) => Promise<unknown>;
  },
): Promise<InferResult> {
  const { clock } = deps;
  const endsAtMs = clock.monotonicMs() + (args.timeout_ms ?? inferLimits.timeoutMsDefault);
  const course = new Course(generation, args.model, { ...deps, signal });
  try {
    const plan = await planCall(args, caller, { ...deps, signal });
    course.planned(plan);
    const reservation = await reserve(plan.requests, args, caller, generation.id, { ...deps, signal });
    course.reserved(reservation);
    await deps.begun;
    const answer = await tryOffers(reservation.offers, (attempt) => course.ask(attempt), {
      ...deps,
      caller,
      conversation: plan.facts.conversation,
      inputTokens: () => plan.facts.inputTokens,
      endsAtMs,
      signal,
      skipped: (model, why) => course.skip(model, why),
    });
    return await course.succeeded(answer);
  } catch (error) {
    return await course.failed(signal.aborted ? abortError(signal) : error);
  }
}
