import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import type { ErrorFacts } from "../../core/errors.ts";
import type { Gateway } from "../../gateway.ts";

/** One HTTP request of a program, with who asks and what it is asked of. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** What the path pattern caught, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** The body as JSON, or a `FormData`; undefined for a GET. */
  readonly body: unknown;
  readonly caller: Caller;
  readonly gateway: Gateway;
  /** Aborts when the client leaves before its answer is whole. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** How one family of client libraries is told of an error. */
export interface ErrorDialect {
  body(facts: ErrorFacts): unknown;
}

export interface Endpoint {
  readonly method: "GET" | "POST";
  /** Matched against the whole path; named groups become `path`. */
  readonly pattern: RegExp;
  readonly errors: ErrorDialect;
  /** Of a POST; JSON unless it says otherwise. */
  readonly body?: "json" | "form";
  handle(exchange: Exchange): Promise<void>;
}

/** A header's value, the first when there are several. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
