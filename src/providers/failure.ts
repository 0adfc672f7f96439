import type { WireHeaders } from "./adapter.ts";
import { asCount, asObject, asWord, type JsonObject, lookup, parseJson } from "./narrow.ts";
import type { ProviderFailure } from "./shapes/event.ts";

const messageCharactersMax = 500;

/** What a status means where the provider's body says nothing more. */
export function kindOfStatus(status: number): ProviderFailure["kind"] {
  if (status === 401) return "unauthenticated";
  if (status === 402) return "quota_exhausted";
  if (status === 403) return "forbidden";
  if (status === 404) return "not_found";
  if (status === 408 || status === 504) return "timeout";
  if (status === 413) return "too_large";
  if (status === 429) return "rate_limited";
  if (status === 503 || status === 529) return "overloaded";
  if (status >= 500) return "server_error";
  if (status >= 400) return "bad_request";
  return "malformed";
}

/** A failure whose message is fit to show: one line, cut short, nothing in it that looks like a key. */
export function failure(
  kind: ProviderFailure["kind"],
  message: string,
  facts: Partial<Omit<ProviderFailure, "kind" | "message">> = {},
): ProviderFailure {
  const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  return { kind, message: presentable(message), ...known };
}

const keyLike = /\b(?:sk|pk|rk|gsk|xai|AIza|Bearer|key|token)(?:[-_:= ]\s*|(?=[A-Z0-9]))["']?[A-Za-z0-9_\-.*]{12,}/g;

function presentable(message: string): string {
  const line = message.replace(/\s+/g, " ").trim().replace(keyLike, "[key]");
  if (line === "") return "the provider gave no reason";
  return line.length > messageCharactersMax ? `${line.slice(0, messageCharactersMax)}…` : line;
}

/** The JSON object of an error body; a one-element array around it is taken off (Google without `alt=sse`). */
export function errorBody(body: string): JsonObject | undefined {
  const value = parseJson(body);
  return asObject(Array.isArray(value) ? value[0] : value);
}

/** What can be said of a body that is not the provider's JSON: an HTML page's title, or the text's beginning. */
export function foreignBody(status: number, body: string): string {
  if (/^\s*<(?:!doctype|html|head|body|\?xml)/i.test(body)) {
    const title = /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1]?.trim();
    return `status ${status} with an HTML page${title ? ` titled "${title}"` : ""} in place of an answer`;
  }
  return body.trim() === "" ? `status ${status} with an empty body` : `status ${status}: ${body}`;
}

/**
 * How long a provider asks to wait, from any of the headers in use: `retry-after-ms`, `retry-after` (seconds, also with
 * a fraction, or an HTTP date, measured against the answer's own `date`), `x-ratelimit-reset-*` durations such as
 * `6m0s`, and `anthropic-ratelimit-*-reset` times, the last two only for what has run out.
 */
export function retryAfterMs(headers: WireHeaders): number | undefined {
  const exact = asCount(Number(header(headers, "retry-after-ms") ?? Number.NaN));
  if (exact !== undefined) return Math.ceil(exact);
  const after = header(headers, "retry-after");
  if (after !== undefined) {
    const seconds = /^\s*\d+(?:\.\d+)?\s*s?\s*$/.test(after) ? Number.parseFloat(after) : undefined;
    return seconds === undefined ? untilMs(after, headers) : Math.ceil(seconds * 1000);
  }
  let longest: number | undefined;
  for (const name of Object.keys(headers)) {
    const match = /^(?:x|anthropic)-ratelimit-(?:reset-(.+)|(.+)-reset)$/.exec(name);
    if (!match || !isSpent(headers, match[1] ?? match[2] ?? "")) continue;
    const reset = header(headers, name) ?? "";
    const wait = durationMs(reset) ?? untilMs(reset, headers);
    if (wait !== undefined) longest = Math.max(longest ?? 0, wait);
  }
  return longest;
}

function isSpent(headers: WireHeaders, what: string): boolean {
  const left =
    header(headers, `x-ratelimit-remaining-${what}`) ?? header(headers, `anthropic-ratelimit-${what}-remaining`);
  return left === "0";
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** A duration as Go and protobuf write it: `12ms`, `34.4s`, `6m0s`, `1h2m3s`; undefined when it is none. */
export function durationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount = "0", unit = "s"] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    total += Number(amount) * (lookup(unitMs, unit) ?? 0);
  }
  return Math.ceil(total);
}

/** From the answer's own `date` to a point in time. Without that date there is no clock to measure with. */
function untilMs(time: string, headers: WireHeaders): number | undefined {
  const from = Date.parse(header(headers, "date") ?? "");
  const to = Date.parse(time);
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : Math.max(0, to - from);
}

export function header(headers: WireHeaders, name: string): string | undefined {
  const value = headers[name];
  return asWord(Array.isArray(value) ? value[0] : value);
}
