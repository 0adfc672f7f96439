import { deprecationWarning } from "../../catalog/lifecycle.ts";
import type { Asked } from "../../catalog/media-cost.ts";
import type { Caller } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { NanoUsd } from "../../core/money.ts";
import { dropUnsupported } from "../../providers/drop-unsupported.ts";
import { refuseUnsupported } from "../../providers/unsupported.ts";
import type { Candidate } from "../attempts/candidate.ts";
import { tokensGuess } from "../estimate.ts";
import { nothingUsable } from "../plan.ts";
import type { InferArgs } from "../request.ts";
import { type CallModelsOptions, modelsOfCall } from "../routes/models-of-call.ts";
import type { AnyTaskAdapter, AnyTaskRequest } from "./any-task.ts";
import { askedOf, pricedRequest, worstCaseOfTask } from "./asked.ts";
import { UrlInliner } from "./inline-urls.ts";
import { type MediaSources, resolveMediaParams } from "./media-input.ts";
import { parseParams } from "./task-params.ts";

/** One model to ask for a task other than text, with the request as it suits it. */
export interface TaskOffer {
  readonly candidate: Candidate;
  readonly adapter: AnyTaskAdapter;
  readonly request: AnyTaskRequest;
  /** What it is charged by. */
  readonly asked: Asked;
  readonly worst: NanoUsd;
}

export interface TaskPlan {
  readonly offers: readonly TaskOffer[];
  readonly skipped: readonly { readonly model: string; readonly reason: string }[];
  readonly warnings: readonly string[];
  /** The routes by which models came into the call, by the models' ids. */
  readonly routes: ReadonlyMap<string, string>;
  /** A fair guess, for rate limits. */
  readonly inputTokens: number;
}

/**
 * The models to ask, in order, each with its request. All must have the first one's task.
 * @throws as `planCall`; invalid_request also where a model's price is unknown and the call gives no max_cost.
 */
export async function planTask(
  args: InferArgs,
  caller: Caller,
  options: CallModelsOptions & { readonly sources: MediaSources; readonly signal?: AbortSignal | undefined },
  maxCost: NanoUsd | undefined,
): Promise<TaskPlan> {
  const { resolver, sources } = options;
  const { cards, ...named } = await modelsOfCall(args, caller, options);
  const offers: TaskOffer[] = [];
  const skipped = [...named.skipped];
  const warnings: string[] = [];
  const [first] = cards;
  if (!first) throw nothingUsable(skipped);
  const base = {
    prompt: args.prompt ?? "",
    params: await resolveMediaParams(parseParams(first, args.params ?? {}), caller, sources),
  };
  const inliner = new UrlInliner(sources, options.signal);
  let refused: unknown;
  for (const card of cards) {
    const skip = (reason: string) => skipped.push({ model: card.id, reason });
    const candidate = await resolver.candidate(card);
    const adapter = "missing" in candidate ? undefined : taskAdapter(candidate);
    if ("missing" in candidate) skip(candidate.missing);
    else if (!adapter)
      skip(candidate.adapter.uncallable?.[card.nativeId] ?? `Switchyard has no ${card.task} adapter for it`);
    else {
      const options = args.provider_options?.[card.provider];
      const request: AnyTaskRequest = {
        ...base,
        params: withListedInput(base.params),
        ...(options ? { provider_options: options } : {}),
      };
      try {
        const inlined = await inliner.task(request, adapter, card);
        const fitted = suit(adapter, inlined, candidate, args.on_unsupported ?? "error");
        const priced = pricedRequest(card, fitted.request, adapter);
        const worst = worstCaseOfTask(card, priced) ?? maxCost ?? (candidate.isByok ? 0n : undefined);
        if (worst === undefined) skip("its price is not known, and the call gives no max_cost");
        else offers.push({ candidate, adapter, request: fitted.request, asked: askedOf(card, priced), worst });
        warnings.push(...fitted.warnings, ...[deprecationWarning(card) ?? []].flat());
      } catch (error) {
        if (!(error instanceof SwitchyardError && error.code === "unsupported")) throw error;
        refused ??= error;
        skip(error.message);
      }
    }
  }
  const { routes } = named;
  if (offers.length > 0) return { offers, skipped, warnings, routes, inputTokens: tokensGuess(charactersOf(base)) };
  throw refused ?? nothingUsable(skipped);
}

/** What there is to read: the prompt, and texts or documents among the parameters. */
function charactersOf({ prompt, params }: { readonly prompt: string; readonly params: object }): number {
  const texts = Object.values(params).flat(1);
  return texts.reduce<number>((sum, text) => sum + (typeof text === "string" ? text.length : 0), prompt.length);
}

/** The adapter of a candidate for its model's task. Each narrows its own request, which `parseParams` has checked. */
export function taskAdapter({ adapter, card }: Candidate): AnyTaskAdapter | undefined {
  const found = adapter[card.task as keyof typeof adapter];
  const chosen: unknown = typeof found === "function" ? (found as (model: typeof card) => unknown)(card) : found;
  return chosen as AnyTaskAdapter | undefined;
}

/** One text is a list of one. */
function withListedInput(params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return typeof params.input === "string" ? { ...params, input: [params.input] } : params;
}

/** The request without what the model cannot honour, where the caller would have that dropped. */
function suit(
  adapter: AnyTaskAdapter,
  request: AnyTaskRequest,
  { card }: Candidate,
  onUnsupported: "error" | "drop",
): { readonly request: AnyTaskRequest; readonly warnings: readonly string[] } {
  if (onUnsupported === "drop") {
    const fitted = dropUnsupported(request, card, (left) => adapter.check(left, card));
    return { ...fitted, warnings: fitted.warnings.map((warning) => `${card.id}: ${warning}`) };
  }
  refuseUnsupported(adapter.check(request, card), card);
  return { request, warnings: [] };
}
