import { providerLimits } from "../../core/limits.ts";
import type { Adapter, Credentials } from "../adapter.ts";
import type { ListedModel } from "../shapes/listed-model.ts";
import { readBytes } from "../wire/read.ts";
import type { Wire } from "../wire/wire.ts";
import { WireError } from "../wire/wire-error.ts";
import { customAdapter } from "./index.ts";

/** Where the usual local servers listen. */
export const localServers = [
  { name: "ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  { name: "lmstudio", baseUrl: "http://127.0.0.1:1234/v1" },
  { name: "llamacpp", baseUrl: "http://127.0.0.1:8080/v1" },
  { name: "vllm", baseUrl: "http://127.0.0.1:8000/v1" },
] as const;

export interface FoundServer {
  readonly name: string;
  readonly baseUrl: string;
  readonly models: readonly ListedModel[];
}

/** Those of the servers that answer with a list of models. One that is not there is left out; nothing is thrown for it. */
export async function probeServers(
  wire: Wire,
  signal: AbortSignal,
  servers: readonly { readonly name: string; readonly baseUrl: string }[] = localServers,
): Promise<FoundServer[]> {
  const found = await Promise.all(
    servers.map(async (server) => {
      const models = await listModels(wire, signal, customAdapter(server), { apiKey: "", baseUrl: server.baseUrl });
      return models && { ...server, models };
    }),
  );
  return found.filter((server) => server !== undefined);
}

/** The models that a server says it has; undefined when it is not there or lists none. Nothing is thrown for that. */
export async function listModels(
  wire: Wire,
  signal: AbortSignal,
  { models }: Adapter,
  credentials: Credentials,
): Promise<readonly ListedModel[] | undefined> {
  const timeouts = { connectTimeoutMs: providerLimits.probeMsMax, firstByteTimeoutMs: providerLimits.probeMsMax };
  try {
    const request = models?.request(credentials);
    if (!models || !request) return undefined;
    const response = await wire.send(request, {
      signal,
      ...timeouts,
      betweenChunksTimeoutMs: providerLimits.probeMsMax,
    });
    const body = await readBytes(response.body, providerLimits.modelListBytesMax);
    return response.status === 200 ? models.decode({ status: 200, headers: response.headers, body }) : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
