import { lookup as resolve } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ImportRules } from "./import-rules.ts";
import { isPublicAddress } from "./public-address.ts";

export interface GuardedRequest {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface GuardedAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: IncomingMessage;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
}

/**
 * A request to a host that a caller named: only to public addresses, proven on the address that is connected to (a
 * name may resolve to another one a moment later), and again for every redirect. Credentials stay with their host.
 * @throws forbidden for an address that may not be reached, provider_unavailable when it cannot be.
 */
export async function guardedRequest(
  request: GuardedRequest,
  rules: ImportRules,
  signal: AbortSignal,
): Promise<GuardedAnswer> {
  let { url, headers } = request;
  for (let redirects = 0; redirects <= artifactLimits.importRedirectsMax; redirects++) {
    checkUrl(url, rules);
    const answer = await send({ ...request, url, headers }, rules, signal);
    const { location } = answer.headers;
    const status = answer.statusCode ?? 0;
    if (status < 300 || status >= 400 || location === undefined || request.method !== "GET") {
      return { status, headers: answer.headers, body: answer, url };
    }
    answer.destroy();
    const next = new URL(location, url);
    next.username = "";
    next.password = "";
    if (next.origin !== url.origin) headers = { ...headers, authorization: "" };
    url = next;
  }
  throw new SwitchyardError("provider_error", "the host redirects in a circle", { next: "Give the final URL" });
}

function checkUrl(url: URL, rules: ImportRules): void {
  const isAllowed = url.protocol === "https:" || (url.protocol === "http:" && rules.allowHttp);
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (!isAllowed) throw refused(`${url.protocol} is not imported from`, "Give an https URL");
  if (isIP(literal) !== 0 && !rules.allowPrivateAddresses && !isPublicAddress(literal)) throw notPublic(url.hostname);
}

function send(request: GuardedRequest, rules: ImportRules, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, method, body } = request;
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "", 4);
      const bad = addresses.find(({ address }) => !rules.allowPrivateAddresses && !isPublicAddress(address));
      const [first] = addresses;
      if (bad !== undefined || first === undefined) return callback(notPublic(hostname), "", 4);
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([, value]) => value !== ""));
  return new Promise((done, fail) => {
    const start = url.protocol === "https:" ? requestHttps : requestHttp;
    // No agent: a connection that was made for another request may lead elsewhere.
    const outgoing = start(url, { method, headers, lookup, signal, agent: false }, done);
    outgoing.on("error", (error) =>
      fail(error instanceof SwitchyardError || signal.aborted ? error : unreachable(url, error)),
    );
    outgoing.end(body);
  });
}

function notPublic(host: string): SwitchyardError {
  return refused(`${host} is not an address of the public internet`, "Push the repository here with git instead");
}

function refused(message: string, next: string): SwitchyardError {
  return new SwitchyardError("forbidden", message, { next });
}

function unreachable(url: URL, cause: unknown): SwitchyardError {
  const code = (cause as { code?: unknown }).code;
  const why = typeof code === "string" ? ` (${code})` : "";
  return new SwitchyardError("provider_unavailable", `${url.host} cannot be reached${why}`, {
    next: "Check the URL, or try again later",
    retryable: true,
    cause,
  });
}
