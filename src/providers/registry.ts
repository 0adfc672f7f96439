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
    tasks: ["text", "embedding", "image", "speech", "transcription", "moderation"],
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
    tasks: ["text", "embedding", "image", "video", "speech", "transcription", "music"],
    load: async () => (await import("./google/index.ts")).google,
  },
  {
    provider: "groq",
    keyVariables: ["GROQ_API_KEY"],
    defaultBaseUrl: "https://api.groq.com/openai/v1",
    tasks: ["text", "speech", "transcription", "moderation"],
    load: async () => (await import("./groq/index.ts")).groq,
  },
  {
    provider: "xai",
    keyVariables: ["XAI_API_KEY"],
    defaultBaseUrl: "https://api.x.ai/v1",
    tasks: ["text", "image", "video", "speech", "transcription"],
    load: async () => (await import("./xai/index.ts")).xai,
  },
  {
    provider: "alibaba",
    keyVariables: ["DASHSCOPE_API_KEY", "ALIBABA_API_KEY"],
    defaultBaseUrl: "https://dashscope-intl.aliyuncs.com",
    tasks: ["text", "embedding", "rerank", "image", "video", "speech", "transcription"],
    load: async () => (await import("./alibaba/index.ts")).alibaba,
  },
  {
    provider: "bytedance",
    keyVariables: ["ARK_API_KEY"],
    defaultBaseUrl: "https://ark.ap-southeast.bytepluses.com/api/v3",
    tasks: ["text", "embedding", "image", "video"],
    load: async () => (await import("./bytedance/index.ts")).bytedance,
  },
  {
    provider: "runway",
    keyVariables: ["RUNWAYML_API_SECRET", "RUNWAY_API_KEY"],
    defaultBaseUrl: "https://api.dev.runwayml.com",
    tasks: ["image", "video", "speech"],
    load: async () => (await import("./runway/index.ts")).runway,
  },
  {
    provider: "vidu",
    keyVariables: ["VIDU_API_KEY"],
    defaultBaseUrl: "https://api.vidu.com/ent/v2",
    tasks: ["image", "video"],
    load: async () => (await import("./vidu/index.ts")).vidu,
  },
  {
    provider: "minimax",
    keyVariables: ["MINIMAX_API_KEY"],
    defaultBaseUrl: "https://api.minimax.io",
    tasks: ["text", "image", "video", "speech", "transcription", "music"],
    load: async () => (await import("./minimax/index.ts")).minimax,
  },
  {
    provider: "assemblyai",
    keyVariables: ["ASSEMBLYAI_API_KEY"],
    defaultBaseUrl: "https://api.assemblyai.com",
    tasks: ["transcription"],
    load: async () => (await import("./assemblyai/index.ts")).assemblyai,
  },
  {
    provider: "inworld",
    keyVariables: ["INWORLD_API_KEY"],
    defaultBaseUrl: "https://api.inworld.ai",
    tasks: ["speech", "transcription"],
    load: async () => (await import("./inworld/index.ts")).inworld,
  },
  {
    provider: "recraft",
    keyVariables: ["RECRAFT_API_TOKEN", "RECRAFT_API_KEY"],
    defaultBaseUrl: "https://external.api.recraft.ai/v1",
    tasks: ["image"],
    load: async () => (await import("./recraft/index.ts")).recraft,
  },
  {
    provider: "pixverse",
    keyVariables: ["PIXVERSE_API_KEY"],
    defaultBaseUrl: "https://app-api.pixverse.ai",
    tasks: ["video"],
    load: async () => (await import("./pixverse/index.ts")).pixverse,
  },
  {
    provider: "workers-ai",
    keyVariables: ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY"],
    defaultBaseUrl: "https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai",
    tasks: ["text", "embedding", "image", "speech", "transcription", "moderation", "rerank", "classification"],
    load: async () => (await import("./workers-ai/index.ts")).workersAi,
  },
];

export const providerList: readonly ProviderInfo[] = entries.map(({ load: _, ...info }) => info);

const loading = new Map<string, Promise<Adapter>>();

/** The adapter of a provider, loaded once; undefined when there is none of that name. */
export async function loadAdapter(provider: string): Promise<Adapter | undefined> {
  const known = loading.get(provider);
  if (known) return known;
  const adapter = entries.find((entry) => entry.provider === provider)?.load();
  if (!adapter) return undefined;
  loading.set(provider, adapter);
  // A file that could not be read now may be read at the next call.
  adapter.catch(() => loading.delete(provider));
  return adapter;
}

/**
 * Fills in what is in braces in a base URL from the environment variable of that name.
 * @returns the URL, or the name of the first variable that is not set.
 */
export function fillBaseUrl(
  baseUrl: string,
  environment: (name: string) => string | undefined,
): { readonly baseUrl: string } | { readonly missing: string } {
  let missing: string | undefined;
  const filled = baseUrl.replace(/\{([A-Z0-9_]+)\}/g, (whole, name: string) => {
    const value = environment(name);
    if (value === undefined) missing ??= name;
    return value === undefined ? whole : encodeURIComponent(value);
  });
  return missing === undefined ? { baseUrl: filled } : { missing };
}
