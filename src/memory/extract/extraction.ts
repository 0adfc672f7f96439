import type { Caller } from "../../core/caller.ts";
import { isoTime } from "../../core/clock.ts";
import { type ErrorCode, toErrorFacts } from "../../core/errors.ts";
import { memoryLimits } from "../../core/limits.ts";
import { dropLease, takeLease } from "../lease.ts";
import type { ExtractedMessage, Extractor } from "../models.ts";
import type { ProfileAccess } from "../profile-database.ts";
import { rememberAll } from "../remember.ts";
import type { MemoryRow } from "../row.ts";
import type { Analyzer } from "../text/analyzer.ts";
import { acceptable } from "./proposals.ts";
import { type Batch, giveBack, keysInUse, markDone, takeBatch } from "./queue.ts";

const work = "extract";

/**
 * Has a model read the waiting messages, batch by batch, and keeps what it proposes; one process at a time. A batch is
 * done, with all it gave, in one transaction, so that nothing is kept twice. The caller pays.
 * @throws what the extractor throws; the batch waits for the next time, a few times.
 */
export async function extractWaiting(
  access: ProfileAccess,
  extractor: Extractor,
  analyzer: Analyzer,
  caller: Caller,
  owner: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted) {
      const taken = await access.write((profile, now) => {
        if (!takeLease(profile, work, owner, now, memoryLimits.leaseMs)) return undefined;
        const batch = takeBatch(profile);
        return batch && { batch, keys: keysInUse(profile) };
      });
      if (taken === undefined) return;
      const { batch, keys } = taken;
      const request = { model: batch.model, messages: batch.messages.map(toMessage), keys };
      const { proposals, generation } = await ask(access, batch, () => extractor(request, caller, signal));
      await access.write((profile, now) => {
        const living = batch.messages.filter(({ n }) => isLiving(profile.statement(selectLiving).get(n)));
        const memories = acceptable(profile, proposals, living, generation, analyzer);
        rememberAll(profile, analyzer, memories, { key: caller.key, now });
        markDone(profile, batch);
      });
    }
  } finally {
    await access.write((profile) => dropLease(profile, work, owner));
  }
}

/** Failures that say nothing about the messages; the attempt does not count. */
const notTheirFault: ReadonlySet<ErrorCode> = new Set([
  "insufficient_credits",
  "budget_exceeded",
  "rate_limited",
  "provider_unavailable",
  "unauthenticated",
  "unavailable",
  "timeout",
  "cancelled",
]);

async function ask<T>(access: ProfileAccess, batch: Batch, answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    if (notTheirFault.has(toErrorFacts(error).code)) await access.write((profile) => giveBack(profile, batch));
    throw error;
  }
}

/** What was forgotten while the model read it gives no facts. */
const selectLiving = "SELECT ended FROM memories WHERE n = ?";

function isLiving(row: Record<string, unknown> | undefined): boolean {
  return row !== undefined && row.ended === null;
}

function toMessage(row: MemoryRow): ExtractedMessage {
  const { id, speaker, content } = row;
  return { id, speaker, content, at: row.occurred_at === null ? null : isoTime(row.occurred_at) };
}
