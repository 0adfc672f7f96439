import type { Clock } from "../core/clock.ts";
import { inferLimits } from "../core/limits.ts";
import { Generation } from "./generation.ts";
import type { GenerationStore, StoredGeneration } from "./generation-store.ts";
import type { RemoteRun } from "./handover.ts";
import { lostGeneration } from "./lost-generation.ts";
import type { Resolver } from "./resolve.ts";

export interface FollowOptions {
  readonly resolver: Resolver;
  /** Goes on with jobs whose processes are gone. */
  readonly takeOverJobs: () => Promise<void>;
  /** What the process that runs it says of it, where it was started from here. */
  readonly run?: RemoteRun | undefined;
}

/**
 * A generation that another process runs, or ran: its events are read from the disk as they come there, unless that
 * process tells of them before. When its runner dies, the generation is ended by one of those who follow: with its answer
 * where all of it was written down, else as failed with what had been delivered.
 */
export function followGeneration(
  stored: StoredGeneration,
  store: GenerationStore,
  clock: Clock,
  { resolver, takeOverJobs, run }: FollowOptions,
  signal: AbortSignal,
): Generation {
  const generation = new Generation(stored.id, stored.createdAtMs);
  const owner = { workspace: stored.workspace, key: stored.key };
  const caughtUp = Promise.withResolvers<void>();
  generation.caughtUp = caughtUp.promise;

  /** While we are told of events, the disk is looked at only to be sure. */
  let isTold = run !== undefined;
  let news = Promise.withResolvers<void>();
  run?.listen((events) => {
    for (const { seq, event } of events) if (seq === generation.events.length) generation.append(event);
    const last = events.at(-1);
    isTold = last !== undefined && last.seq < generation.events.length;
    if (!isTold) news.resolve();
  });
  generation.signal.addEventListener("abort", () => {
    run?.cancel();
    // Its runner looks for this, should it not have been told.
    store.cancel(stored.id).catch(() => undefined);
  });

  /** Whether there were any that we had not been told of. */
  function readEvents(): boolean {
    const before = generation.events.length;
    for (;;) {
      const events = store.events(stored.id, generation.events.length, inferLimits.followEventsPerPoll);
      for (const { event } of events) generation.append(event);
      if (events.length < inferLimits.followEventsPerPoll) return generation.events.length > before;
    }
  }

  /** Waits before the next look at the disk: longer and longer while nothing comes there, but not past its bound. */
  async function pause(lastMs: number): Promise<number> {
    const { followPollMsMin, followPollMs, followToldPollMs } = inferLimits;
    const waitMs = isTold ? followToldPollMs : Math.min(Math.max(2 * lastMs, followPollMsMin), followPollMs);
    await Promise.race([clock.sleep(waitMs, signal), news.promise]);
    news = Promise.withResolvers();
    return isTold ? 0 : waitMs;
  }

  const lost = (current: StoredGeneration) => lostGeneration(current, generation.events, resolver).result;

  async function poll(): Promise<void> {
    let pausedMs = 0;
    for (let current: StoredGeneration | undefined = stored; current; current = store.find(stored.id, owner)) {
      if (readEvents()) {
        isTold = false;
        pausedMs = 0;
      }
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
      pausedMs = await pause(pausedMs);
    }
  }

  void poll()
    .catch(() => undefined)
    .finally(caughtUp.resolve);
  return generation;
}
