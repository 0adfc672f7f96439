import type { Caller } from "../core/caller.ts";

/**
 * Cancellation over HTTP for clients of 2025-11-25 and older: they do not close the response of the call they give
 * up, they send `notifications/cancelled` in a request of its own, which only the id of their session ties to the
 * call. The session holds nothing else, so a server that was restarted knows every session there ever was.
 */
export interface LegacyCalls {
  /** A signal that aborts when the calls in this body are cancelled; call `end` when they are answered. */
  begin(body: unknown, session: string | undefined, caller: Caller): { readonly signal: AbortSignal; end(): void };
  /** Aborts the calls that this body says are given up. */
  cancel(body: unknown, session: string | undefined, caller: Caller): void;
}

export function trackLegacyCalls(): LegacyCalls {
  const running = new Map<string, AbortController>();
  return {
    begin(body, session, caller) {
      const controller = new AbortController();
      const keys = session === undefined ? [] : requestIds(body).map((id) => keyOf(id, session, caller));
      for (const key of keys) running.set(key, controller);
      return {
        signal: controller.signal,
        end() {
          for (const key of keys) if (running.get(key) === controller) running.delete(key);
        },
      };
    },
    cancel(body, session, caller) {
      if (session === undefined) return;
      for (const id of cancelledIds(body)) running.get(keyOf(id, session, caller))?.abort();
    },
  };
}

/** Whether a body is the handshake of the older revisions, which a session begins with. */
export function isInitialize(body: unknown): boolean {
  return messages(body).some(({ method }) => method === "initialize");
}

function requestIds(body: unknown): unknown[] {
  return messages(body).flatMap(({ method, id }) => (method === undefined || id === undefined ? [] : [id]));
}

function cancelledIds(body: unknown): unknown[] {
  return messages(body).flatMap(({ method, params }) => {
    if (method !== "notifications/cancelled" || typeof params !== "object" || params === null) return [];
    return [(params as { requestId?: unknown }).requestId];
  });
}

interface Message {
  readonly method?: unknown;
  readonly id?: unknown;
  readonly params?: unknown;
}

function messages(body: unknown): Message[] {
  const all: unknown[] = Array.isArray(body) ? body : [body];
  return all.filter((message): message is Message => typeof message === "object" && message !== null);
}

/** One caller cannot cancel another's call, whatever session it names; and 1 is not "1". */
function keyOf(id: unknown, session: string, caller: Caller): string {
  return JSON.stringify([caller.workspace, caller.key, session, id]);
}
