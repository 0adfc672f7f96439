import type { Caller } from "../../core/caller.ts";
import type { Clock, Rng } from "../../core/clock.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { type ErrorCode, SwitchyardError } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import type { RatedCall } from "../rates/limit.ts";
import type { RateGate } from "../rates/rate-gate.ts";
import type { Offer } from "../reservation.ts";
import { waitBeforeRetry } from "./backoff.ts";
import type { ProviderKey } from "./candidate.ts";
import { type Choice, choose, type Offerable, OpenOffer } from "./choose.ts";
import { AttemptFailure, errorOf, verdictOf } from "./failure.ts";
import type { Health } from "./health.ts";
import type { RetryBudgets } from "./retry-budget.ts";

/** One attempt to be made. */
export interface Attempt<O extends Offerable = Offer> {
  readonly offer: O;
  readonly key: ProviderKey;
  /** How long the provider may take to begin its answer, so that what else could be asked still has its share of the time. */
  readonly firstByteMs: number;
  /** Says how many tokens it took, once that is known. */
  readonly used: (tokens: number) => void;
}

export interface TryOptions {
  readonly health: Health;
  readonly retries: RetryBudgets;
  readonly rates: RateGate;
  readonly caller: Caller;
  /** What one attempt takes of a rate limit, until it is known. */
  readonly inputTokens: () => number;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Names the conversation: the same one goes to the same keys. */
  readonly conversation: () => string;
  /** Monotonic milliseconds. */
  readonly endsAtMs: number;
  readonly signal: AbortSignal;
  /** Told once of every model that is passed over without being asked. */
  readonly skipped: (model: string, why: string) => void;
}

const passesOn: ReadonlySet<ErrorCode> = new Set(["unsupported", "budget_exceeded"]);

/**
 * Asks one offer after another until one answers: the one layer that retries. A model is asked again where that may
 * help, other keys of its provider are tried before the next model, and a model that must be waited for is come back to
 * when no other answers. Nothing is tried again once some of an answer was delivered.
 * @throws the last failure; `unsupported` or `budget_exceeded` when that was the last; the signal's reason when it aborts.
 */
export async function tryOffers<O extends Offerable, T extends { readonly firstContentMs: number | undefined }>(
  offers: readonly O[],
  ask: (attempt: Attempt<O>) => Promise<T>,
  options: TryOptions,
): Promise<T> {
  const { health, retries, rates, clock, rng, signal } = options;
  const open = offers.map((offer) => new OpenOffer(offer, options.conversation));
  let last: unknown;
  const refused = (error: unknown) => {
    if (!isRateLimit(error)) throw error;
    last = error;
  };
  for (;;) {
    throwIfAborted(signal);
    last = closeRefused(open, options) ?? last;
    const nowMs = clock.monotonicMs();
    const leftMs = options.endsAtMs - nowMs;
    const limitMs = (offer: OpenOffer) => rates.waitMs(rated(offer, options));
    const choice = choose(open, health, { nowMs, leftMs, limitMs });
    if (!choice.target) throw last ?? (leftMs > 0 ? nothingReady(choice) : outOfTime());
    const { target, passedOver } = choice;
    for (const { offer, why } of passedOver) options.skipped(offer.offer.candidate.card.id, why);
    if (target.pauseMs > 0) {
      // Those who wait for the same moment do not all come in it; and much may have changed when they do.
      await clock.sleep(Math.min(target.pauseMs + jitter(choice, rng), leftMs), signal);
      continue;
    }
    const { provider, id: model } = target.offer.offer.candidate.card;
    // Nothing is waited for between the choice and the call where nothing need be: a resting model is tried by one alone.
    const asked = rated(target.offer, options);
    const ticket = rates.takeNow(asked) ?? (await rates.take(asked, leftMs, signal).catch(refused));
    if (!ticket) {
      options.skipped(model, "its rate limit is used up");
      target.offer.close();
      continue;
    }
    if (!target.offer.isRetry(target.key)) retries.earn(provider);
    else if (!retries.spend(provider)) {
      target.offer.close();
      continue;
    }
    const call = health.begin({ provider, model, key: target.key.name });
    target.offer.asked(target.key);
    try {
      const firstByteMs = share(open, options.endsAtMs - clock.monotonicMs());
      const answer = await ask({ offer: target.offer.offer as O, key: target.key, firstByteMs, used: ticket.used });
      call.succeeded(answer.firstContentMs);
      return answer;
    } catch (error) {
      last = error;
      if (error instanceof AttemptFailure) {
        if (error.isProviderFault) call.failed(error.failure);
        else call.abandoned();
        if (verdictOf(error) === "stop") throw error;
        decide(target.offer, target.key, error, clock.monotonicMs(), rng);
      } else {
        call.abandoned();
        // What this model cannot honour, or a budget has no room for, another may.
        if (signal.aborted || !(error instanceof SwitchyardError && passesOn.has(error.code))) throw error;
        target.offer.close();
      }
    }
  }
}

