import {
  Client,
  type JsonSchemaValidator,
  type jsonSchemaValidator,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Json } from "../../core/json.ts";
import { sandboxLimits } from "../../core/limits.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import type { UpstreamConfig } from "./upstream-config.ts";
import type { UpstreamResult, UpstreamTool } from "./upstreams.ts";

export interface ConnectionEvents {
  /** The server has gone, or hung up. */
  onClose(): void;
  onToolsChanged(): void;
}

const takesAnything: jsonSchemaValidator = {
  getValidator<T>(): JsonSchemaValidator<T> {
    return (input) => ({ valid: true, data: input as T, errorMessage: undefined });
  },
};

/** What stderr said last, for the log of whoever runs the server. */
const stderrCharactersMax = 2_000;

/** One connection to one upstream MCP server, of either protocol era. */
export class Connection {
  #client: Client;
  #transport: Transport;
  #name: string;
  #stderr = "";

  constructor({ name, reach }: UpstreamConfig, { onClose, onToolsChanged }: ConnectionEvents) {
    this.#name = name;
    this.#client = new Client(
      { name: "switchyard", version: "1" },
      {
        versionNegotiation: { mode: "auto", probe: { timeoutMs: sandboxLimits.upstreamProbeMs } },
        listMaxPages: sandboxLimits.upstreamPagesMax,
        // Results go to the program as data, whatever they are; schemas of others are not compiled here.
        jsonSchemaValidator: takesAnything,
        listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: onToolsChanged } },
      },
    );
    this.#client.onclose = onClose;
    if (reach.kind === "stdio") {
      const transport = new StdioClientTransport({
        command: reach.command,
        args: [...reach.args],
        env: { ...reach.env },
        ...(reach.cwd === undefined ? {} : { cwd: reach.cwd }),
        stderr: "pipe",
        maxBufferSize: sandboxLimits.upstreamMessageBytesMax,
      });
      transport.stderr?.on("data", (chunk: Buffer) => {
        this.#stderr = `${this.#stderr}${chunk}`.slice(-stderrCharactersMax);
      });
      this.#transport = transport;
    } else {
      this.#transport = new StreamableHTTPClientTransport(new URL(reach.url), {
        requestInit: { headers: { ...reach.headers } },
        fetch: boundedFetch(sandboxLimits.upstreamMessageBytesMax),
      });
    }
  }

  /** The last of what a server that was spawned wrote to stderr. */
  get stderr(): string {
    return this.#stderr.trim();
  }

  async open(): Promise<void> {
    try {
      await this.#client.connect(this.#transport, { timeout: sandboxLimits.upstreamConnectMs });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async list(): Promise<readonly UpstreamTool[]> {
    if (!this.#client.getServerCapabilities()?.tools) return [];
    const { tools } = await this.#client.listTools(undefined, {
      timeout: sandboxLimits.upstreamConnectMs,
      cacheMode: "refresh",
    });
    return tools.map(({ name, title, description, inputSchema, outputSchema }) => ({
      server: this.#name,
      name,
      title,
      description,
      input: inputSchema as Json,
      output: outputSchema as Json | undefined,
    }));
  }

  async call(name: string, args: Json, timeout: number, signal: AbortSignal): Promise<UpstreamResult> {
    const params = { name, arguments: args as Record<string, Json> };
    return (await this.#client.callTool(params, { timeout, signal })) as unknown as UpstreamResult;
  }

  async close(): Promise<void> {
    this.#client.onclose = () => {};
    await this.#client.close().catch(() => {});
    // A transport that never got as far as its client is closed by itself.
    await this.#transport.close().catch(() => {});
  }
}
