import type { CatalogRow } from "./catalog/row.ts";
import type { Settings } from "./config/settings.ts";
import { SwitchyardError } from "./core/errors.ts";
import type { Price } from "./core/model-card.ts";
import { parseUsd } from "./core/money.ts";
import { type Endpoint, endpointRow } from "./infer/endpoints.ts";
import type { ProviderAccess } from "./infer/provider-access.ts";
import type { Retention } from "./infer/purge-generations.ts";
import type { RateLimit } from "./infer/rates/limit.ts";
import type { RecordOptions } from "./infer/recorded-request.ts";
import type { Route } from "./infer/routes/route.ts";
import { providerList } from "./providers/registry.ts";

/** What the settings say of providers and endpoints, as inference takes it. */
export function providerAccess(settings: Settings): Record<string, ProviderAccess> {
  const places = { ...settings.providers, ...settings.endpoints };
  return Object.fromEntries(Object.entries(places).map(([name, access]) => [name, accessOf(access)]));
}

/**
 * The user's own servers.
 * @throws invalid_request for one with the name of a provider, whose models it would hide.
 */
export function endpointsOf(settings: Settings): Endpoint[] {
  return Object.entries(settings.endpoints).map(([name, { base_url: baseUrl, price, models }]) => {
    if (taken.has(name)) {
      throw new SwitchyardError("invalid_request", `the endpoint ${name} in settings.json has a name that is taken`, {
        next: `Give it another name; to reach a provider elsewhere, set providers.${name}.base_url`,
        details: { field: `endpoints.${name}` },
      });
    }
    const rows = models.map(({ id, task, context, max_output, tools, vision, reasoning, ...own }) =>
      endpointRow(name, id, {
        task,
        context,
        maxOutput: max_output,
        price: priceOf(own) ?? priceOf(price),
        source: "settings.json",
        features: { tools, vision, reasoning },
      }),
    );
    return { name, baseUrl, price: priceOf(price), rows };
  });
}

const taken: ReadonlySet<string> = new Set(["route", "auto", ...providerList.map(({ provider }) => provider)]);

function priceOf(listed: object | undefined): Price | null {
  const known = Object.entries(listed ?? {}).filter(([, value]) => value !== undefined);
  return known.length === 0 ? null : (Object.fromEntries(known) as Price);
}

function accessOf(settings: Settings["providers"][string] | Settings["endpoints"][string]): ProviderAccess {
  const { key, key_variable, keys, base_url, headers, timeouts, on_cancel, billing } = settings;
  const accountId = "account_id" in settings ? settings.account_id : undefined;
  const single = key === undefined && key_variable === undefined ? [] : [{ key, keyVariable: key_variable }];
  return {
    keys: [...single, ...keys.map(({ key_variable: keyVariable, ...one }) => ({ ...one, keyVariable }))],
    baseUrl: base_url,
    accountId,
    headers,
    timeouts: timeouts && {
      connectMs: timeouts.connect_ms,
      firstByteMs: timeouts.first_byte_ms,
      betweenChunksMs: timeouts.between_chunks_ms,
      totalMs: timeouts.total_ms,
    },
    onCancel: on_cancel,
    isByok: billing === "byok",
  };
}

/** How long calls are kept. */
export function retentionOf({ record }: Settings): Retention {
  return {
    resumeMs: record.resume_hours * 3_600_000,
    keepMs: record.keep_days * 86_400_000,
    bytesMax: record.max_mb * 1_048_576,
    keepsOutputs: record.outputs,
  };
}

/** What is recorded of calls; the keys of providers never are. */
export function recordOf(
  { record, providers }: Settings,
  environment: (name: string) => string | undefined,
): RecordOptions {
  const variables = [
    ...providerList.flatMap(({ keyVariables }) => keyVariables),
    ...Object.values(providers).flatMap(({ key_variable, keys }) => [
      key_variable,
      ...keys.map((one) => one.key_variable),
    ]),
  ];
  const given = Object.values(providers).flatMap(({ key, keys }) => [key, ...keys.map((one) => one.key)]);
  const found = [...given, ...variables.map((name) => (name === undefined ? undefined : environment(name)))];
  return { prompts: record.prompts, secrets: found.filter((secret) => secret !== undefined) };
}

export function routesOf(settings: Settings): Route[] {
  return Object.entries(settings.routes).map(([name, { strategy, models }]) => ({
    name,
    strategy,
    models: models.map(({ model, weight, when }) => ({
      model,
      weight,
      when: when && {
        task: when.task,
        inputTokensMin: when.input_tokens_min,
        inputTokensMax: when.input_tokens_max,
        metadata: when.metadata,
        budgetLeftMin: when.budget_left_min === undefined ? undefined : parseUsd(when.budget_left_min),
      },
    })),
  }));
}

export function rateLimitsOf(settings: Settings): RateLimit[] {
  return settings.rate_limits.map(({ key, requests_per_minute, tokens_per_minute, on_limit, ...matched }) => ({
    ...matched,
    key: settings.keys.find(({ id, name }) => id === key || name === key)?.id ?? key,
    requestsPerMinute: requests_per_minute,
    tokensPerMinute: tokens_per_minute,
    onLimit: on_limit,
  }));
}

/** Models and prices of the user's own, as rows of the catalog. */
export function catalogRows(settings: Settings): CatalogRow[] {
  return settings.models.map(({ id, task, context, max_output, ...price }) => ({
    id,
    task: task as CatalogRow["task"],
    input: ["text"],
    context: context ?? null,
    max_output: max_output ?? null,
    price: Object.keys(price).length === 0 ? null : (price as CatalogRow["price"]),
    features: { tools: true, json_schema: null, vision: false, reasoning: false, streaming: true },
    status: "ga",
    source: "settings.json",
  }));
}
