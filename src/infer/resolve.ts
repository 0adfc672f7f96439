import type { Catalog } from "../catalog/catalog.ts";
import { endedReason } from "../catalog/lifecycle.ts";
import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import type { ModelCard } from "../core/model-card.ts";
import type { Task } from "../core/task.ts";
import { loadAdapter, type ProviderInfo, providerList } from "../providers/registry.ts";
import type { Candidate } from "./attempts/candidate.ts";
import type { Endpoints } from "./endpoints.ts";
import { type Environment, keysOf, onCancelOf, type ProviderAccess } from "./provider-access.ts";

export interface ResolveOptions {
  readonly catalog: Catalog;
  readonly providers: Readonly<Record<string, ProviderAccess>>;
  readonly environment: Environment;
  /** Servers of the user's own; without any, providers alone are known. */
  readonly endpoints?: Endpoints | undefined;
}

/** Whether a model can be called now, or what is missing. */
export type Availability = { readonly usable: true } | { readonly usable: false; readonly missing: string };

export interface Resolver {
  find(id: string): ModelCard | undefined;
  /** @throws not_found for an unknown id. */
  card(id: string): ModelCard;
  /** The model as it can be asked, or why it cannot. */
  candidate(card: ModelCard): Promise<Candidate | { readonly missing: string }>;
  availability(card: ModelCard): Availability;
  /** Whether the user pays its provider. */
  isByok(card: ModelCard): boolean;
  /** The models that can be called now. */
  usable(): readonly ModelCard[];
}

/** Tasks that the pipeline knows how to run. */
const runs: ReadonlySet<Task> = new Set([
  "text",
  "embedding",
  "moderation",
  "rerank",
  "classification",
  "image",
  "video",
  "speech",
  "transcription",
  "music",
]);

export function openResolver({ catalog, providers, environment, endpoints }: ResolveOptions): Resolver {
  const accessTo = (provider: string) => providers[provider] ?? {};
  const knownOf = (name: string): ProviderInfo | undefined =>
    providerList.find(({ provider }) => provider === name) ?? endpoints?.info(name);

  function availability(card: ModelCard): Availability {
    if (card.status === "ended") return { usable: false, missing: endedReason(card) };
    const known = knownOf(card.provider);
    if (!known?.tasks.includes(card.task) || !runs.has(card.task)) {
      return { usable: false, missing: `Switchyard has no ${card.task} adapter for ${card.provider} yet` };
    }
    const keys = keysOf(known, accessTo(card.provider), environment);
    return "missing" in keys ? { usable: false, missing: keys.missing } : { usable: true };
  }

  return {
    availability,
    isByok: (card) => accessTo(card.provider).isByok === true,
    find: (id) => catalog.find(id) ?? endpoints?.cardOf(id),
    card: (id) => catalog.find(id) ?? endpoints?.cardOf(id) ?? catalog.resolve(id),
    usable: () => catalog.search({}).filter((card) => availability(card).usable),
    async candidate(card) {
      const state = availability(card);
      if (!state.usable) return { missing: state.missing };
      const access = accessTo(card.provider);
      const known = knownOf(card.provider);
      const adapter = endpoints?.adapter(card.provider) ?? (await loadAdapter(card.provider));
      const keys = known && keysOf(known, access, environment);
      if (keys && "missing" in keys) return keys;
      if (!adapter || !keys) return { missing: `Switchyard has no adapter for ${card.provider} yet` };
      const { timeouts = {}, isByok = false } = access;
      return { card, adapter, keys, timeouts, onCancel: onCancelOf(card.provider, access), isByok };
    },
  };
}

export function mayCall(caller: Caller, card: ModelCard): boolean {
  return caller.rights.models === undefined || mayCallId(caller, card.id);
}

/** Whether the caller's rights name a model or route, or a prefix of it. */
export function mayCallId({ rights }: Caller, id: string): boolean {
  return (rights.models ?? []).some((pattern) =>
    pattern.endsWith("*") ? id.startsWith(pattern.slice(0, -1)) : id === pattern,
  );
}

export function forbidden(model: string, caller: Caller): SwitchyardError {
  const allowed = caller.rights.models ?? [];
  return new SwitchyardError("forbidden", `this caller may not use ${model}`, {
    next: `It may use ${allowed.length === 0 ? "no model" : allowed.join(", ")}; ask whoever made the key for more`,
    details: { model, allowed },
  });
}
