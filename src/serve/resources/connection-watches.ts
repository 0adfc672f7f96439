import type { JSONRPCMessage, Server } from "@modelcontextprotocol/server";
import type { Caller } from "../../core/caller.ts";
import type { Subscriptions } from "./install.ts";
import { listenedUris } from "./listen.ts";
import type { ResourceWatcher } from "./watch.ts";

/** What the host of one lasting connection has subscribed to, in the manner of either protocol era. */
export interface ConnectionWatches {
  readonly subscriptions: Subscriptions;
  /** Sees every message before the server does: the SDK keeps the newer era's subscriptions to itself. */
  observe(message: JSONRPCMessage): void;
  /** The server that tells the host of changes. */
  serve(server: Server): void;
  close(): void;
}

export function connectionWatches(watcher: ResourceWatcher, caller: Caller): ConnectionWatches {
  const stops = new Map<string, () => void>();
  let server: Server | undefined;

  const watch = (key: string, uri: string): boolean => {
    if (stops.has(key)) return true;
    const stop = watcher.watch(uri, caller, () => {
      // A host that has gone is found out by the transport.
      server?.sendResourceUpdated({ uri }).catch(() => {});
    });
    if (stop !== undefined) stops.set(key, stop);
    return stop !== undefined;
  };

  const stop = (matches: (key: string) => boolean) => {
    for (const [key, end] of stops) {
      if (!matches(key)) continue;
      end();
      stops.delete(key);
    }
  };

  return {
    subscriptions: {
      subscribe: (uri) => watch(`uri ${uri}`, uri),
      unsubscribe: (uri) => stop((key) => key === `uri ${uri}`),
    },
    observe(message) {
      if ("id" in message && "method" in message) {
        for (const uri of listenedUris(message)) watch(`${listenKey(message.id)} ${uri}`, uri);
      } else if ("method" in message && message.method === "notifications/cancelled") {
        const { requestId } = (message.params ?? {}) as { requestId?: unknown };
        stop((key) => key.startsWith(`${listenKey(requestId)} `));
      }
    },
    serve(given) {
      server = given;
    },
    close: () => stop(() => true),
  };
}

function listenKey(id: unknown): string {
  return `listen ${JSON.stringify(id)}`;
}
