import type { Caller } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { abortError } from "../core/deadline.ts";
import { inferLimits } from "../core/limits.ts";
import type { Ledger } from "../credits/ledger.ts";
import type { Wire } from "../providers/wire/wire.ts";
import type { Health } from "./attempts/health.ts";
import type { RetryBudgets } from "./attempts/retry-budget.ts";
import { tryOffers } from "./attempts/try-offers.ts";
import type { Drains } from "./attempts/upstream.ts";
import { conversationOf } from "./conversation.ts";
import { Course } from "./course.ts";
import type { Generation } from "./generation.ts";
import { planCall } from "./plan.ts";
import type { InferArgs } from "./request.ts";
import { reserve } from "./reservation.ts";
import type { Resolver } from "./resolve.ts";
import type { InferResult } from "./result.ts";

export interface RunDependencies {
  readonly resolver: Resolver;
  readonly ledger: Ledger;
  readonly wire: Wire;
  readonly health: Health;
  readonly retries: RetryBudgets;
  readonly clock: Clock;
  readonly rng: Rng;
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
  deps: RunDependencies & { readonly drains: Drains },
): Promise<InferResult> {
  const { clock } = deps;
  const endsAtMs = clock.monotonicMs() + (args.timeout_ms ?? inferLimits.timeoutMsDefault);
  const course = new Course(generation, args.model, { ...deps, signal });
  try {
    const plan = await planCall(args, caller, deps.resolver);
    course.planned(plan);
    const reservation = await reserve(plan.requests, args, deps.ledger, caller, generation.id);
    course.reserved(reservation);
    const answer = await tryOffers(reservation.offers, (attempt) => course.ask(attempt), {
      ...deps,
      conversation: conversationOf(args, caller),
      endsAtMs,
      signal,
      skipped: (model, why) => course.skip(model, why),
    });
    return await course.succeeded(answer);
  } catch (error) {
    return await course.failed(signal.aborted ? abortError(signal) : error);
  }
}
