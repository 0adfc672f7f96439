import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProviderName } from "../../simulator/provider.ts";
import { type Simulator, startSimulator } from "../../simulator/simulator.ts";
import { artifactSteps, gitOverHttpSteps } from "./artifact-steps.ts";
import { spawnHttp, spawnStdio } from "./host.ts";
import { Stage } from "./stage.ts";
import { failoverSteps, inferSteps, memorySteps, sandboxSteps } from "./steps.ts";
import { tour } from "./tour.data.ts";
import { tourSteps } from "./tour-steps.ts";

const simulated = Object.keys(tour) as ProviderName[];
/** Enough for every provider's worst case at the same time. */
const initialGrant = "25";

/**
 * `switchyard demo`: starts simulated providers on this machine, starts the real server as a host would, and drives it
 * with a real MCP client over stdio and then over HTTP. Exits non-zero when a step does not do what it says.
 */
export async function demo(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "switchyard-demo-"));
  const simulator = await startSimulator();
  const stage = new Stage((line) => console.log(line));
  try {
    await writeSettings(home, simulator);
    console.log(
      "Switchyard demo. The providers are SIMULATED on this machine: no key, no network, no money. All else is real.",
    );

    stage.chapter("Over stdio, as Claude or an IDE spawns it");
    let host = await spawnStdio(home);
    await tourSteps(stage, host, simulator);
    await inferSteps(stage, host);
    await failoverSteps(stage, host, simulator);
    const remembered = await memorySteps.remember(stage, host);
    await host.close();
    host = await spawnStdio(home);
    await memorySteps.recall(stage, host, remembered);
    await sandboxSteps(stage, host, simulator);
    await artifactSteps(stage, host, home);
    await host.close();

    stage.chapter("The same tools over HTTP");
    const remote = await spawnHttp(home);
    await inferSteps(stage, remote);
    await memorySteps.recall(stage, remote, remembered);
    await gitOverHttpSteps(stage, remote, home);
    await remote.close();
  } finally {
    await simulator.close();
    await rm(home, { recursive: true, force: true });
  }
  stage.summary();
  if (stage.failures > 0) process.exitCode = 1;
}

/** Cloudflare's address names an account. */
function baseUrlOf(provider: ProviderName, simulator: Simulator): string {
  const url = simulator.baseUrl(provider);
  return provider === "workers-ai" ? `${url.replace(/\/accounts\/.*$/, "")}/accounts/simulated/ai` : url;
}

/** A data directory whose providers are the simulators. Their keys are made up and work nowhere else. */
async function writeSettings(home: string, simulator: Simulator): Promise<void> {
  const providers = Object.fromEntries(
    simulated.map((provider) => [
      provider,
      { key: simulator.apiKey(provider), base_url: baseUrlOf(provider, simulator) },
    ]),
  );
  const settings = { initial_grant: initialGrant, providers };
  await writeFile(join(home, "settings.json"), `${JSON.stringify(settings, null, 2)}\n`);
}
