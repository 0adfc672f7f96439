import type { Task } from "../core/task.ts";
import type { Adapter } from "./adapter.ts";

/** What is known of a provider before its adapter is loaded. */
export interface ProviderInfo {
  readonly provider: string;
  /** Environment variables that may hold the key, in order of preference. */
  readonly keyVariables: readonly string[];
  /** Without a trailing slash. `{…}` stands for a setting that the URL needs. */
  readonly defaultBaseUrl: string;
  /** Tasks that the adapter can do. */
  readonly tasks: readonly Task[];
}

interface Entry extends ProviderInfo {
  load(): Promise<Adapter>;
}

/** Adapters are loaded when first used: a server that calls one provider does not pay for the others at its start. */
const entries: readonly Entry[] = [
  {
    provider: "openai",
    keyVariables: ["OPENAI_API_KEY"],
    defaultBaseUrl: "https://api.openai.com/v1",
    tasks: ["text"],
    load: async () => (await import("./openai/index.ts")).openai,
  },
  {
    provider: "anthropic",
    keyVariables: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"],
    defaultBaseUrl: "https://api.anthropic.com",
    tasks: ["text"],
    load: async () => (await import("./anthropic/index.ts")).anthropic,
  },
  {
    provider: "google",
    keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"],
    defaultBaseUrl: "https://generativelanguage.googleapis.com/v1beta",
    tasks: ["text"],
    load: async () => (await import("./google/index.ts")).google,
  },
];

export const providerList: readonly ProviderInfo[] = entries.map(({ load: _, ...info }) => info);

/** The adapter of a provider, loaded once; undefined when there is none of that name. */
export async function loadAdapter(provider: string): Promise<Adapter | undefined> {
  return entries.find((entry) => entry.provider === provider)?.load();
}
