import type { CatalogRow } from "../catalog/row.ts";
import { toModelCard } from "../catalog/row.ts";
import type { Clock } from "../core/clock.ts";
import { providerLimits } from "../core/limits.ts";
import type { ModelCard, ModelFeatures, Price } from "../core/model-card.ts";
import type { Adapter } from "../providers/adapter.ts";
import { customAdapter } from "../providers/custom/index.ts";
import { listModels } from "../providers/custom/probe.ts";
import type { ProviderInfo } from "../providers/registry.ts";
import type { Wire } from "../providers/wire/wire.ts";
import { type Environment, keysOf, type ProviderAccess } from "./provider-access.ts";

/** A server of the user's own that speaks the OpenAI dialect, as the settings say. */
export interface Endpoint {
  readonly name: string;
  readonly baseUrl: string;
  /** What models cost whose own price is not known; `null`: nobody knows, and a call has to say what it may cost. */
  readonly price: Price | null;
  /** The models that the settings list. */
  readonly rows: readonly CatalogRow[];
}

export interface EndpointsOptions {
  readonly endpoints: readonly Endpoint[];
  /** Keys and headers, by the endpoint's name. */
  readonly access: Readonly<Record<string, ProviderAccess>>;
  readonly environment: Environment;
  readonly wire: Wire;
  readonly clock: Clock;
}

export interface Endpoints {
  /** The models that the settings list. */
  readonly rows: readonly CatalogRow[];
  info(name: string): ProviderInfo | undefined;
  adapter(name: string): Adapter | undefined;
  /** A model of an endpoint that nobody listed: whether it is there is for the server to say. */
  cardOf(id: string): ModelCard | undefined;
  /** What the servers say they have, of one or of all, asked at most once a minute. A server that is gone has nothing. */
  listed(name?: string): Promise<readonly CatalogRow[]>;
}

export function openEndpoints({ endpoints, access, environment, wire, clock }: EndpointsOptions): Endpoints {
  const servers = new Map(endpoints.map((endpoint) => [endpoint.name, serverOf(endpoint)]));

  function serverOf(endpoint: Endpoint) {
    const adapter = customAdapter(endpoint);
    const { provider, keyVariables, defaultBaseUrl } = adapter;
    const info: ProviderInfo = { provider, keyVariables, defaultBaseUrl, tasks: ["text", "embedding"] };
    let asked: { readonly atMs: number; readonly rows: Promise<readonly CatalogRow[]> } | undefined;

    async function ask(): Promise<readonly CatalogRow[]> {
      const keys = keysOf(info, access[endpoint.name] ?? {}, environment);
      const [key] = "missing" in keys ? [] : keys;
      if (!key) return [];
      const signal = AbortSignal.timeout(2 * providerLimits.probeMsMax);
      const listed = await listModels(wire, signal, adapter, key.credentials).catch((error: unknown) => {
        if (signal.aborted) return undefined;
        throw error;
      });
      return (listed ?? []).slice(0, providerLimits.endpointModelsMax).map(({ id, context, maxOutput }) =>
        endpointRow(endpoint.name, id, {
          context,
          maxOutput,
          price: endpoint.price,
          source: endpoint.price === null ? "the server's own list, which has no prices" : "settings.json",
        }),
      );
    }

    return {
      endpoint,
      adapter,
      info,
      listed() {
        const nowMs = clock.monotonicMs();
        if (!asked || nowMs - asked.atMs > providerLimits.modelListMsMax) asked = { atMs: nowMs, rows: ask() };
        return asked.rows;
      },
    };
  }

  return {
    rows: endpoints.flatMap(({ rows }) => rows),
    info: (name) => servers.get(name)?.info,
    adapter: (name) => servers.get(name)?.adapter,
    cardOf(id) {
      const slash = id.indexOf("/");
      const endpoint = servers.get(id.slice(0, Math.max(0, slash)))?.endpoint;
      const native = id.slice(slash + 1);
      if (!endpoint || native === "") return undefined;
      const source = endpoint.price === null ? "nobody said" : "settings.json";
      return toModelCard(endpointRow(endpoint.name, native, { price: endpoint.price, source }), "");
    },
    async listed(name) {
      const asked = name === undefined ? [...servers.values()] : [servers.get(name)].filter((one) => one !== undefined);
      return (await Promise.all(asked.map((server) => server.listed()))).flat();
    },
  };
}

interface EndpointModelFacts {
  readonly task?: "text" | "embedding" | undefined;
  readonly context?: number | undefined;
  readonly maxOutput?: number | undefined;
  readonly price: Price | null;
  readonly source: string;
  readonly features?: Pick<ModelFeatures, "tools" | "vision" | "reasoning"> | undefined;
}

/** A model of an endpoint as the catalog has models. What nobody says of it, it is taken to be able to. */
export function endpointRow(name: string, nativeId: string, facts: EndpointModelFacts): CatalogRow {
  const { task = "text", context = null, maxOutput = null, price, source } = facts;
  const { tools, vision, reasoning } = facts.features ?? { tools: true, vision: true, reasoning: false };
  return {
    id: `${name}/${nativeId}`,
    task,
    input: vision && task === "text" ? ["text", "image"] : ["text"],
    context,
    max_output: maxOutput,
    price,
    features: { tools: tools && task === "text", json_schema: null, vision, reasoning, streaming: true },
    status: "ga",
    source,
  };
}
