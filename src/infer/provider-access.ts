import { fillBaseUrl, type ProviderInfo } from "../providers/registry.ts";
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
  /** What stands in braces in the provider's address, where the environment does not say it. */
  readonly accountId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeouts?: ProviderTimeouts | undefined;
  readonly onCancel?: OnCancel | undefined;
  /** Its keys are the user's own: what calls cost is paid to the provider, and the pool is charged nothing. */
  readonly isByok?: boolean | undefined;
}

export type Environment = (name: string) => string | undefined;

/**
 * The keys a provider can be asked with, or what is missing. Keys without a name are called by their place, from 1.
 * Without any in the settings it is the first of the provider's usual variables that is set; a server that wants none
 * is asked without.
 */
export function keysOf(
  known: Pick<ProviderInfo, "keyVariables" | "defaultBaseUrl">,
  access: ProviderAccess,
  environment: Environment,
): readonly ProviderKey[] | { readonly missing: string } {
  const filled = fillBaseUrl((access.baseUrl ?? known.defaultBaseUrl).replace(/\/+$/, ""), (name) =>
    name.endsWith("_ACCOUNT_ID") ? (access.accountId ?? environment(name)) : environment(name),
  );
  if ("missing" in filled) return { missing: `set ${filled.missing}` };
  const { baseUrl } = filled;
  const wantsKey = known.keyVariables.length > 0 || (access.keys?.length ?? 0) > 0;
  if (!wantsKey) return [{ name: "#1", weight: 1, credentials: { apiKey: "", baseUrl, headers: access.headers } }];
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