/** Closes the offers that the settings' limits refuse. Answers with the last refusal, if any. */
function closeRefused(open: readonly OpenOffer[], options: TryOptions): SwitchyardError | undefined {
  let last: SwitchyardError | undefined;
  for (const offer of open) {
    const refusal = offer.isClosed ? undefined : options.rates.refusal(rated(offer, options));
    if (!refusal) continue;
    last = refusal;
    offer.close();
    options.skipped(offer.offer.candidate.card.id, refusal.message);
  }
  return last;
}

function rated({ offer }: OpenOffer, { caller, inputTokens }: TryOptions): RatedCall {
  const { provider, id: model } = offer.candidate.card;
  return { caller, provider, model, tokens: inputTokens };
}

function isRateLimit(error: unknown): boolean {
  return error instanceof SwitchyardError && error.code === "rate_limited";
}

/** What becomes of an offer after a failure of one of its keys. */
function decide(offer: OpenOffer, key: ProviderKey, error: AttemptFailure, nowMs: number, rng: Rng): void {
  const { kind, retryAfterMs } = error.failure;
  const verdict = verdictOf(error);
  const retry = () => {
    if (offer.mayRetry) offer.retryAt(nowMs + waitBeforeRetry(offer.retries + 1, retryAfterMs, rng));
    else offer.close();
  };
  if (verdict === "next_key") {
    // Only a rate limit passes by itself.
    if (kind !== "rate_limited") offer.giveUp(key);
    else if (!offer.hasUntriedKey()) retry();
  } else if (verdict === "retry" || (verdict === "retry_once" && offer.retries === 0)) retry();
  else offer.close();
}

/** The time that is left, divided among what could still be asked. */
function share(open: readonly OpenOffer[], leftMs: number): number {
  const others = open.filter((offer) => !offer.isClosed).length;
  return Math.max(1, Math.floor(leftMs / Math.max(1, others)));
}

function jitter({ target }: Choice, rng: Rng): number {
  return target?.isOwnWait ? 0 : rng.fraction() * inferLimits.retryBaseMs;
}

/** Every model is resting for longer than the call may take, and none was asked. */
function nothingReady({ soonest }: Choice): SwitchyardError {
  if (!soonest) throw new Error("there was nothing to ask");
  const why = soonest.readiness.state === "ready" ? "it has to wait" : soonest.readiness.why;
  const message = `${why}, and that lasts longer than this call may take`;
  const { id } = soonest.offer.offer.candidate.card;
  return errorOf({ kind: "rate_limited", message, retryAfterMs: Math.ceil(soonest.waitMs) }, id, {});
}

function outOfTime(): SwitchyardError {
  return new SwitchyardError("timeout", "the call's time was over before a model could be asked", {
    next: "Give a larger timeout_ms",
    retryable: true,
  });
}
