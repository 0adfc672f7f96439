import { inferLimits } from "../core/limits.ts";
import type { LookUpCost } from "../credits/ledger.ts";
import type { GenerationStore } from "./generation-store.ts";
import { lostGeneration } from "./lost-generation.ts";
import type { Resolver } from "./resolve.ts";

/**
 * Asks the record of generations what a call cost whose process died before it could settle. Known where the call's
 * result, or its whole answer with its usage, had been written down.
 */
export function costOfLost(store: GenerationStore, resolver: Resolver): LookUpCost {
  return async ({ idempotencyKey }) => {
    const stored = idempotencyKey === null ? undefined : store.look(idempotencyKey);
    if (!stored) return undefined;
    return lostGeneration(stored, store.events(stored.id, 0, inferLimits.lostEventsMax), resolver).settlement;
  };
}
