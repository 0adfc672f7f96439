import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Settings } from "../config/settings.ts";
import { localCaller } from "../core/caller.ts";
import { systemClock } from "../core/clock.ts";
import { formatErrorLine, SwitchyardError, toErrorFacts } from "../core/errors.ts";
import { formatUsd } from "../core/money.ts";
import { auditLedger } from "../credits/audit.ts";
import { fillBaseUrl, providerList } from "../providers/registry.ts";
import { openContext } from "./context.ts";
import { hostConfigs } from "./host-configs.ts";
import { version } from "./version.ts";
import { ledgerPath } from "./with-ledger.ts";

/** `switchyard doctor`: what is configured, what is missing, and what each host's config file should contain. */
export async function doctor(): Promise<void> {
  const context = openContext();
  const { environment, settingsFile } = context;
  let isWell = true;
  const problem = (error: unknown) => {
    isWell = false;
    console.log(`  ✗ ${formatErrorLine(toErrorFacts(error))}`);
  };

  console.log(`Switchyard ${version} on Node ${process.versions.node}, SQLite ${process.versions.sqlite}`);
  console.log(`\nData: ${environment.dataDirectory}${existsSync(environment.dataDirectory) ? "" : " (not made yet)"}`);
  console.log(`Settings: ${settingsFile.path}${existsSync(settingsFile.path) ? "" : " (none; defaults are used)"}`);
  try {
    const settings = await context.settings();
    console.log("\nProviders:");
    for (const { provider, keyVariables, defaultBaseUrl } of providerList) {
      const access = settings.providers[provider];
      const sources = keySources(access, keyVariables, environment.get);
      const filled = fillBaseUrl(
        access?.base_url ?? defaultBaseUrl,
        (name) => access?.account_id ?? environment.get(name),
      );
      const missing = [sources.length === 0 ? keyVariables[0] : [], "missing" in filled ? filled.missing : []].flat();
      console.log(
        missing.length === 0
          ? `  ✓ ${provider} (${sources.join(", ")}${access?.billing === "byok" ? ", billed to its owner" : ""}${access?.base_url ? `, at ${access.base_url}` : ""})`
          : `  - ${provider}: no ${sources.length === 0 ? "key" : "account"}. Set ${missing.join(" and ")}`,
      );
    }
    for (const [name, { base_url }] of Object.entries(settings.endpoints)) {
      console.log(`  ✓ ${name} (endpoint), at ${base_url}`);
    }
    console.log("\nCredits:");
    const gateway = await context.gateway();
    const balance = await gateway.credits.balance(localCaller);
    console.log(
      `  $${formatUsd(balance.available)} available, $${formatUsd(balance.held)} held, $${formatUsd(balance.spent)} spent. Add with: switchyard credits grant 25`,
    );
    const audit = auditLedger(ledgerPath(environment.dataDirectory), systemClock);
    console.log(
      `  ${audit.entries} entries replayed: ${audit.ok ? "every balance is as they say" : "balances differ"}`,
    );
    for (const { what, expected } of audit.problems) problem(ledgerProblem(what, expected));
    for (const note of audit.notes) console.log(`  - ${note}`);
  } catch (error) {
    problem(error);
  }
  await context.close();

  console.log("\nHosts:");
  for (const { host, file, text } of hostConfigs(commandOf()))
    console.log(`\n  ${host}: ${file}\n${text.replaceAll(/^/gm, "    ")}`);
  if (!isWell) process.exitCode = 1;
}

function ledgerProblem(what: string, expected: string): SwitchyardError {
  return new SwitchyardError("internal", `${what}, and should be ${expected}`, {
    next: "Stop every server, keep a copy of ledger.db, and restore it from a backup or report this",
  });
}

/** How a host starts this very installation. */
function commandOf(): { command: string; args: string[] } {
  const main = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./cli.js", import.meta.url));
  return { command: process.execPath, args: [main, "stdio"] };
}

interface KeySource {
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  readonly key_variable?: string | undefined;
}

/** Where a provider's keys come from, in words; those whose variable is not set are not there. */
function keySources(
  access: Settings["providers"][string] | undefined,
  keyVariables: readonly string[],
  get: (name: string) => string | undefined,
): string[] {
  const single: KeySource[] = access?.key || access?.key_variable ? [access] : [];
  const configured: KeySource[] = [...single, ...(access?.keys ?? [])];
  const usual: KeySource = { key_variable: keyVariables.find((name) => get(name) !== undefined) };
  return (configured.length > 0 ? configured : [usual]).flatMap(({ name, key, key_variable: variable }) => {
    const called = name === undefined ? "" : ` "${name}"`;
    if (key !== undefined) return [`key${called} from settings.json`];
    return variable !== undefined && get(variable) !== undefined ? [`key${called} from ${variable}`] : [];
  });
}
