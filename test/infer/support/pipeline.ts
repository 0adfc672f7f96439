import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { settingsSchema } from "../../../src/config/settings.ts";
import { type Caller, localCaller } from "../../../src/core/caller.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { formatUsd } from "../../../src/core/money.ts";
import type { Gateway } from "../../../src/gateway.ts";
import type { Generation } from "../../../src/infer/generation.ts";
import type { InferArgs } from "../../../src/infer/request.ts";
import type { InferResult } from "../../../src/infer/result.ts";
import { openGateway } from "../../../src/open-gateway.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../../src/simulator/simulator.ts";
import { datedClock } from "../../support/dated-clock.ts";
import { fastClock } from "./fast-clock.ts";

export { fastClock };

export const models = {
  openai: "openai/gpt-4.1-mini",
  anthropic: "anthropic/claude-haiku-4-5",
  google: "google/gemini-2.5-flash",
} as const;

const providers = ["openai", "anthropic", "google"] as const;

export interface Pipeline {
  readonly simulator: Simulator;
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly home: string;
  /** Calls a model and gives the result of its generation, also of one that failed. */
  ask(args: Partial<InferArgs>, caller?: Caller, signal?: AbortSignal): Promise<InferResult>;
  start(args: Partial<InferArgs>, caller?: Caller, signal?: AbortSignal): Promise<Generation>;
  /** What the pool says is held and spent. */
  money(): Promise<{ held: string; spent: string }>;
  /** Another gateway over the same data directory and simulator. */
  reopen(): Promise<Pipeline>;
}

export interface PipelineOptions {
  readonly settings?: Record<string, unknown>;
  /** Changes what the settings say of each provider. */
  readonly providers?: Partial<Record<(typeof providers)[number], Record<string, unknown>>>;
  readonly simulator?: SimulatorOptions;
  readonly clock?: Clock;
}

/** The whole pipeline with simulated providers, in this process; closed after the test. */
export async function openPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const simulator = await startSimulator({ clock: datedClock, ...options.simulator });
  const home = await mkdtemp(join(tmpdir(), "switchyard-infer-"));
  onTestFinished(async () => {
    await simulator.close();
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  });
  return open(simulator, home, options);
}

async function open(simulator: Simulator, home: string, options: PipelineOptions): Promise<Pipeline> {
  const clock = options.clock ?? datedClock;
  const access = providers.map((name) => {
    const own = { key: simulator.apiKey(name), ...options.providers?.[name] };
    return [name, { base_url: simulator.baseUrl(name), ...own }];
  });
  const gateway = await openGateway({
    dataDirectory: home,
    settings: settingsSchema.parse({ providers: Object.fromEntries(access), ...options.settings }),
    tools: [],
    environment: () => undefined,
    clock,
  });
  onTestFinished(() => gateway.close());
  const start: Pipeline["start"] = (args, caller = localCaller, signal) =>
    gateway.infer.start({ model: models.openai, ...(args.messages ? {} : { prompt: "Hello" }), ...args }, caller, {
      signal,
    });
  return {
    simulator,
    gateway,
    clock,
    home,
    start,
    ask: async (args, caller, signal) => (await start(args, caller, signal)).done,
    async money() {
      const { held, spent } = await gateway.credits.balance(localCaller);
      return { held: formatUsd(held), spent: formatUsd(spent) };
    },
    reopen: () => open(simulator, home, options),
  };
}

/** What each attempt was, in short: `openai/gpt-4.1-mini failed`. */
export function tried(result: InferResult): string[] {
  return result.attempts.map(({ model, key, outcome }) => `${model}${key === undefined ? "" : ` ${key}`} ${outcome}`);
}
