import { isUtf8 } from "node:buffer";
import { deadline } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { sandboxLimits } from "../../core/limits.ts";
import { admit, type EgressRule, type EgressSecret, secretsFor } from "./policy.ts";
import { Redaction } from "./redact.ts";
import { sendRequest, type WireResponse } from "./request.ts";
import { type Lookup, resolveAddress } from "./resolve.ts";

export interface EgressFetch {
  readonly rules: readonly EgressRule[];
  readonly secrets: readonly EgressSecret[];
  readonly lookup: Lookup;
}

/** Headers that are the connection's business, or would speak for somebody else. */
const ownHeaders = new Set(
  "host connection content-length transfer-encoding te trailer upgrade keep-alive expect accept-encoding proxy-authorization proxy-connection".split(
    " ",
  ),
);
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]{0,8192}$/;
const redirects = new Set([301, 302, 303, 307, 308]);

interface Asked {
  url: URL;
  method: string;
  headers: [string, string][];
  body: Buffer | undefined;
}

/**
 * `fetch` for a program: `[url, { method, headers: [name, value][], body: { text } | { base64 } }]`. Every hop is
 * checked again: its host, method and address.
 * @throws forbidden, too_large, unavailable, timeout, invalid_request.
 */
export async function egressFetch(policy: EgressFetch, args: readonly Json[], signal: AbortSignal): Promise<Json> {
  const asked = readRequest(args);
  const limit = deadline(sandboxLimits.egressTimeoutMs, signal);
  try {
    for (let hop = 0; ; hop++) {
      const { response, redaction } = await send(policy, asked, limit.signal);
      const location = redirects.has(response.status) ? header(response, "location") : undefined;
      if (location === undefined || !URL.canParse(location, asked.url)) {
        return answer(asked.url, hop > 0, response, redaction);
      }
      if (hop >= sandboxLimits.egressRedirectsMax) {
        throw new SwitchyardError("unavailable", `more than ${sandboxLimits.egressRedirectsMax} redirects`, {
          next: "Ask for the final address",
        });
      }
      follow(asked, new URL(location, asked.url), response.status);
    }
  } finally {
    limit.clear();
  }
}

async function send(
  { rules, secrets, lookup }: EgressFetch,
  { url, method, headers, body }: Asked,
  signal: AbortSignal,
): Promise<{ response: WireResponse; redaction: Redaction }> {
  const rule = admit(rules, url, method);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const address = await resolveAddress(host, rule.private === true, lookup);
  const added = secretsFor(secrets, url, rule);
  const names = new Set(added.map((secret) => secret.header.toLowerCase()));
  const sent = [
    ...headers.filter(([name]) => !names.has(name)),
    ...added.map((secret): [string, string] => [secret.header.toLowerCase(), secret.value]),
  ];
  const response = await sendRequest({ url, address, method, headers: sent, body }, signal);
  return { response, redaction: new Redaction(secrets.map(({ value }) => value)) };
}

/** As the Fetch standard has it: what was said to one origin is not said to another. */
function follow(asked: Asked, to: URL, status: number): void {
  const isGet = status === 303 || ((status === 301 || status === 302) && asked.method === "POST");
  if (isGet && asked.method !== "HEAD") {
    asked.method = "GET";
    asked.body = undefined;
    asked.headers = asked.headers.filter(([name]) => !name.startsWith("content-"));
  }
  if (to.origin !== asked.url.origin) {
    asked.headers = asked.headers.filter(([name]) => name !== "authorization" && name !== "cookie");
  }
  asked.url = to;
}

function answer(url: URL, redirected: boolean, response: WireResponse, redaction: Redaction): Json {
  const { status, statusText } = response;
  const body = redaction.bytes(response.body);
  return {
    url: redaction.text(url.href),
    redirected,
    status,
    statusText: redaction.text(statusText),
    headers: response.headers
      .filter(([name]) => name !== "content-encoding" && name !== "content-length")
      .map(([name, value]) => [name, redaction.text(value)]),
    ...(isUtf8(body) ? { text: body.toString() } : { base64: body.toString("base64") }),
  };
}

function readRequest([target, options]: readonly Json[]): Asked {
  if (typeof target !== "string" || !URL.canParse(target)) throw invalid("the first argument of fetch is not a URL");
  const url = new URL(target);
  if (url.username !== "" || url.password !== "") throw invalid("a URL for fetch holds no user name or password");
  url.hash = "";
  const init = (typeof options === "object" && options !== null ? options : {}) as Record<string, Json | undefined>;
  const method = String(init.method ?? "GET").toUpperCase();
  if (!/^[A-Z]{1,16}$/.test(method) || method === "CONNECT" || method === "TRACE") {
    throw invalid(`${JSON.stringify(method)} is not a method for fetch`);
  }
  const headers = readHeaders(init.headers);
  const body = readBody(init.body);
  if (body && (method === "GET" || method === "HEAD")) throw invalid(`${method} has no body`);
  return { url, method, headers, body };
}

function readHeaders(given: Json | undefined): [string, string][] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given) || given.length > 64) throw invalid("headers are a list of at most 64 pairs");
  return given.flatMap((pair: Json): [string, string][] => {
    const [name, value] = Array.isArray(pair) ? (pair as Json[]) : [];
    if (typeof name !== "string" || typeof value !== "string") throw invalid("a header is a name and a value");
    if (!headerName.test(name) || !headerValue.test(value))
      throw invalid(`${JSON.stringify(name.slice(0, 100))} is not a header`);
    const lower = name.toLowerCase();
    return ownHeaders.has(lower) || lower.startsWith("proxy-") ? [] : [[lower, value]];
  });
}

function readBody(given: Json | undefined): Buffer | undefined {
  if (given === undefined || given === null) return undefined;
  const { text, base64 } = given as { text?: Json; base64?: Json };
  if (typeof text === "string") return Buffer.from(text);
  if (typeof base64 === "string") return Buffer.from(base64, "base64");
  throw invalid("a body is text or bytes");
}

function header(response: WireResponse, name: string): string | undefined {
  return response.headers.find(([key]) => key === name)?.[1];
}

function invalid(message: string): SwitchyardError {
  return new SwitchyardError("invalid_request", message, { next: "Correct the call of fetch" });
}
