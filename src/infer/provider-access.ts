import { providerList } from "../providers/registry.ts";
import type { OnCancel, ProviderKey, ProviderTimeouts } from "./attempts/candidate.ts";

/** One key as the settings say: itself, or the variable that holds it. */
export interface KeySource {
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  readonly keyVariable?: string | undefined;
  readonly weight?: number | undefined;
}

/** Where a provider is reached and with what, as the settings and the environment say. */
export interface ProviderAccess {
  readonly keys?: readonly KeySource[] | undefined;
  readonly baseUrl?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeouts?: ProviderTimeouts | undefined;
  readonly onCancel?: OnCancel | undefined;
  /** Its keys are the user's own: what calls cost is paid to the provider, and the pool is charged nothing. */
  readonly isByok?: boolean | undefined;
}

export type Environment = (name: string) => string | undefined;

/**
 * The keys a provider can be asked with, or what is missing. Keys without a name are called by their place, from 1.
 * Without any in the settings it is the first of the provider's usual variables that is set.
 */
export function keysOf(
  provider: string,
  access: ProviderAccess,
  environment: Environment,
): readonly ProviderKey[] | { readonly missing: string } {
  const known = providerList.find((entry) => entry.provider === provider);
  if (!known) return { missing: `Switchyard has no adapter for ${provider} yet` };
  const baseUrl = (access.baseUrl ?? known.defaultBaseUrl).replace(/\/+$/, "");
  const usual = known.keyVariables.find((variable) => environment(variable) !== undefined) ?? known.keyVariables[0];
  const sources = access.keys && access.keys.length > 0 ? access.keys : [{ keyVariable: usual }];
  const keys = sources.flatMap(({ name, key, keyVariable, weight = 1 }: KeySource, at): ProviderKey[] => {
    const apiKey = key ?? (keyVariable === undefined ? undefined : environment(keyVariable));
    if (apiKey === undefined) return [];
    return [{ name: name ?? `#${at + 1}`, weight, credentials: { apiKey, baseUrl, headers: access.headers } }];
  });
  if (keys.length > 0) return keys;
  return { missing: `set ${sources.map(({ keyVariable }) => keyVariable).join(" or ")}` };
}

/**
 * Providers that go on writing, and charge for all of it, when their client hangs up; the others stop at once.
 * (OpenRouter's documentation of stream cancellation lists both kinds.) Settings can say otherwise with `on_cancel`.
 */
const goOnWhenCancelled: ReadonlySet<string> = new Set(["google", "groq", "minimax", "alibaba"]);

export function onCancelOf(provider: string, access: ProviderAccess): OnCancel {
  return access.onCancel ?? (goOnWhenCancelled.has(provider) ? "drain" : "stop");
}
