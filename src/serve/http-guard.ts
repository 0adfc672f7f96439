import type { IncomingMessage, ServerResponse } from "node:http";

export interface HttpGuardOptions {
  /** Host names, without ports, that requests may be addressed to. */
  readonly hosts: ReadonlySet<string>;
  /** Origins (`https://host[:port]`) whose pages may call, besides pages of this machine. */
  readonly origins: ReadonlySet<string>;
}

export type Refusal = { readonly status: 403; readonly message: string };

/**
 * Keeps web pages from reaching a local server through the user's browser: by a name that was made to resolve here
 * (Host), or directly from another site (Origin). Programs send no Origin.
 */
export function refuseForeign(request: IncomingMessage, { hosts, origins }: HttpGuardOptions): Refusal | undefined {
  const host = hostName(request.headers.host);
  if (host === undefined || !hosts.has(host)) {
    return { status: 403, message: `This server does not answer for the host ${shown(request.headers.host)}` };
  }
  const { origin } = request.headers;
  if (origin === undefined || origins.has(origin) || isLoopbackOrigin(origin)) return undefined;
  return { status: 403, message: `Pages of ${shown(origin)} may not call this server` };
}

/** Lets the pages that may call read the answers too. Call after `refuseForeign` has let the request pass. */
export function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Vary", "Origin");
  response.setHeader("Access-Control-Expose-Headers", "WWW-Authenticate, Mcp-Session-Id, Retry-After");
}

/** The answer to a browser's preflight. */
export function answerPreflight(response: ServerResponse): void {
  response.setHeader("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
  response.setHeader("Access-Control-Allow-Headers", allowedHeaders.join(", "));
  response.setHeader("Access-Control-Max-Age", "600");
  response.writeHead(204).end();
}

const allowedHeaders = [
  "Accept",
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "Last-Event-ID",
  "Mcp-Method",
  "Mcp-Name",
  "MCP-Protocol-Version",
  "Mcp-Session-Id",
];

export const loopbackHosts: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function isLoopbackOrigin(origin: string): boolean {
  try {
    const { protocol, hostname } = new URL(origin);
    return (protocol === "http:" || protocol === "https:") && loopbackHosts.includes(hostname);
  } catch {
    return false;
  }
}

function hostName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  try {
    return new URL(`http://${header}`).hostname;
  } catch {
    return undefined;
  }
}

function shown(header: string | undefined): string {
  return header === undefined ? "that was not named" : header.slice(0, 200);
}
