import { Pool } from "undici";
import { type Rng, systemRng } from "../../core/clock.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { providerLimits } from "../../core/limits.ts";
import type { WireRequest } from "../adapter.ts";
import { failure } from "../failure.ts";
import { Exchange, type WireResponse } from "./exchange.ts";
import { WireError } from "./wire-error.ts";

export interface WireOptions {
  readonly connectionsPerOriginMax?: number | undefined;
  readonly queuedPerOriginMax?: number | undefined;
  readonly rng?: Rng | undefined;
}

export interface SendOptions {
  /** Closes the connection to the provider as soon as it aborts. */
  readonly signal: AbortSignal;
  /** How long to wait for a connection, a place in the pool included. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long to wait for the answer's headers once the request is sent. */
  readonly firstByteTimeoutMs?: number | undefined;
  /** How long the answer may pause between two pieces. */
  readonly betweenChunksTimeoutMs?: number | undefined;
}

/** HTTP to providers, over kept connections. One for a process. */
export interface Wire {
  /**
   * Sends a request and answers once the headers are here, whatever the status. Redirects are not followed.
   * @throws WireError when no answer came; the signal's reason when it aborts.
   */
  send(request: WireRequest, options: SendOptions): Promise<WireResponse>;
  /** Closes every connection; what is under way fails. */
  close(): Promise<void>;
}

/** Opens the wire: one pool of connections for each origin, made when first needed. */
export function openWire(options: WireOptions = {}): Wire {
  const pools = new Map<string, Pool>();
  const connections = options.connectionsPerOriginMax ?? providerLimits.connectionsPerOriginMax;
  const rng = options.rng ?? systemRng;
  const queuedMax = options.queuedPerOriginMax ?? providerLimits.queuedPerOriginMax;

  const poolFor = (origin: string): Pool => {
    const known = pools.get(origin);
    if (known) return known;
    if (pools.size >= providerLimits.originsMax) throw tooManyOrigins();
    // A stream is one HTTP/1.1 connection, so that closing it is unmistakable to the provider.
    const pool = new Pool(origin, {
      connections,
      connectTimeout: providerLimits.connectTimeoutMs,
      allowH2: false,
      pipelining: 1,
    });
    pools.set(origin, pool);
    return pool;
  };

  return {
    async send(request, { signal, connectTimeoutMs, firstByteTimeoutMs, betweenChunksTimeoutMs }) {
      throwIfAborted(signal);
      const url = parseUrl(request.url);
      const pool = poolFor(url.origin);
      if (pool.stats.queued >= queuedMax) throw new WireError(queueFull(url.origin, queuedMax), false);
      const exchange = new Exchange(signal, connectTimeoutMs ?? providerLimits.connectTimeoutMs);
      pool.dispatch(
        {
          method: request.method,
          path: `${url.pathname}${url.search}`,
          headers: { ...request.headers, ...freshIds(request, rng) },
          body: request.body ?? null,
          headersTimeout: firstByteTimeoutMs ?? providerLimits.firstByteTimeoutMs,
          bodyTimeout: betweenChunksTimeoutMs ?? providerLimits.betweenChunksTimeoutMs,
        },
        exchange,
      );
      return exchange.response;
    },
    async close() {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.destroy()));
    },
  };
}

function freshIds({ freshIdHeaders = [] }: WireRequest, rng: Rng): Record<string, string> {
  return Object.fromEntries(freshIdHeaders.map((name) => [name, newUuid(rng)]));
}

/** Version 4 (RFC 9562). */
function newUuid(rng: Rng): string {
  const bytes = Buffer.from(rng.bytes(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function parseUrl(text: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (url.protocol === "https:" || url.protocol === "http:") return url;
  }
  throw new SwitchyardError("invalid_request", "the provider's base URL is not an http or https URL", {
    next: "Correct the base URL in the settings",
  });
}

function queueFull(origin: string, max: number) {
  return failure("overloaded", `${max} requests already wait for a connection to ${origin}`);
}

function tooManyOrigins(): SwitchyardError {
  return new SwitchyardError("unavailable", `more than ${providerLimits.originsMax} provider origins are in use`, {
    next: "Remove custom endpoints that are not needed",
    details: { origins_max: providerLimits.originsMax },
  });
}
