import type { Clock } from "../core/clock.ts";
import { inferLimits } from "../core/limits.ts";
import { Generation } from "./generation.ts";
import type { GenerationStore, StoredGeneration } from "./generation-store.ts";
import type { InferResult } from "./result.ts";
import { textOf } from "./snapshot.ts";

/**
 * A generation that another process runs, or ran: its events are read from the disk as they come there. When its
 * runner dies, what it had delivered is kept and the generation is ended as failed, by one of those who follow.
 */
export function followGeneration(
  stored: StoredGeneration,
  store: GenerationStore,
  clock: Clock,
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

  async function poll(): Promise<void> {
    for (let current: StoredGeneration | undefined = stored; current; current = store.find(stored.id, owner)) {
      readEvents();
      if (current.state !== "running") {
        // The result was written after the last event: what came between the two reads is read now.
        readEvents();
        return generation.finish(current.result ?? interrupted(current, generation));
      }
      caughtUp.resolve();
      if (current.leaseUntilMs < clock.now()) await store.abandon(stored.id, interrupted(current, generation));
      else await clock.sleep(inferLimits.followPollMs, signal);
    }
  }

  void poll()
    .catch(() => undefined)
    .finally(caughtUp.resolve);
  return generation;
}

function interrupted(stored: StoredGeneration, generation: Generation): InferResult {
  const text = textOf(generation.events);
  return {
    id: stored.id,
    status: "failed",
    model: stored.model,
    provider: stored.model.slice(0, Math.max(0, stored.model.indexOf("/"))),
    output: text === "" ? {} : { text },
    cost: { total: "0", list: "0" },
    attempts: [],
    cached: false,
    warnings: [],
    error: {
      code: "unavailable",
      message: "the process that ran this call ended before its answer was whole",
      next: "Call again; output.text holds what had been delivered, and what it cost is settled by the ledger",
      retryable: true,
      details: {},
    },
  };
}
