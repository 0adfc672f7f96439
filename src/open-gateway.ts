import { join } from "node:path";
import { artifactOptions, logLine } from "./artifact-options.ts";
import { openArtifacts } from "./artifacts/artifacts.ts";
import { openCatalog } from "./catalog/catalog.ts";
import { shippedRows } from "./catalog/shipped.ts";
import type { Settings } from "./config/settings.ts";
import { telemetryConfig } from "./config/telemetry.ts";
import { type Clock, isoTime, type Rng, systemClock, systemRng } from "./core/clock.ts";
import { newId } from "./core/ids.ts";
import { parseUsd } from "./core/money.ts";
import { openLedger } from "./credits/ledger.ts";
import { openMediaFetch } from "./fetch-media.ts";
import type { Gateway } from "./gateway.ts";
import { Health } from "./infer/attempts/health.ts";
import { RetryBudgets } from "./infer/attempts/retry-budget.ts";
import { openAnswerCache } from "./infer/cache/answer-cache.ts";
import { costOfLost } from "./infer/cost-of-lost.ts";
import { openEndpoints } from "./infer/endpoints.ts";
import { openGenerationStore } from "./infer/generation-store.ts";
import { openInfer } from "./infer/infer.ts";
import { openModels } from "./infer/models.ts";
import { RateGate } from "./infer/rates/rate-gate.ts";
import { SharedCounts } from "./infer/rates/shared-counts.ts";
import { openResolver } from "./infer/resolve.ts";
import {
  catalogRows,
  endpointsOf,
  providerAccess,
  rateLimitsOf,
  recordOf,
  retentionOf,
  routesOf,
} from "./infer-settings.ts";
import { openKeeperClient } from "./keeper/keeper-client.ts";
import { mediaSources } from "./media-sources.ts";
import { openMemory } from "./memory/memory.ts";
import { memoryModels } from "./memory-models.ts";
import { openWire } from "./providers/wire/wire.ts";
import { openSandbox } from "./sandbox/sandbox.ts";
import { openUpstreams } from "./sandbox/upstreams/open-upstreams.ts";
import { sandboxHost } from "./sandbox-host.ts";
import { sandboxOptions, upstreamConfigs } from "./sandbox-options.ts";
import { openBlobs } from "./store/blobs.ts";
import type { Tool } from "./tool.ts";

export interface GatewayOptions {
  readonly dataDirectory: string;
  readonly settings: Settings;
  /** The tools, which code in the sandbox calls too. */
  readonly tools: readonly Tool[];
  /** Looks up an environment variable: provider keys are read here and nowhere else. */
  readonly environment: (name: string) => string | undefined;
  /** Starts a process that runs calls which outlive this one, as `keeper.runs` says. Absent: all run here. */
  readonly spawnKeeper?: () => void;
  /** Where this process serves HTTP, once it does. */
  readonly serverUrl?: (() => string | undefined) | undefined;
  /** Takes lines for the log. */
  readonly log?: ((line: string) => void) | undefined;
  readonly clock?: Clock;
  readonly rng?: Rng;
}

/** Opens every room over one data directory. Several processes may have the same one open. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { dataDirectory, settings, tools, environment, clock = systemClock, rng = systemRng } = options;
  const today = isoTime(clock.now()).slice(0, 10);
  const catalog = openCatalog([...(await shippedRows()), ...catalogRows(settings)], today);
  const providers = providerAccess(settings);
  const wire = openWire();
  const endpoints = openEndpoints({ endpoints: endpointsOf(settings), access: providers, environment, wire, clock });
  catalog.add(endpoints.rows);
  const resolver = openResolver({ catalog, environment, providers, endpoints });
  const routes = routesOf(settings);
  const store = openGenerationStore({ path: join(dataDirectory, "generations.db"), clock, rng });
  const credits = openLedger({
    path: join(dataDirectory, "ledger.db"),
    clock,
    rng,
    initialGrant: parseUsd(settings.initial_grant),
    lookUpCost: costOfLost(store, resolver),
    log: options.log,
  });
  const blobs = openBlobs(join(dataDirectory, "blobs"));
  const artifacts = openArtifacts({
    directory: join(dataDirectory, "artifacts"),
    clock,
    rng,
    allowedDirectories: settings.checkout_directories,
    readBlob: (handle, workspace) => blobs.get(workspace, handle),
    ...artifactOptions(settings.artifacts, credits, options.serverUrl),
  });
  artifacts.onChange((event) => options.log?.(logLine(event)));
  await credits.admin.declareBudgets(
    settings.budgets.map(({ scope, window, limit, ...filter }) => ({ scope, window, filter, limit: parseUsd(limit) })),
  );
  const telemetry = await openTelemetryIfConfigured(options, clock, rng);
  const { spawnKeeper } = options;
  const { runs } = settings.keeper;
  const keeper =
    spawnKeeper && runs !== "none" ? openKeeperClient({ dataDirectory, clock, runs, spawn: spawnKeeper }) : undefined;
  const rateLimits = rateLimitsOf(settings);
  const ratesPath = join(dataDirectory, "rates.db");
  const sharedCounts =
    rateLimits.length === 0 ? undefined : new SharedCounts({ path: ratesPath, clock, rng, log: options.log });
  const rates = new RateGate(rateLimits, clock, sharedCounts);
  const infer = openInfer({
    resolver,
    ledger: credits,
    wire,
    store,
    keeper,
    routes,
    blobs,
    sources: mediaSources(blobs, artifacts, openMediaFetch({ privateHosts: settings.media.private_hosts })),
    health: new Health(clock),
    retries: new RetryBudgets(clock),
    rates,
    retention: retentionOf(settings),
    record: recordOf(settings, environment),
    telemetry,
    cache: openAnswerCache({ path: join(dataDirectory, "cache.db"), clock, rng }),
    clock,
    rng,
  });
  const memory = openMemory({
    directory: join(dataDirectory, "memory"),
    clock,
    rng,
    ...memoryModels(infer, settings.memory),
  });
  const upstreams = openUpstreams({
    servers: upstreamConfigs(settings.sandbox, environment),
    clock,
    log: options.log,
  });
  const sandbox = openSandbox({
    clock,
    rng,
    runsDirectory: join(dataDirectory, "runs"),
    upstreams,
    ...sandboxOptions(settings.sandbox, environment),
  });
  const cpuPrice = parseUsd(settings.sandbox.price_per_cpu_second);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    // Runs first: they call the others. The ledger last: everything settles into it.
    await sandbox.close();
    await infer.close();
    rates.close();
    await Promise.all([memory.close(), artifacts.close(), wire.close(), upstreams.close()]);
    await Promise.all([credits.close(), telemetry?.close()]);
  }

  const gateway: Gateway = {
    infer,
    models: openModels(catalog, resolver, routes, endpoints),
    credits,
    memory,
    artifacts,
    readBlob: (handle, caller) => blobs.get(caller.workspace, handle),
    sandbox: {
      exec: (args, caller, call) =>
        sandbox.exec(args, sandboxHost(gateway, tools, args, caller, newId("run", rng), cpuPrice), caller, call),
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
  return gateway;
}

/** Telemetry, whose code is loaded only where it is sent somewhere. */
async function openTelemetryIfConfigured(
  { settings, environment, log = () => undefined }: GatewayOptions,
  clock: Clock,
  rng: Rng,
) {
  const config = telemetryConfig(settings, environment);
  if (!config) return undefined;
  const { openTelemetry } = await import("./telemetry/telemetry.ts");
  return openTelemetry({ ...config, clock, rng, log });
}
