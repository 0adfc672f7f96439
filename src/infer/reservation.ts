import { affordableOutput, worstCaseOf } from "../catalog/cost.ts";
import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import { inferLimits } from "../core/limits.ts";
import { formatUsd, type NanoUsd, parseUsd } from "../core/money.ts";
import type { Hold, Ledger } from "../credits/ledger.ts";
import type { TextRequest } from "../providers/shapes/text.ts";
import type { Candidate } from "./attempt.ts";
import { inputTokensAtMost } from "./estimate.ts";
import { type InferArgs, requestHash } from "./request.ts";

/** One model to ask, with the request as it will be sent: its output lowered to what has been reserved for it. */
export interface Offer {
  readonly candidate: Candidate;
  readonly request: TextRequest;
  readonly inputTokensMax: number;
}

export interface Reservation {
  readonly hold: Hold;
  readonly offers: readonly Offer[];
  readonly warnings: readonly string[];
}

/**
 * Reserves the worst case of the dearest model that may be asked. Where the caller did not fix `max_output_tokens`,
 * the output is lowered to what the pool affords, and no call takes more than a quarter of it while others may need it.
 * @throws insufficient_credits, budget_exceeded, or invalid_request where a price is unknown and nothing bounds it.
 */
export async function reserve(
  requests: readonly { candidate: Candidate; request: TextRequest }[],
  args: InferArgs,
  ledger: Ledger,
  caller: Caller,
  generationId: string,
): Promise<Reservation> {
  const maxCost = args.max_cost === undefined ? undefined : parseUsd(args.max_cost, "max_cost");
  const budget = args.budget && { scope: args.budget.scope, limit: parseUsd(args.budget.limit, "budget.limit") };
  const wants = requests.map(({ candidate, request }) => want(candidate, request, maxCost));
  const most = wants.reduce((amount, { worst }) => (worst > amount ? worst : amount), 0n);
  let amount = most;
  if (wants.some(({ isFixed }) => isFixed)) {
    if (maxCost !== undefined && most > maxCost) throw overMaxCost(most, maxCost);
  } else {
    const ceiling = await shareOf(await ledger.affordable(caller, budget), wants);
    amount = smallest(most, maxCost ?? most, ceiling);
  }

  const warnings: string[] = [];
  const offers: Offer[] = [];
  for (const one of wants) {
    const affordable = affordableOutput(one.candidate.card, one.inputTokensMax, amount) ?? one.outputTokensMax;
    const outputTokensMax = Math.min(one.outputTokensMax, affordable);
    if (outputTokensMax < inferLimits.outputTokensMin && !one.isFixed) continue;
    if (outputTokensMax < one.outputTokensMax) {
      warnings.push(
        `max_output_tokens of ${one.candidate.card.id} was lowered to ${outputTokensMax}, which is what could be reserved for it`,
      );
    }
    const params = { ...one.request.params, max_output_tokens: outputTokensMax };
    offers.push({ candidate: one.candidate, request: { ...one.request, params }, inputTokensMax: one.inputTokensMax });
  }
  // Nothing fits: the reserve below refuses with what is short, unless it was the caller's own limit that was too low.
  if (offers.length === 0 && maxCost !== undefined && amount === maxCost)
    throw overMaxCost(smallestStart(wants), maxCost);
  const hold = await ledger.reserve({
    caller,
    amount: offers.length === 0 ? smallestStart(wants) : amount,
    charge: chargeOf(args, requests[0]?.candidate),
    idempotencyKey: generationId,
    requestHash: requestHash(args),
    ...(budget ? { budget } : {}),
    dispatched: true,
  });
  return { hold, offers, warnings };
}

interface Want {
  readonly candidate: Candidate;
  readonly request: TextRequest;
  readonly inputTokensMax: number;
  readonly outputTokensMax: number;
  readonly isFixed: boolean;
  readonly worst: NanoUsd;
}

function want(candidate: Candidate, request: TextRequest, maxCost: NanoUsd | undefined): Want {
  const { card } = candidate;
  const inputTokensMax = inputTokensAtMost(request);
  const fixed = request.params.max_output_tokens;
  if (fixed !== undefined && card.maxOutput !== null && fixed > card.maxOutput) {
    throw new SwitchyardError(
      "invalid_request",
      `params.max_output_tokens is ${fixed}, more than ${card.id} can write (${card.maxOutput})`,
      {
        next: `Give at most ${card.maxOutput}`,
        details: { field: "params.max_output_tokens", max: card.maxOutput },
      },
    );
  }
  const outputTokensMax = fixed ?? card.maxOutput ?? inferLimits.outputTokensDefault;
  const worst = worstCaseOf(card, inputTokensMax, outputTokensMax) ?? maxCost;
  if (worst === undefined) {
    throw new SwitchyardError("invalid_request", `the price of ${card.id} is not known`, {
      next: "Give max_cost, which is then what the call is charged, or put the model's price into settings.json under models",
      details: { model: card.id },
    });
  }
  return { candidate, request, inputTokensMax, outputTokensMax, isFixed: fixed !== undefined, worst };
}

/** A quarter of what is there, but never less than a short answer of the dearest model takes. */
async function shareOf(available: NanoUsd, wants: readonly Want[]): Promise<NanoUsd> {
  const short = wants.reduce((most, one) => {
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

function smallestStart(wants: readonly Want[]): NanoUsd {
  return wants
    .map((one) => worstCaseOf(one.candidate.card, one.inputTokensMax, inferLimits.outputTokensMin) ?? one.worst)
    .reduce((least, cost) => (cost < least ? cost : least));
}

function overMaxCost(worst: NanoUsd, maxCost: NanoUsd): SwitchyardError {
  return new SwitchyardError(
    "budget_exceeded",
    `the call could cost $${formatUsd(worst)}, more than its max_cost of $${formatUsd(maxCost)}`,
    {
      next: "Raise max_cost, lower params.max_output_tokens, or choose a cheaper model",
      details: { level: "call", worst_case: formatUsd(worst), max_cost: formatUsd(maxCost) },
    },
  );
}

function chargeOf(args: InferArgs, candidate: Candidate | undefined) {
  return {
    tool: "infer",
    ...(candidate ? { provider: candidate.card.provider, model: candidate.card.id } : {}),
    ...(args.metadata ? { metadata: args.metadata } : {}),
  };
}

function smallest(first: NanoUsd, ...others: readonly NanoUsd[]): NanoUsd {
  return others.reduce((least, other) => (other < least ? other : least), first);
}
