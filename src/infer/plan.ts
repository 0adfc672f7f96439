import { deprecationWarning } from "../catalog/lifecycle.ts";
import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import type { TextRequest } from "../providers/shapes/text.ts";
import type { Candidate } from "./attempts/candidate.ts";
import { type InferArgs, textRequestFor } from "./request.ts";
import { type CallModelsOptions, modelsOfCall } from "./routes/models-of-call.ts";
import type { CallFacts } from "./routes/route.ts";
import { UrlInliner } from "./tasks/inline-urls.ts";
import type { MediaSources } from "./tasks/media-input.ts";
import { fitToModel } from "./unsupported.ts";

/** One model to ask with the request as it suits it. */
export interface PlannedRequest {
  readonly candidate: Candidate;
  readonly request: TextRequest;
}

/** What a call will try, in order. */
export interface Plan {
  /** At least one. */
  readonly requests: readonly PlannedRequest[];
  /** Models that were named and cannot be asked, and why. */
  readonly skipped: readonly { readonly model: string; readonly reason: string }[];
  readonly warnings: readonly string[];
  /** The routes by which models came into the call, by the models' ids. */
  readonly routes: ReadonlyMap<string, string>;
  readonly facts: CallFacts;
}

/**
 * The models to ask, in order, each with its request. Models without a key, and models that cannot honour the request,
 * are left out when another remains.
 * @throws not_found for an unknown id, forbidden for a model outside the caller's rights, invalid_request for a request
 * that suits no text model; unauthenticated or unsupported when no model can be asked.
 */
export async function planCall(
  args: InferArgs,
  caller: Caller,
  options: CallModelsOptions & { readonly sources: MediaSources; readonly signal?: AbortSignal | undefined },
): Promise<Plan> {
  const { cards, facts, ...named } = await modelsOfCall(args, caller, options);
  const skipped = [...named.skipped];
  const requests: PlannedRequest[] = [];
  const warnings: string[] = [];
  const inliner = new UrlInliner(options.sources, options.signal);
  let unsupported: unknown;
  for (const card of cards) {
    const candidate = await options.resolver.candidate(card);
    if ("missing" in candidate) {
      skipped.push({ model: card.id, reason: candidate.missing });
      continue;
    }
    try {
      const asked = textRequestFor(args, card);
      const { text } = candidate.adapter;
      const request = text ? await inliner.text(asked, text, card) : asked;
      const fitted = fitToModel(request, candidate, args.on_unsupported ?? "error");
      requests.push({ candidate, request: fitted.request });
      warnings.push(...[deprecationWarning(card) ?? []].flat());
      warnings.push(...fitted.warnings);
    } catch (error) {
      if (!(error instanceof SwitchyardError && error.code === "unsupported")) throw error;
      unsupported ??= error;
      skipped.push({ model: card.id, reason: error.message });
    }
  }
  if (requests.length > 0) return { requests, skipped, warnings, routes: named.routes, facts };
  throw unsupported ?? nothingUsable(skipped);
}

/** The error when no model that was named can be asked. */
export function nothingUsable(skipped: readonly { model: string; reason: string }[]): SwitchyardError {
  const first = skipped[0];
  const needsKey = first?.reason.startsWith("set ") === true;
  const needed = first?.reason.endsWith("_ACCOUNT_ID") ? "account" : "key";
  return new SwitchyardError(
    needsKey ? "unauthenticated" : "unsupported",
    `${first?.model} cannot be called: ${needsKey ? `there is no ${needed} for its provider` : first?.reason}`,
    {
      next: needsKey
        ? `To use it, ${first?.reason} where the server is started, or put the ${needed} into settings.json; the models tool shows what is usable now`
        : "Choose another model; the models tool shows what is usable now",
      details: { skipped },
    },
  );
}
