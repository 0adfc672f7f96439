import type { FailureHint, FailureKind } from "../faults/fault.ts";
import type { ProviderRequest, ProviderWire } from "../provider.ts";
import { bearerKey, modelOfRequest } from "../wire/credentials.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { retryHeaders } from "../wire/retry-after.ts";
import type { ChatError } from "./dialect.ts";

/** A provider's own failures, in its own words. */
export type FailureTable = Readonly<Record<FailureKind, ChatError & { readonly status: number }>>;

export interface DialectErrors {
  /** The body an error is written in. */
  readonly body: (error: ChatError, requestId: string) => object;
  readonly failures: FailureTable;
  /** A rate limit that counts tokens, where it is worded apart. */
  readonly tokensLimited?: ChatError & { readonly status: number };
  /** The wire of an error inside a stream; a data line when absent. */
  readonly event?: (body: object) => string;
  /** How the provider says when to come back; seconds in `Retry-After` when absent. */
  readonly retry?: (hint: FailureHint) => Record<string, string>;
}

/** What a wire has to say besides its errors. */
export type DialectWire = Pick<ProviderWire, "name" | "clientPath" | "routePath" | "routes" | "headers"> &
  Partial<Pick<ProviderWire, "keyOf" | "modelOf">>;

/** An error as a reply, 400 unless it says otherwise. */
export function errorReply(errors: DialectErrors, error: ChatError, request: ProviderRequest): Reply {
  return jsonReply(error.status ?? 400, errors.body(error, request.requestId));
}

/** A wire whose errors are all of one shape. */
export function dialectWire(wire: DialectWire, errors: DialectErrors): ProviderWire {
  const { body, failures } = errors;
  const { name, clientPath, routePath, routes, headers, keyOf = bearerKey, modelOf = modelOfRequest } = wire;
  return {
    name,
    clientPath,
    routePath,
    routes,
    headers,
    keyOf,
    modelOf,
    unauthenticated: (_key, { requestId }) =>
      jsonReply(failures.invalid_key.status, body(failures.invalid_key, requestId)),
    notFound: ({ requestId, method, path }) =>
      jsonReply(404, body({ message: `Unknown request URL: ${method} ${path}`, code: "not_found" }, requestId)),
    tooLarge: ({ requestId }) =>
      jsonReply(413, body({ message: "Request entity too large", code: "request_too_large" }, requestId)),
    failure(kind, hint) {
      const error = hint.limit === "tokens" ? (errors.tokensLimited ?? failures[kind]) : failures[kind];
      const headers = kind === "rate_limited" ? retryHeadersOf(errors, hint) : {};
      return jsonReply(error.status, body(error, hint.requestId), { headers });
    },
    errorEvent(kind, { requestId }) {
      const error = body(failures[kind], requestId);
      return errors.event?.(error) ?? `data: ${JSON.stringify(error)}\n\n`;
    },
  };
}

function retryHeadersOf(errors: DialectErrors, hint: FailureHint): Record<string, string> {
  if (hint.form !== "provider") return retryHeaders(hint);
  return errors.retry?.(hint) ?? retryHeaders({ ...hint, form: "seconds" });
}

/** The same wire with other errors on some of its paths: a provider with two APIs words them in two ways. */
export function withErrorsAt(
  wire: ProviderWire,
  isThere: (path: string) => boolean,
  errors: DialectErrors,
): ProviderWire {
  const other = dialectWire(wire, errors);
  const at = (path: string) => (isThere(path) ? other : wire);
  return {
    ...wire,
    unauthenticated: (key, request) => at(request.path).unauthenticated(key, request),
    notFound: (request) => at(request.path).notFound(request),
    tooLarge: (request) => at(request.path).tooLarge(request),
    failure: (kind, hint) => at(hint.path).failure(kind, hint),
    errorEvent: (kind, request) => at(request.path).errorEvent(kind, request),
  };
}
