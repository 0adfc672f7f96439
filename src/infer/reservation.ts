import { affordableOutput, worstCaseOf } from "../catalog/cost.ts";
import type { Caller } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { inferLimits } from "../core/limits.ts";
import { formatUsd, type NanoUsd, parseUsd } from "../core/money.ts";
import type { Charge, Hold, Ledger } from "../credits/ledger.ts";
import type { TextRequest } from "../providers/shapes/text.ts";
import type { Candidate } from "./attempts/candidate.ts";
import { inputTokensAtMost } from "./estimate.ts";
import type { PlannedRequest } from "./plan.ts";
import { callBudget, type InferArgs } from "./request.ts";

/** One model to ask, with the request as it will be sent: its output lowered to what has been reserved for it. */
export interface Offer {
  readonly candidate: Candidate;
  readonly request: TextRequest;
  readonly inputTokensMax: number;
  /** What an answer is charged whose price nobody knows: the call's `max_cost`. */
  readonly unpricedCost?: NanoUsd | undefined;
}

export interface Reservation {
  readonly hold: Hold;
  /** What the money is set aside for: the first of the offers. */
  readonly charge: Charge;
  /** At least one. */
  readonly offers: readonly Offer[];
  /** Models that the money does not reach for, or whose price is unknown. */
  readonly skipped: readonly { readonly model: string; readonly reason: string }[];
  readonly warnings: readonly string[];
}

export interface ReserveOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly rng: Rng;
}

/**
 * Reserves the worst case of the dearest model that may be asked and can be paid. Where the caller did not fix
 * `max_output_tokens`, the output is lowered to what the pool affords, and no call takes more than a quarter of it while
 * others may need it. What running calls hold is mostly given back soon: where that would be enough, it is waited for a
 * short while.
 * @throws insufficient_credits, budget_exceeded, or invalid_request where a price is unknown and nothing bounds it.
 */
export async function reserve(
  requests: readonly PlannedRequest[],
  args: InferArgs,
  caller: Caller,
  generationId: string,
  options: ReserveOptions & { readonly signal: AbortSignal },
): Promise<Reservation> {
  const { ledger, clock, rng, signal } = options;
  const maxCost = args.max_cost === undefined ? undefined : parseUsd(args.max_cost, "max_cost");
  const budget = callBudget(args);
  const { wants, skipped } = wantsOf(requests, maxCost);
  const charge = chargeOf(args, wants[0]?.candidate);
  const atLeast = wants.map(({ least }) => least).reduce((one, other) => smallest(one, other));
  const listLeast = wants.map((one) => one.listLeast).reduce((one, other) => smallest(one, other));
  if (maxCost !== undefined && maxCost < listLeast) throw overMaxCost(listLeast, maxCost);
  const isFixed = wants.some((one) => one.isFixed);
  const mostWithin = (cap: NanoUsd) =>
    wants.map(({ worst }) => (worst <= cap ? worst : isFixed ? 0n : cap)).reduce(largest);

  const tryOnce = async (): Promise<Reservation> => {
    const hold = await ledger.reserve({
      caller,
      amount(available) {
        const share = isFixed ? available : shareOf(available, wants);
        return largest(atLeast, mostWithin(smallest(maxCost ?? share, share)));
      },
      atLeast,
      charge,
      idempotencyKey: generationId,
      ...(budget ? { budget } : {}),
      dispatched: true,
    });
    const within = offersWithin(hold.amount, wants, maxCost);
    return { hold, charge, ...within, skipped: [...skipped, ...within.skipped] };
  };

  const endsAtMs = clock.monotonicMs() + inferLimits.creditWaitMsMax;
  for (;;) {
    try {
      return await tryOnce();
    } catch (error) {
      if (!isHeldByOthers(error, atLeast)) throw error;
      do {
        if (clock.monotonicMs() >= endsAtMs) throw error;
        await clock.sleep(inferLimits.creditPollMs * (0.5 + rng.fraction()), signal);
      } while ((await ledger.affordable(caller, budget, charge)) < atLeast);
    }
  }
}

function isShort(error: unknown): error is SwitchyardError {
  return (
    error instanceof SwitchyardError && (error.code === "insufficient_credits" || error.code === "budget_exceeded")
  );
}

/** Whether a refusal would not have been one if the calls that run now had cost nothing. */
function isHeldByOthers(error: unknown, atLeast: NanoUsd): boolean {
  if (!isShort(error)) return false;
  const { available, held } = error.details;
  if (typeof held !== "string") return false;
  const left = typeof available === "string" ? parseUsd(available) : 0n;
  return parseUsd(held) > 0n && left + parseUsd(held) >= atLeast;
}

