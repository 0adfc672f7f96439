import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import { type ErrorFacts, SwitchyardError, toErrorFacts } from "../../core/errors.ts";
import type { GatewayHandle } from "../gateway-handle.ts";
import { answerJson, onClientGone } from "../http-answer.ts";
import type { HttpRoute } from "../http-route.ts";
import type { Metrics } from "../metrics.ts";
import { type Endpoint, type ErrorDialect, headerOf } from "./exchange.ts";
import { httpStatusOf, retryHeaders } from "./http-status.ts";
import { formBody, jsonBody } from "./request-body.ts";

export interface ApiOptions {
  readonly gateway: GatewayHandle;
  readonly authenticate: (authorization: string | undefined) => Promise<Caller | undefined>;
  readonly log: (line: string) => void;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** The endpoints for programs, under one prefix: each request with its caller, its body and a signal. */
export function apiRoute(prefix: string, endpoints: readonly Endpoint[], options: ApiOptions): HttpRoute {
  const serve = async (endpoint: Endpoint, request: IncomingMessage, response: ServerResponse, url: URL) => {
    const gone = new AbortController();
    onClientGone(response, () => gone.abort());
    const caller = await options.authenticate(authorizationOf(request));
    if (caller === undefined) throw unauthenticated(request);
    const body = endpoint.method === "GET" ? undefined : await bodyOf(endpoint, request);
    await endpoint.handle({
      request,
      response,
      url,
      path: endpoint.pattern.exec(url.pathname)?.groups ?? {},
      body,
      caller,
      gateway: await options.gateway.open(),
      signal: gone.signal,
      clock: options.clock,
    });
  };

  return {
    prefix,
    async handle(request, response) {
      const url = new URL(request.url ?? "/", "http://localhost");
      const atPath = endpoints.filter(({ pattern }) => pattern.test(url.pathname));
      const endpoint = atPath.find(({ method }) => method === request.method);
      const errors = (endpoint ?? atPath[0] ?? endpoints[0])?.errors;
      const startedMs = options.clock.monotonicMs();
      try {
        if (endpoint === undefined) throw notServed(request, url, atPath, endpoints);
        await serve(endpoint, request, response, url);
      } catch (error) {
        const facts = toErrorFacts(error);
        if (facts.code === "internal") {
          options.log(`${url.pathname}: ${error instanceof Error ? error.stack : String(error)}`);
        }
        fail(response, facts, errors);
      } finally {
        const name = endpoint === undefined ? "none" : `${endpoint.method} ${readable(endpoint.pattern)}`;
        const seconds = (options.clock.monotonicMs() - startedMs) / 1000;
        options.metrics.apiRequest(name, response.statusCode, seconds);
      }
    },
  };
}

function fail(response: ServerResponse, facts: ErrorFacts, errors: ErrorDialect | undefined): void {
  // An answer that has begun can only be broken off, so that it is not taken for whole.
  if (response.headersSent) response.destroy();
  else {
    const body = errors?.body(facts) ?? { error: facts };
    const close = facts.code === "too_large" ? { Connection: "close" } : {};
    answerJson(response, httpStatusOf(facts), body, { ...retryHeaders(facts), ...close });
  }
}

/** Anthropic's libraries send the key as `x-api-key`, all others as a bearer token. */
function authorizationOf(request: IncomingMessage): string | undefined {
  const apiKey = headerOf(request, "x-api-key");
  return request.headers.authorization ?? (apiKey === undefined ? undefined : `Bearer ${apiKey}`);
}

function unauthenticated(request: IncomingMessage): SwitchyardError {
  const isGiven = authorizationOf(request) !== undefined;
  const message = isGiven ? "the key is not known here, or has been revoked" : "this server asks for a key";
  const next = isGiven ? "Create one with `switchyard keys create`" : "Send it as `Authorization: Bearer <key>`";
  return new SwitchyardError("unauthenticated", message, { next });
}

function notServed(
  request: IncomingMessage,
  url: URL,
  atPath: readonly Endpoint[],
  endpoints: readonly Endpoint[],
): SwitchyardError {
  const said = `${request.method} ${url.pathname.slice(0, 200)} is not served here`;
  const served = (atPath.length > 0 ? atPath : endpoints).map(
    ({ method, pattern }) => `${method} ${readable(pattern)}`,
  );
  return new SwitchyardError("not_found", said, { next: `Served are ${served.join(", ")}`, details: { served } });
}

function readable(pattern: RegExp): string {
  return pattern.source
    .replace(/^\^|\$$/g, "")
    .replace(/\\\//g, "/")
    .replace(/\(\?<(\w+)>[^)]*\)/g, "{$1}");
}

function bodyOf({ body }: Endpoint, request: IncomingMessage): Promise<unknown> {
  return body === "form" ? formBody(request) : jsonBody(request);
}
