import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsSchema } from "../../../src/config/settings.ts";
import { allRights, type Caller, localCaller } from "../../../src/core/caller.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { formatUsd } from "../../../src/core/money.ts";
import type { Gateway } from "../../../src/gateway.ts";
import { openGateway } from "../../../src/open-gateway.ts";
import { type HttpServer, openHttpServer } from "../../../src/serve/http.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/simulator.ts";
import { tools } from "../../../tools/index.ts";
import { datedClock } from "../../support/dated-clock.ts";

/** The real gateway over simulated providers, served over HTTP. */
export interface ApiWorld extends AsyncDisposable {
  readonly url: string;
  readonly simulator: Simulator;
  readonly gateway: Gateway;
  readonly server: HttpServer;
  readonly logged: string[];
  /** What the local pool has spent, in US dollars. */
  spent(): Promise<string>;
}

/** Keys the world lets in, and whose they are. */
export const callers: Readonly<Record<string, Caller>> = {
  "key-all": { workspace: "default", key: "key_all", rights: allRights },
  "key-other": { workspace: "other", key: "key_other", rights: allRights },
  "key-openai": { workspace: "default", key: "key_openai", rights: { ...allRights, models: ["openai/*"] } },
};

export async function openApiWorld(
  settings: Record<string, unknown> = {},
  clock: Clock = datedClock,
): Promise<ApiWorld> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "switchyard-api-"));
  const simulator = await startSimulator();
  const providers = Object.fromEntries(
    (["openai", "anthropic", "google"] as const).map((name) => [
      name,
      { key: simulator.apiKey(name), base_url: simulator.baseUrl(name) },
    ]),
  );
  const gateway = await openGateway({
    dataDirectory,
    settings: settingsSchema.parse({ providers, ...settings }),
    tools,
    environment: () => undefined,
    clock: datedClock,
  });
  const logged: string[] = [];
  const server = await openHttpServer({
    tools,
    gateway: async () => gateway,
    toolNames: "underscore",
    version: "0.0.0-test",
    instructions: "Test.",
    log: (line) => logged.push(line),
    host: "127.0.0.1",
    port: 0,
    clock,
    authenticate: async (header) => callers[header?.replace("Bearer ", "") ?? ""],
  });
  return {
    url: server.url,
    simulator,
    gateway,
    server,
    logged,
    spent: async () => formatUsd((await gateway.credits.balance(localCaller)).spent),
    async [Symbol.asyncDispose]() {
      await server.close();
      await gateway.close();
      await simulator.close();
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
