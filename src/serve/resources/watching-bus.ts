import type { ServerEventBus } from "@modelcontextprotocol/server";
import type { Caller } from "../../core/caller.ts";
import type { ResourceWatcher } from "./watch.ts";

/** Who listens, and to what. */
export interface Listening {
  readonly caller: Caller;
  readonly uris: readonly string[];
}

/**
 * The SDK's source of change events for subscriptions over HTTP. It does not say whom a listener is for, and one
 * caller must not learn that another's resource of the same name has changed; so each listener hears what is watched
 * for the request that made it, and nothing is published to all.
 */
export function watchingBus(watcher: ResourceWatcher, current: () => Listening | undefined): ServerEventBus {
  return {
    publish() {},
    subscribe(listener) {
      const { caller, uris } = current() ?? { caller: undefined, uris: [] };
      if (caller === undefined) return () => {};
      const stops = uris.map((uri) => watcher.watch(uri, caller, () => listener({ kind: "resource_updated", uri })));
      return () => {
        for (const stop of stops) stop?.();
      };
    },
  };
}
