import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type AuthInfo, createMcpHandler, isJsonContentType } from "@modelcontextprotocol/server";
import type { Caller } from "../core/caller.ts";
import { systemRng } from "../core/clock.ts";
import { newId } from "../core/ids.ts";
import { serveLimits } from "../core/limits.ts";
import { answerRpcError, internalErrorCode, onClientGone, parseErrorCode, transportErrorCode } from "./http-answer.ts";
import { readBody } from "./http-body.ts";
import { isInitialize, trackLegacyCalls } from "./legacy-cancel.ts";
import type { McpDefinition } from "./mcp-server.ts";
import { isListen, listenedUris } from "./resources/listen.ts";
import { type Listening, watchingBus } from "./resources/watching-bus.ts";
import { toWebRequest, writeWebResponse } from "./web-bridge.ts";

export interface McpHttpEndpoint {
  /** `onSubscription` is told when the request turns out to be a stream that ends only with its client or the server. */
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller, onSubscription: () => void): Promise<void>;
  /** Aborts what is still running and ends subscriptions. */
  close(): Promise<void>;
}

/**
 * Streamable HTTP for both protocol eras. Every request is answered by a server of its own, made from the one
 * definition; an older client is given a session id, but nothing is kept under it between requests.
 */
export function mcpHttpEndpoint(definition: McpDefinition, log: (line: string) => void): McpHttpEndpoint {
  const callers = new WeakMap<AuthInfo, Caller>();
  const legacyCalls = trackLegacyCalls();
  const listening = new AsyncLocalStorage<Listening>();
  const closing = new AbortController();
  const handler = createMcpHandler(
    ({ authInfo, era }) => {
      const caller = authInfo === undefined ? undefined : callers.get(authInfo);
      if (caller === undefined) throw new Error("an MCP request reached the server without its caller");
      return definition.build(caller, { era });
    },
    {
      bus: watchingBus(definition.watcher, () => listening.getStore()),
      maxSubscriptions: serveLimits.subscriptionsMax,
      onerror: (error) => log(`mcp: ${error.message}`),
    },
  );

  const serve: McpHttpEndpoint["handle"] = async (request, response, caller, onSubscription) => {
    const body = await parseBody(request, response);
    if (body === undefined) return;
    if (isListen(body.value)) onSubscription();
    const session = header(request, "mcp-session-id");
    legacyCalls.cancel(body.value, session, caller);
    if (isInitialize(body.value)) response.setHeader("Mcp-Session-Id", newId("ses", systemRng));
    const call = legacyCalls.begin(body.value, session, caller);
    const gone = new AbortController();
    onClientGone(response, () => gone.abort());
    const signal = AbortSignal.any([gone.signal, closing.signal, call.signal]);
    try {
      const authInfo: AuthInfo = { token: "", clientId: caller.key ?? "local", scopes: [] };
      callers.set(authInfo, caller);
      const asked = { caller, uris: listenedUris(body.value) };
      const answer = await listening.run(asked, () => {
        return handler.fetch(toWebRequest(request, signal), { authInfo, parsedBody: body.value });
      });
      await writeWebResponse(answer, response, signal);
    } finally {
      call.end();
    }
  };

  return {
    async handle(request, response, caller, onSubscription) {
      if (request.method !== "POST") {
        answerRpcError(response, 405, transportErrorCode, "Only POST is served here", { Allow: "POST, OPTIONS" });
        return;
      }
      if (!isJsonContentType(request.headers["content-type"] ?? null)) {
        answerRpcError(response, 415, transportErrorCode, "The Content-Type must be application/json");
        return;
      }
      await serve(request, response, caller, onSubscription);
    },
    async close() {
      definition.watcher.close();
      // Subscriptions are told of their end; what else still runs is cut off.
      await handler.close();
      closing.abort();
    },
  };
}

/** The body as JSON; undefined when it has been refused. */
async function parseBody(request: IncomingMessage, response: ServerResponse): Promise<{ value: unknown } | undefined> {
  const body = await readBody(request, serveLimits.httpBodyBytesMax);
  switch (body.kind) {
    case "aborted":
      return undefined;
    case "too_large":
      refuse(response, 413, transportErrorCode, `The body is over the limit of ${serveLimits.httpBodyBytesMax} bytes`);
      return undefined;
    case "too_slow":
      refuse(response, 408, transportErrorCode, "The body took too long to arrive");
      return undefined;
    case "not_utf8":
      refuse(response, 400, parseErrorCode, "The body is not valid UTF-8");
      return undefined;
    case "text":
      try {
        return { value: JSON.parse(body.text) };
      } catch {
        refuse(response, 400, parseErrorCode, "The body is not valid JSON");
        return undefined;
      }
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Whatever is left of the body is not read, so the connection cannot be used again. */
function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  answerRpcError(response, status, code, message, status === 400 ? {} : { Connection: "close" });
}

export function answerInternalError(response: ServerResponse): void {
  answerRpcError(response, 500, internalErrorCode, "Switchyard failed in a way it did not expect");
}
