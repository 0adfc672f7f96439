import type { Clock } from "../core/clock.ts";
import { inferLimits } from "../core/limits.ts";
import { Generation } from "./generation.ts";
import type { GenerationStore, StoredGeneration } from "./generation-store.ts";
import { lostGeneration } from "./lost-generation.ts";
import type { Resolver } from "./resolve.ts";

export interface FollowOptions {
  readonly resolver: Resolver;
  /** Goes on with jobs whose processes are gone. */
  readonly takeOverJobs: () => Promise<void>;
}

/**
 * A generation that another process runs, or ran: its events are read from the disk as they come there. When its
 * runner dies, the generation is ended by one of those who follow: with its answer where all of it was written down, else as
 * failed with what had been delivered.
 */
export function followGeneration(
  stored: StoredGeneration,
  store: GenerationStore,
  clock: Clock,
  { resolver, takeOverJobs }: FollowOptions,
  signal: AbortSignal,
): Generation {
  const generation = new Generation(stored.id, stored.createdAtMs);
  const owner = { workspace: stored.workspace, key: stored.key };
  const caughtUp = Promise.withResolvers<void>();
  generation.caughtUp = caughtUp.promise;

  function readEvents(): void {
    for (;;) {
      const events = store.events(stored.id, generation.events.length, inferLimits.followEventsPerPoll);
      for (const { event } of events) generation.append(event);
      if (events.length < inferLimits.followEventsPerPoll) return;
    }
  }

  const lost = (current: StoredGeneration) => lostGeneration(current, generation.events, resolver).result;

  async function poll(): Promise<void> {
    for (let current: StoredGeneration | undefined = stored; current; current = store.find(stored.id, owner)) {
      readEvents();
      if (current.state !== "running") {
        // The result was written after the last event: what came between the two reads is read now.
        readEvents();
        return generation.finish(current.result ?? lost(current));
      }
      caughtUp.resolve();
      if (current.leaseUntilMs < clock.now()) {
        // A store that is busy now is asked again.
        if (await store.abandon(stored.id, lost(current)).catch(() => false)) continue;
        await takeOverJobs().catch(() => undefined);
      }
      await clock.sleep(inferLimits.followPollMs, signal);
    }
  }

  void poll()
    .catch(() => undefined)
    .finally(caughtUp.resolve);
  return generation;
}
