import { afterAll, afterEach, beforeAll } from "vitest";
import type { ProviderName } from "../../../src/simulator/provider.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../../src/simulator/simulator.ts";

/** One simulator for a test file, with faults, latency and book cleared after each test. */
export function useSimulator(options: SimulatorOptions = {}): () => Simulator {
  let simulator: Simulator | undefined;
  beforeAll(async () => {
    simulator = await startSimulator(options);
  });
  afterEach(async () => {
    await simulator?.book.idle();
    simulator?.faults.clear();
    simulator?.latency.clear();
    simulator?.book.clear();
  });
  afterAll(() => simulator?.close());
  return () => {
    if (!simulator) throw new Error("the simulator runs only within tests");
    return simulator;
  };
}

const keyHeaders: Partial<Record<ProviderName, (key: string) => Record<string, string>>> = {
  anthropic: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
  google: (key) => ({ "x-goog-api-key": key }),
  assemblyai: (key) => ({ authorization: key }),
  inworld: (key) => ({ authorization: `Basic ${key}` }),
  pixverse: (key) => ({ "api-key": key, "ai-trace-id": crypto.randomUUID() }),
  runway: (key) => ({ authorization: `Bearer ${key}`, "x-runway-version": "2024-11-06" }),
  vidu: (key) => ({ authorization: `Token ${key}` }),
};

/** The headers that let a raw request in. */
export function headersFor(simulator: Simulator, provider: ProviderName): Record<string, string> {
  const key = simulator.apiKey(provider);
  const make = keyHeaders[provider] ?? ((bearer: string) => ({ authorization: `Bearer ${bearer}` }));
  return { "content-type": "application/json", ...make(key) };
}

/** Posts a JSON body, or text as it is. */
export function post(
  simulator: Simulator,
  provider: ProviderName,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${simulator.baseUrl(provider)}${path}`, {
    method: "POST",
    headers: { ...headersFor(simulator, provider), ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}
