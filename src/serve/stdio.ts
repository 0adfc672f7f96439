import type { Readable, Writable } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Caller } from "../core/caller.ts";
import { serveLimits } from "../core/limits.ts";
import { gatewayHandle } from "./gateway-handle.ts";
import { oneLineLog } from "./log-line.ts";
import { defineMcpServer, type McpServerOptions } from "./mcp-server.ts";
import { connectionWatches } from "./resources/connection-watches.ts";
import { StdioTransport } from "./stdio-transport.ts";

export interface StdioServerOptions extends McpServerOptions {
  readonly caller: Caller;
  readonly stdin?: Readable | undefined;
  readonly stdout?: Writable | undefined;
}

export interface StdioServer {
  /** Resolves when the host has gone, running calls have been aborted and the gateway is closed. Never rejects. */
  readonly closed: Promise<void>;
  /** Ends the connection from our side; resolves with `closed`. */
  close(): Promise<void>;
}

/** Serves MCP to the host that spawned this process, of either protocol era. Nothing but protocol goes to `stdout`. */
export function serveMcpStdio(options: StdioServerOptions): StdioServer {
  const log = oneLineLog(options.log);
  const gateway = gatewayHandle(options.gateway);
  const definition = defineMcpServer({ ...options, log }, { gateway });
  const watches = connectionWatches(definition.watcher, options.caller);
  const transport = new StdioTransport({
    stdin: options.stdin ?? process.stdin,
    stdout: options.stdout ?? process.stdout,
    log,
    observe: (message) => watches.observe(message),
  });
  const build = async ({ era }: { readonly era: "legacy" | "modern" }) => {
    const server = await definition.build(options.caller, { era, subscriptions: watches.subscriptions });
    watches.serve(server);
    return server;
  };
  const connection = serveStdio(build, {
    transport,
    maxSubscriptions: serveLimits.subscriptionsMax,
    onerror: (error) => log(`mcp: ${error.message}`),
  });
  const closed = transport.ended
    .then(() => definition.watcher.close())
    .then(() => definition.idle())
    .then(() => gateway.close())
    .catch((error: unknown) => log(`closing: ${error instanceof Error ? error.message : String(error)}`));
  return {
    closed,
    async close() {
      await connection.close();
      await closed;
    },
  };
}