/** The models that can say something for what is reserved, their output lowered to it; those that the user pays for, to `max_cost`. */
function offersWithin(
  amount: NanoUsd,
  wants: readonly Want[],
  maxCost: NanoUsd | undefined,
): Omit<Reservation, "hold" | "charge"> {
  const warnings: string[] = [];
  const offers: Offer[] = [];
  const skipped: { model: string; reason: string }[] = [];
  for (const { candidate, request, inputTokensMax, outputTokensMax, listLeast, unpricedCost } of wants) {
    const { card, isByok } = candidate;
    const within = isByok ? maxCost : amount;
    if (within !== undefined && listLeast > within) {
      const what = isByok ? "of max_cost" : "that could be reserved";
      const reason = `it could cost $${formatUsd(listLeast)}, more than the $${formatUsd(within)} ${what}`;
      skipped.push({ model: card.id, reason });
      continue;
    }
    const affordable =
      (within === undefined ? undefined : affordableOutput(card, inputTokensMax, within)) ?? outputTokensMax;
    const lowered = Math.min(outputTokensMax, affordable);
    if (lowered < outputTokensMax) {
      warnings.push(
        `max_output_tokens of ${card.id} was lowered to ${lowered}, which is what ${isByok ? "max_cost pays for" : "could be reserved for it"}`,
      );
    }
    const params = { ...request.params, max_output_tokens: lowered };
    offers.push({ candidate, request: { ...request, params }, inputTokensMax, unpricedCost });
  }
  return { offers, skipped, warnings };
}

interface Want {
  readonly candidate: Candidate;
  readonly request: TextRequest;
  readonly inputTokensMax: number;
  readonly outputTokensMax: number;
  /** The caller said how long the answer may be: it is asked for as it is, or not at all. */
  readonly isFixed: boolean;
  /** Of the pool: nothing for a model that the user pays for. */
  readonly worst: NanoUsd;
  /** What must be there for the model to be asked. */
  readonly least: NanoUsd;
  readonly unpricedCost: NanoUsd | undefined;
  /** `least` by list price, whoever pays. */
  readonly listLeast: NanoUsd;
}

/** Models whose worst case is known; a model without one is left out when another remains. */
function wantsOf(
  requests: readonly PlannedRequest[],
  maxCost: NanoUsd | undefined,
): { wants: Want[]; skipped: { model: string; reason: string }[] } {
  const wants: Want[] = [];
  const skipped: { model: string; reason: string }[] = [];
  for (const { candidate, request } of requests) {
    const { card, isByok } = candidate;
    const inputTokensMax = inputTokensAtMost(request);
    const fixed = request.params.max_output_tokens;
    const outputTokensMax = fixed ?? card.maxOutput ?? inferLimits.outputTokensDefault;
    const listed = worstCaseOf(card, inputTokensMax, outputTokensMax);
    const worst = listed ?? maxCost ?? (isByok ? 0n : undefined);
    if (worst === undefined) {
      skipped.push({ model: card.id, reason: "its price is not known, and the call gives no max_cost" });
      continue;
    }
    const short = worstCaseOf(card, inputTokensMax, Math.min(outputTokensMax, inferLimits.outputTokensMin)) ?? worst;
    const isFixed = fixed !== undefined;
    const unpricedCost = listed === undefined ? maxCost : undefined;
    const listLeast = isFixed ? worst : short;
    const ofPool = isByok ? { worst: 0n, least: 0n } : { worst, least: listLeast };
    const tokens = { inputTokensMax, outputTokensMax };
    wants.push({ candidate, request, ...tokens, isFixed, listLeast, unpricedCost, ...ofPool });
  }
  if (wants.length > 0) return { wants, skipped };
  const model = requests[0]?.candidate.card.id;
  throw new SwitchyardError("invalid_request", `the price of ${model} is not known`, {
    next: "Give max_cost, which is then what the call is charged, or put the model's price into settings.json under models",
    details: { model },
  });
}

/** A quarter of what is there, but never less than a short answer of the dearest model takes. */
function shareOf(available: NanoUsd, wants: readonly Want[]): NanoUsd {
  const short = wants.reduce((most, one) => {
    if (one.candidate.isByok) return most;
    const cost =
      worstCaseOf(
        one.candidate.card,
        one.inputTokensMax,
        Math.min(one.outputTokensMax, inferLimits.outputTokensShort),
      ) ?? 0n;
    return cost > most ? cost : most;
  }, 0n);
  const quarter = available / 4n;
  return smallest(available, quarter > short ? quarter : short);
}

export function overMaxCost(worst: NanoUsd, maxCost: NanoUsd): SwitchyardError {
  return new SwitchyardError(
    "budget_exceeded",
    `the call could cost $${formatUsd(worst)}, more than its max_cost of $${formatUsd(maxCost)}`,
    {
      next: "Raise max_cost, lower params.max_output_tokens, or choose a cheaper model",
      details: { level: "call", worst_case: formatUsd(worst), max_cost: formatUsd(maxCost) },
    },
  );
}

/** What the money of a call is for, as long as it goes to this candidate. */
export function chargeOf(args: InferArgs, candidate: Candidate | undefined): Charge {
  return {
    tool: "infer",
    ...(candidate ? { provider: candidate.card.provider, model: candidate.card.id } : {}),
    ...(args.metadata ? { metadata: args.metadata } : {}),
  };
}

function smallest(first: NanoUsd, ...others: readonly NanoUsd[]): NanoUsd {
  return others.reduce((least, other) => (other < least ? other : least), first);
}

function largest(one: NanoUsd, other: NanoUsd): NanoUsd {
  return one > other ? one : other;
}
