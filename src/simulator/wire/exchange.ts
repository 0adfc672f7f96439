import type { IncomingMessage, ServerResponse } from "node:http";
import { simulatorLimits } from "../../core/limits.ts";
import type { BookWriter, OpenEntry } from "../book.ts";
import { type FailureKind, type Fault, failureKinds } from "../faults/fault.ts";
import type { FaultSource } from "../faults/plan.ts";
import type { LatencyPlan } from "../latency.ts";
import type { ProviderRequest, ProviderWire, UsagePlacement, WireContext } from "../provider.ts";
import { Connection } from "./connection.ts";
import { readBody } from "./read-body.ts";
import { jsonReply, Refusal, type Reply } from "./reply.ts";
import { send } from "./send.ts";

export interface Exchanging {
  readonly wire: ProviderWire;
  readonly accepts: (key: string) => boolean;
  readonly faults: FaultSource;
  readonly latency: LatencyPlan;
  readonly book: BookWriter;
  readonly context: WireContext;
  readonly nextSequence: () => number;
}

/** Serves one request from its first byte to its entry in the book. Never rejects. */
export async function serveExchange(request: IncomingMessage, response: ServerResponse, on: Exchanging): Promise<void> {
  const { wire, context } = on;
  const connection = new Connection(response, context.clock);
  const url = new URL(request.url ?? "/", "http://simulator");
  const body = await readBody(request, simulatorLimits.requestBodyBytesMax);
  let usagePlacement: UsagePlacement = "as_documented";
  let parsed: { value: unknown } | undefined;
  const sequence = on.nextSequence();
  const requestId = context.ids.next("req_");
  const incoming: ProviderRequest = {
    method: request.method ?? "GET",
    path: decoded(url.pathname.slice(wire.routePath.length)),
    query: url.searchParams,
    headers: request.headers,
    body: body ?? Buffer.alloc(0),
    sequence,
    requestId,
    json() {
      parsed ??= { value: parseJson(this.body) };
      return parsed.value;
    },
    get usagePlacement() {
      return usagePlacement;
    },
  };
  const key = wire.keyOf(incoming);
  const model = wire.modelOf(incoming);
  const fault = on.faults.next({ provider: wire.name, model, path: incoming.path, key });
  if (fault?.kind === "usage_twice") usagePlacement = "twice";
  if (fault?.kind === "usage_early") usagePlacement = "early";
  const entry: OpenEntry = {
    sequence,
    provider: wire.name,
    model,
    method: incoming.method,
    path: incoming.path,
    requestId,
    clientRequestId: header(request, "x-client-request-id") ?? header(request, "x-request-id"),
    idempotencyKey: header(request, "idempotency-key"),
    startedAtMs: context.clock.now(),
    endedAtMs: null,
    status: null,
    fault: fault === null || fault.kind === "none" ? null : fault.kind,
    outcome: "running",
    streamed: false,
    eventsSent: 0,
    billed: {},
  };
  on.book.open(entry, incoming.body);
  try {
    if (fault?.kind === "refuse_connection") {
      connection.reset();
      entry.outcome = "failed";
      return;
    }
    const reply =
      failureOf(wire, fault, context.clock.now(), incoming) ??
      (body === null ? wire.tooLarge(incoming) : answer(wire, incoming, key, on.accepts));
    entry.status = reply.status;
    entry.streamed = reply.type === "stream";
    const sent = await send(connection, reply, {
      headers: wire.headers(incoming),
      latency: on.latency.of(wire.name),
      fault,
      errorEvent: ({ failure }) => wire.errorEvent(failure, incoming),
    });
    Object.assign(entry, sent);
    if (fault && (isFailure(fault.kind) || fault.kind === "error_with_200") && entry.outcome !== "client_gone")
      entry.outcome = "failed";
  } catch {
    // A client that went away in the middle of a write; anything of ours is seen in the tests as a missing answer.
    entry.outcome = "client_gone";
    connection.reset();
  } finally {
    entry.endedAtMs = context.clock.now();
    on.book.close(entry);
  }
}

function answer(
  wire: ProviderWire,
  request: ProviderRequest,
  key: string | null,
  accepts: (key: string) => boolean,
): Reply {
  try {
    const isAccepted = key !== null && accepts(key);
    for (const route of wire.routes) {
      if (route.method !== request.method || !(isAccepted || route.isOpen)) continue;
      if (route.path === request.path) return route.handle(request, []);
      const match = typeof route.path === "string" ? null : route.path.exec(request.path);
      if (match) return route.handle(request, match.slice(1));
    }
    if (!isAccepted) return wire.unauthenticated(key, request);
    return wire.notFound(request);
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    // A bug in the simulator must not look like the provider's own failure.
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return jsonReply(599, { simulator_bug: stack });
  }
}

const htmlPage =
  "<!DOCTYPE html><html><head><title>Simulated gateway</title></head><body><h1>Not JSON</h1></body></html>";

/** The reply that stands in for the provider's own, for faults that do not need one. */
function failureOf(wire: ProviderWire, fault: Fault | null, nowMs: number, request: ProviderRequest): Reply | null {
  if (fault === null) return null;
  const hint = {
    form: "none",
    afterMs: 0,
    nowMs,
    requestId: request.requestId,
    limit: "requests",
    path: request.path,
  } as const;
  if (fault.kind === "html") return { type: "bytes", status: fault.status, contentType: "text/html", body: htmlPage };
  if (fault.kind === "error_with_200") return { ...wire.failure(fault.failure, hint), status: 200 };
  if (fault.kind === "rate_limited") {
    return wire.failure(fault.kind, { ...hint, form: fault.retry, afterMs: fault.afterMs, limit: fault.limit });
  }
  return isFailure(fault.kind) ? wire.failure(fault.kind, hint) : null;
}

function isFailure(kind: string): kind is FailureKind {
  return (failureKinds as readonly string[]).includes(kind);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}

/** A path with its escapes read: a model's slashes may come either way. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" ? value : null;
}
