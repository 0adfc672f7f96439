import { inferLimits } from "../core/limits.ts";
import type { GenerationStore } from "./generation-store.ts";
import type { Retention } from "./purge-generations.ts";

/** Purges calls that were kept for long enough, now and then, one purge at a time. Answers how to stop. */
export function startPurging(store: GenerationStore, retention: Retention): () => Promise<void> {
  let purging: Promise<void> | undefined;
  const timer = setInterval(() => {
    // What fails now is due at the next look.
    purging ??= store
      .purge(retention)
      .catch(() => undefined)
      .finally(() => {
        purging = undefined;
      });
  }, inferLimits.purgeEveryMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await purging;
  };
}
