import type { ArtifactOptions } from "./artifacts/artifacts.ts";
import type { ArtifactEvent } from "./artifacts/events.ts";
import { compileGlob } from "./artifacts/glob.ts";
import type { StorageMeter } from "./artifacts/storage-meter.ts";
import type { Settings } from "./config/settings.ts";
import { allRights } from "./core/caller.ts";
import { artifactLimits } from "./core/limits.ts";
import { parseUsd } from "./core/money.ts";
import type { Ledger } from "./credits/ledger.ts";
import { metered } from "./credits/metered.ts";

type FromSettings = Pick<ArtifactOptions, "remote" | "pushPolicies" | "quotaOf" | "importRules" | "meter">;

/**
 * What settings say of the artifacts: where they are cloned from, and what pushes, imports and sizes must keep to.
 * @param serverUrl where this process serves HTTP, without a trailing slash.
 */
export function artifactOptions(
  settings: Settings["artifacts"],
  ledger: Ledger,
  serverUrl: () => string | undefined = () => undefined,
): FromSettings {
  const { public_url, push_policies, repository_bytes_max, quotas, imports, price_per_gb } = settings;
  const bounds = quotas.map(({ repo, bytes_max }) => ({ matches: compileGlob(repo), bytes_max }));
  return {
    remote(workspace, repo) {
      const url = public_url ?? serverUrl();
      return url === undefined ? undefined : `${url.replace(/\/+$/, "")}/git/${workspace}/${repo}.git`;
    },
    pushPolicies: push_policies,
    quotaOf(repo) {
      const bound = bounds.find(({ matches }) => matches(repo))?.bytes_max ?? repository_bytes_max;
      return bound ?? artifactLimits.repositoryBytesMaxDefault;
    },
    importRules: { allowHttp: imports.http, allowPrivateAddresses: imports.private_addresses },
    meter: ledgerMeter(ledger, parseUsd(price_per_gb, "price_per_gb")),
  };
}

const bytesPerGb = 1_000_000_000n;

/** Charges the pool for what is written, rounded up. */
function ledgerMeter(ledger: Ledger, pricePerGb: bigint): StorageMeter {
  const cost = (bytes: number) => (BigInt(bytes) * pricePerGb + bytesPerGb - 1n) / bytesPerGb;
  return {
    store: ({ workspace, key }, repo, bytesMax, write) =>
      metered(ledger, {
        caller: { workspace, key, rights: allRights },
        charge: { tool: "artifact.storage", metadata: { repo } },
        worst: cost(bytesMax),
        leaseMs: artifactLimits.storageLeaseMs,
        run: write,
        costOf: cost,
      }),
  };
}

/** A change of a repository as a line for the log. */
export function logLine({ kind, workspace, repo, ref, from, to, by }: ArtifactEvent): string {
  const moved = `${from?.slice(0, 10) ?? "nothing"}..${to?.slice(0, 10) ?? "nothing"}`;
  return `artifacts: ${kind} ${workspace}/${repo} ${ref ?? "all references"} ${moved} by ${by ?? "the local user"}`;
}
