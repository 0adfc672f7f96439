import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Caller } from "../core/caller.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { serveLimits } from "../core/limits.ts";
import { gatewayHandle } from "./gateway-handle.ts";
import { gitRoute } from "./git-http.ts";
import { answerJson, answerRpcError, transportErrorCode } from "./http-answer.ts";
import { allowOrigin, answerPreflight, isLoopback, loopbackHosts, refuseForeign } from "./http-guard.ts";
import type { HttpRoute } from "./http-route.ts";
import { inferenceApi } from "./inference-api.ts";
import { oneLineLog } from "./log-line.ts";
import { answerInternalError, mcpHttpEndpoint } from "./mcp-http.ts";
import { defineMcpServer, type McpServerOptions, type McpServerParts } from "./mcp-server.ts";
import { createMetrics } from "./metrics.ts";
import { answerMetrics } from "./metrics-page.ts";

export interface HttpServerOptions extends McpServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** On whose behalf a request runs, by its `Authorization` header; undefined refuses it. */
  readonly authenticate: (authorization: string | undefined) => Promise<Caller | undefined>;
  /** Host names besides this machine's and `host` that the server is reached by, without ports. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Origins of web pages, besides this machine's, that may call. */
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly routes?: readonly HttpRoute[] | undefined;
  /** Fewer than `serveLimits.httpRequestsInFlightMax`, for a machine with little memory. */
  readonly requestsInFlightMax?: number | undefined;
}

export interface HttpServer {
  /** Without a trailing slash; MCP is at `/mcp` under it. */
  readonly url: string;
  /**
   * Takes no more requests, lets running calls end within `serveLimits.shutdownMs`, aborts the rest, and closes the
   * gateway if a call has opened it.
   */
  close(): Promise<void>;
}

/**
 * Serves MCP at `/mcp`, models for programs under `/v1`, repositories for git under `/git`,
 * `/health`, `/metrics`, and what `routes` add.
 * @throws invalid_request when the address can be reached from other machines and callers without a key are let in;
 *   unavailable when the address cannot be had.
 */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  if (!isLoopback(options.host) && (await options.authenticate(undefined)) !== undefined) {
    throw new SwitchyardError("invalid_request", `${options.host} can be reached by others and no key is asked for`, {
      next: "Serve on 127.0.0.1, or create a key with `switchyard keys create` first",
      details: { host: options.host },
    });
  }
  const log = oneLineLog(options.log);
  const gateway = gatewayHandle(options.gateway);
  const metrics = createMetrics();
  const onEnded: McpServerParts["onEnded"] = (tool, outcome, seconds) => metrics.toolCall(tool.name, outcome, seconds);
  const definition = defineMcpServer({ ...options, log }, { gateway, onEnded });
  const mcp = mcpHttpEndpoint(definition, log);
  const guard = {
    hosts: new Set([...loopbackHosts, bracketed(options.host), ...(options.allowedHosts ?? [])]),
    origins: new Set(options.allowedOrigins ?? []),
  };
  const { authenticate, clock = systemClock, requestsInFlightMax = serveLimits.httpRequestsInFlightMax } = options;
  const api = inferenceApi({ gateway, authenticate, log, clock, metrics });
  const routes = [...(options.routes ?? []), api, gitRoute({ gateway, authenticate })];
  const inFlight = new Map<Promise<void>, IncomingMessage>();

  const subscriptions = new WeakSet<IncomingMessage>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = refuseForeign(request, guard);
    if (refusal !== undefined) return answerRpcError(response, refusal.status, transportErrorCode, refusal.message);
    allowOrigin(request, response);
    if (request.method === "OPTIONS") return answerPreflight(response);
    if (inFlight.size >= requestsInFlightMax) return answerBusy(response);
    const path = pathOf(request);
    if (path === "/health") return answerJson(response, 200, { status: "ok", version: options.version });
    const route = routes.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
    if (route !== undefined) return route.handle(request, response);
    if (path !== "/mcp" && path !== "/metrics") return answerNotFound(response, path);
    const caller = await options.authenticate(request.headers.authorization);
    if (caller === undefined) return answerUnauthenticated(request, response);
    if (path === "/mcp") return mcp.handle(request, response, caller, () => subscriptions.add(request));
    const page = { metrics, gateway, caller, version: options.version, requestsInFlight: inFlight.size };
    await answerMetrics(response, page);
  };

  const server = createServer((request, response) => {
    // A write to a client that has just left fails with an event; without a listener it would end the process.
    response.on("error", () => {});
    const answered = answer(request, response).catch((error: unknown) => {
      log(`http: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      if (response.headersSent) response.destroy();
      else answerInternalError(response);
    });
    inFlight.set(answered, request);
    void answered.finally(() => inFlight.delete(answered));
  });
  server.headersTimeout = serveLimits.httpHeadersTimeoutMs;
  // Bodies have their own bound: a push may take longer than any call's arguments.
  server.requestTimeout = 0;
  server.keepAliveTimeout = serveLimits.httpKeepAliveTimeoutMs;
  server.on("clientError", (_error, socket) => socket.destroy());
  const port = await listen(server, options.host, options.port);

  return {
    url: `http://${bracketed(options.host)}:${port}`,
    async close() {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const ending = [...inFlight].filter(([, request]) => !subscriptions.has(request)).map(([answered]) => answered);
      await settled(ending, serveLimits.shutdownMs, clock);
      await mcp.close();
      server.closeAllConnections();
      await settled([...inFlight.keys()], serveLimits.shutdownMs, clock);
      await gateway.close();
      await stopped;
    },
  };
}

/** Waits until all have settled, at most `waitMs`. */
async function settled(running: readonly Promise<void>[], waitMs: number, clock: Clock): Promise<void> {
  const done = new AbortController();
  const all = Promise.allSettled(running).then(() => done.abort());
  await Promise.race([all, clock.sleep(waitMs, done.signal).catch(() => {})]);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const next = "Choose another port or host, or stop what holds this one";
      reject(
        new SwitchyardError("unavailable", `cannot serve on ${host} port ${port}: ${error.message}`, {
          next,
          details: { host, port },
          cause: error,
        }),
      );
    });
    server.listen(port, host, serveLimits.httpBacklog, () => resolve((server.address() as AddressInfo).port));
  });
}

function answerUnauthenticated(request: IncomingMessage, response: ServerResponse): void {
  const message =
    request.headers.authorization === undefined
      ? "unauthenticated: this server asks for a key. Send it as `Authorization: Bearer <key>`."
      : "unauthenticated: the key is not known here, or has been revoked. Create one with `switchyard keys create`.";
  answerRpcError(response, 401, transportErrorCode, message, { "WWW-Authenticate": 'Bearer realm="switchyard"' });
}

function answerNotFound(response: ServerResponse, path: string): void {
  answerJson(response, 404, {
    error: { code: "not_found", message: `there is nothing at ${path.slice(0, 200)}`, next: "MCP is served at /mcp" },
  });
}

function answerBusy(response: ServerResponse): void {
  answerRpcError(response, 503, transportErrorCode, "The server has too many requests in flight; try again shortly", {
    "Retry-After": "1",
  });
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? "/";
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
