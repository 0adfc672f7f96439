import { providerLimits } from "../../core/limits.ts";
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
  const found = await Promise.all(servers.map((server) => listModels(wire, signal, server)));
  return found.filter((server) => server !== undefined);
}

async function listModels(
  wire: Wire,
  signal: AbortSignal,
  server: { readonly name: string; readonly baseUrl: string },
): Promise<FoundServer | undefined> {
  const { models } = customAdapter(server);
  const timeouts = { connectTimeoutMs: providerLimits.probeMsMax, firstByteTimeoutMs: providerLimits.probeMsMax };
  try {
    const request = models?.request({ apiKey: "", baseUrl: server.baseUrl });
    if (!models || !request) return undefined;
    const response = await wire.send(request, {
      signal,
      ...timeouts,
      betweenChunksTimeoutMs: providerLimits.probeMsMax,
    });
    const body = await readBytes(response.body, providerLimits.modelListBytesMax);
    const listed =
      response.status === 200 ? models.decode({ status: 200, headers: response.headers, body }) : undefined;
    return listed && { ...server, models: listed };
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
