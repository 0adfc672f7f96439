import type { Catalog } from "../catalog/catalog.ts";
import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import type { ModelCard } from "../core/model-card.ts";
import type { Credentials } from "../providers/adapter.ts";
import { loadAdapter, providerList } from "../providers/registry.ts";
import type { Candidate } from "./attempt.ts";

/** Where a provider is reached and with what, as the settings and the environment say. */
export interface ProviderAccess {
  readonly key?: string | undefined;
  readonly keyVariable?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface ResolveOptions {
  readonly catalog: Catalog;
  readonly providers: Readonly<Record<string, ProviderAccess>>;
  readonly environment: (name: string) => string | undefined;
}

/** Whether a model can be called now, or what is missing. */
export type Availability = { readonly usable: true } | { readonly usable: false; readonly missing: string };

export interface Resolver {
  /**
   * The models to ask, in order. Those without a key are left out when another remains.
   * @throws not_found for an unknown id, forbidden for a model outside the caller's rights, unauthenticated or
   * unsupported when none can be called.
   */
  candidates(
    ids: readonly string[],
    caller: Caller,
  ): Promise<{ candidates: Candidate[]; skipped: { model: string; reason: string }[] }>;
  availability(card: ModelCard): Availability;
}

export function openResolver(options: ResolveOptions): Resolver {
  function credentialsFor(provider: string): Credentials | { missing: string } {
    const known = providerList.find((entry) => entry.provider === provider);
    const access = options.providers[provider] ?? {};
    if (!known) return { missing: `Switchyard has no adapter for ${provider} yet` };
    const variables = access.keyVariable === undefined ? known.keyVariables : [access.keyVariable];
    const apiKey = access.key ?? variables.map(options.environment).find((value) => value !== undefined);
    if (apiKey === undefined) return { missing: `set ${variables[0]}` };
    return { apiKey, baseUrl: (access.baseUrl ?? known.defaultBaseUrl).replace(/\/+$/, ""), headers: access.headers };
  }

  function availability(card: ModelCard): Availability {
    const known = providerList.find((entry) => entry.provider === card.provider);
    if (!known?.tasks.includes(card.task)) {
      return { usable: false, missing: `Switchyard has no ${card.task} adapter for ${card.provider} yet` };
    }
    const credentials = credentialsFor(card.provider);
    return "missing" in credentials ? { usable: false, missing: credentials.missing } : { usable: true };
  }

  return {
    availability,
    async candidates(ids, caller) {
      const candidates: Candidate[] = [];
      const skipped: { model: string; reason: string }[] = [];
      for (const id of ids) {
        const card = options.catalog.resolve(id);
        if (!mayCall(caller, card)) throw forbidden(card, caller);
        const state = availability(card);
        const credentials = credentialsFor(card.provider);
        const adapter = state.usable ? await loadAdapter(card.provider) : undefined;
        if (!state.usable) skipped.push({ model: card.id, reason: state.missing });
        else if (adapter && !("missing" in credentials)) candidates.push({ card, adapter, credentials });
      }
      if (candidates.length === 0) throw nothingUsable(skipped);
      return { candidates, skipped };
    },
  };
}

function mayCall(caller: Caller, card: ModelCard): boolean {
  const allowed = caller.rights.models;
  if (allowed === undefined) return true;
  return allowed.some((pattern) =>
    pattern.endsWith("*") ? card.id.startsWith(pattern.slice(0, -1)) : card.id === pattern,
  );
}

function forbidden(card: ModelCard, caller: Caller): SwitchyardError {
  const allowed = caller.rights.models ?? [];
  return new SwitchyardError("forbidden", `this caller may not use ${card.id}`, {
    next: `It may use ${allowed.length === 0 ? "no model" : allowed.join(", ")}; ask whoever made the key for more`,
    details: { model: card.id, allowed },
  });
}

function nothingUsable(skipped: readonly { model: string; reason: string }[]): SwitchyardError {
  const first = skipped[0];
  const needsKey = first?.reason.startsWith("set ") === true;
  return new SwitchyardError(
    needsKey ? "unauthenticated" : "unsupported",
    `${first?.model} cannot be called: ${needsKey ? "there is no key for its provider" : first?.reason}`,
    {
      next: needsKey
        ? `To use it, ${first?.reason} where the server is started, or put the key into settings.json; the models tool shows what is usable now`
        : "Choose another model; the models tool shows what is usable now",
      details: { skipped },
    },
  );
}
