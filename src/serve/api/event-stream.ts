import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import { waitOver } from "../../core/deadline.ts";
import { serveLimits } from "../../core/limits.ts";

/** Server-sent events to one client, no faster than it reads them. */
export interface EventStream {
  /** Resolves when the client is ready for more. Rejects when it has left. */
  send(event: { readonly event?: string; readonly id?: string; readonly data: unknown }): Promise<void>;
  end(): void;
}

export interface EventStreamOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Begins a 200 answer of server-sent events; a comment goes out whenever nothing else has for a while. */
export function openEventStream(response: ServerResponse, options: EventStreamOptions): EventStream {
  const { signal, clock } = options;
  response.writeHead(200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
    ...options.headers,
  });
  const ended = new AbortController();
  const stop = () => ended.abort(waitOver);
  signal.addEventListener("abort", stop, { once: true });
  let lastSentMs = clock.monotonicMs();
  /** Events that come together leave in one piece, the first of them with the headers. */
  let held = "";
  let isLeaving = false;

  function flush(): void {
    isLeaving = false;
    const text = held;
    held = "";
    if (response.writableEnded) return;
    if (text === "") response.flushHeaders();
    else response.write(text);
  }

  /** Once all that can be said now has been, and before anything is written to a disk. */
  function flushSoon(): void {
    if (isLeaving) return;
    isLeaving = true;
    process.nextTick(flush);
  }
  flushSoon();

  const beat = (): void => {
    clock.sleep(serveLimits.eventStreamKeepAliveMs, ended.signal).then(
      () => {
        if (clock.monotonicMs() - lastSentMs >= serveLimits.eventStreamKeepAliveMs) response.write(": keep-alive\n\n");
        beat();
      },
      () => {},
    );
  };
  beat();

  return {
    async send({ event, id, data }) {
      signal.throwIfAborted();
      lastSentMs = clock.monotonicMs();
      const body = typeof data === "string" ? data : JSON.stringify(data);
      const head = `${event === undefined ? "" : `event: ${event}\n`}${id === undefined ? "" : `id: ${id}\n`}`;
      held += `${head}data: ${body}\n\n`;
      if (held.length >= serveLimits.eventStreamHeldCharactersMax) flush();
      else flushSoon();
      if (response.writableNeedDrain) await once(response, "drain", { signal });
    },
    end() {
      signal.removeEventListener("abort", stop);
      stop();
      response.end(held);
    },
  };
}
