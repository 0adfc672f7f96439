import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../core/caller.ts";
import { serveLimits } from "../core/limits.ts";
import type { Gateway } from "../gateway.ts";
import type { GatewayHandle } from "./gateway-handle.ts";
import { onClientGone } from "./http-answer.ts";
import type { HttpRoute } from "./http-route.ts";

export interface GitRouteOptions {
  readonly gateway: GatewayHandle;
  readonly authenticate: (authorization: string | undefined) => Promise<Caller | undefined>;
}

const prefix = "/git";

/**
 * Repositories for git clients, at `/git/<workspace>/<repo>.git`. A client signs in with one of our keys or with a
 * token of the artifacts room, as the password of Basic or as a bearer.
 */
export function gitRoute({ gateway, authenticate }: GitRouteOptions): HttpRoute {
  return {
    prefix,
    async handle(request, response) {
      const gone = new AbortController();
      onClientGone(response, () => gone.abort());
      // A push may take as long as its line needs, but not stand still.
      request.setTimeout(serveLimits.gitIdleTimeoutMs, () => request.destroy());
      const { artifacts } = await gateway.open();
      const url = new URL(request.url ?? "/", "http://localhost");
      const answer = await artifacts.serveGit({
        method: request.method ?? "GET",
        path: url.pathname.slice(prefix.length),
        query: url.searchParams,
        headers: request.headers,
        body: request,
        caller: await callerOf(request, artifacts, authenticate),
        signal: gone.signal,
      });
      await write(answer, response, gone.signal);
    },
  };
}

/** Whose key it is; undefined for a token, whose narrower rights the artifacts room knows, and for nobody. */
async function callerOf(
  request: IncomingMessage,
  artifacts: Gateway["artifacts"],
  authenticate: GitRouteOptions["authenticate"],
): Promise<Caller | undefined> {
  const { authorization } = request.headers;
  const secret = secretOf(authorization ?? "");
  if (secret === undefined) return authenticate(undefined);
  if (artifacts.tokens.find(secret) !== null) return undefined;
  return authenticate(`Bearer ${secret}`);
}

/** A bearer, the password of Basic, or its user where there is no password. */
function secretOf(authorization: string): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  if (basic === undefined) return undefined;
  const [user = "", ...password] = Buffer.from(basic, "base64").toString("utf8").split(":");
  return password.join(":") || user || undefined;
}

/** The body is returned when the client leaves: the repository is held open by it. */
async function write(
  answer: Awaited<ReturnType<Gateway["artifacts"]["serveGit"]>>,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(answer.status, answer.headers);
  try {
    for await (const chunk of answer.body) {
      if (signal.aborted) return;
      if (!response.write(chunk)) await once(response, "drain", { signal });
    }
    response.end();
  } catch (error) {
    response.destroy();
    if (!signal.aborted) throw error;
  }
}
