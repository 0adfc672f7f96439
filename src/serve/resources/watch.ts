import { createHash } from "node:crypto";
import type { Caller } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import { toErrorFacts } from "../../core/errors.ts";
import { serveLimits } from "../../core/limits.ts";
import type { ResourceContents } from "./read.ts";

export interface ResourceWatcher {
  /**
   * Calls `onChange` whenever what `caller` reads at the URI has become something else, whichever process changed it.
   * Returns how to stop. Undefined when too much is being watched already.
   */
  watch(uri: string, caller: Caller, onChange: () => void): (() => void) | undefined;
  /** Something may have changed: looks now rather than at the next turn. */
  look(): void;
  close(): void;
}

export interface ResourceWatcherOptions {
  readonly read: (uri: string, caller: Caller) => Promise<ResourceContents>;
  readonly clock: Clock;
}

interface Watched {
  readonly uri: string;
  readonly caller: Caller;
  readonly onChange: () => void;
  /** Digest of what was last read; undefined until it was first read. */
  seen: string | undefined;
}

/** Reads what is watched from time to time, one after another. Does nothing while nothing is watched. */
export function watchResources({ read, clock }: ResourceWatcherOptions): ResourceWatcher {
  const watched = new Set<Watched>();
  let wake = new AbortController();
  let isLooking = false;
  let isClosed = false;

  const lookAt = async (one: Watched): Promise<void> => {
    const now = await digest(() => read(one.uri, one.caller));
    const before = one.seen;
    one.seen = now;
    if (before !== undefined && before !== now && watched.has(one)) one.onChange();
  };

  const loop = async (): Promise<void> => {
    while (watched.size > 0 && !isClosed) {
      for (const one of [...watched]) if (watched.has(one)) await lookAt(one);
      await clock.sleep(serveLimits.resourcePollMs, wake.signal).catch(() => {});
      if (wake.signal.aborted) wake = new AbortController();
    }
  };

  const begin = (): void => {
    if (isLooking) return;
    isLooking = true;
    void loop().finally(() => {
      isLooking = false;
      if (watched.size > 0 && !isClosed) begin();
    });
  };

  return {
    watch(uri, caller, onChange) {
      if (watched.size >= serveLimits.resourceWatchesMax) return undefined;
      const one: Watched = { uri, caller, onChange, seen: undefined };
      watched.add(one);
      wake.abort();
      begin();
      return () => watched.delete(one);
    },
    look: () => wake.abort(),
    close() {
      isClosed = true;
      watched.clear();
      wake.abort();
    },
  };
}

/** What cannot be read is a state as well: a file that appears has changed. */
async function digest(read: () => Promise<ResourceContents>): Promise<string> {
  try {
    return createHash("sha256")
      .update(JSON.stringify(await read()))
      .digest("base64");
  } catch (error) {
    return `error: ${toErrorFacts(error).code}`;
  }
}
