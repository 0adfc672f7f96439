import { SwitchyardError } from "../core/errors.ts";
import { localServers, probeServers } from "../providers/custom/probe.ts";
import { openWire } from "../providers/wire/wire.ts";
import { openContext } from "./context.ts";

const modelsShown = 5;

/**
 * `switchyard models --probe`: which model servers are on this machine, or at the addresses given, and what to write
 * into settings.json to call them.
 */
export async function probe(addresses: string | true): Promise<void> {
  const context = openContext();
  const settings = await context.settings();
  const wire = openWire();
  const servers = addresses === true ? localServers : serversAt(addresses);
  const found = await probeServers(wire, AbortSignal.timeout(10_000), servers);
  await wire.close();
  if (found.length === 0) {
    console.log(`No model server at ${servers.map(({ baseUrl }) => baseUrl).join(", ")}.`);
    console.log("At another address: switchyard models --probe http://host:port/v1");
    return;
  }
  const known = new Map(Object.entries(settings.endpoints).map(([name, { base_url }]) => [trimmed(base_url), name]));
  const fresh = found.filter(({ baseUrl }) => !known.has(baseUrl));
  for (const { name, baseUrl, models } of found) {
    const ids = models.slice(0, modelsShown).map(({ id }) => `${known.get(baseUrl) ?? name}/${id}`);
    const more = models.length - ids.length;
    const list = models.length === 0 ? "no models" : `${ids.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
    console.log(`✓ ${name} at ${baseUrl}${known.has(baseUrl) ? " (in settings.json)" : ""}: ${list}`);
  }
  if (fresh.length === 0) return;
  const endpoints = Object.fromEntries(
    fresh.map(({ name, baseUrl }) => [name, { base_url: baseUrl, price: { input_per_mtok: 0, output_per_mtok: 0 } }]),
  );
  console.log(`\nTo call ${fresh.length === 1 ? "it" : "them"}, add to ${context.settingsFile.path}:\n`);
  console.log(JSON.stringify({ endpoints }, null, 2).replaceAll(/^/gm, "  "));
  console.log("\nA price of 0 says that its models are free; without one, a call has to give max_cost.");
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, "");
}

function serversAt(addresses: string) {
  return addresses.split(",").map((address, at) => {
    const baseUrl = trimmed(address.trim());
    if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
      throw new SwitchyardError("invalid_request", `${JSON.stringify(address)} is no address of a server`, {
        next: "Give it up to and with its version, such as http://127.0.0.1:11434/v1",
      });
    }
    const usual = localServers.find((server) => server.baseUrl === baseUrl);
    return { name: usual?.name ?? (at === 0 ? "mine" : `mine${at + 1}`), baseUrl };
  });
}
