import type { Caller } from "../../core/caller.ts";
import { memoryLimits } from "../../core/limits.ts";
import { dropLease, takeLease } from "../lease.ts";
import type { Embedder } from "../models.ts";
import type { ProfileAccess, ProfileDatabase } from "../profile-database.ts";
import { toBytes } from "./vector-index.ts";

interface Waiting {
  readonly n: number;
  readonly content: string;
  readonly key: string | null;
  readonly speaker: string | null;
}

const work = "embed";

/** Whether any memory has no vector of this model yet. */
export function needsVectors(profile: ProfileDatabase, model: string): boolean {
  const done = doneUpTo(profile, model);
  return profile.statement("SELECT 1 FROM memories WHERE n > ? AND ended IS NULL LIMIT 1").get(done) !== undefined;
}

/**
 * Gives every living memory a vector of this embedder's model, oldest first, in batches; one process at a time. What
 * was done stays done when it stops. The caller pays.
 */
export async function embedMissing(
  access: ProfileAccess,
  embedder: Embedder,
  caller: Caller,
  owner: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted) {
      const batch = await access.write((profile, now) => nextBatch(profile, embedder.model, owner, now));
      if (batch === undefined || batch.length === 0) return;
      const vectors = await embedder.embed(batch.map(textOf), "document", caller, signal);
      if (vectors.length !== batch.length || vectors.some((vector) => vector.length !== embedder.dimensions)) {
        throw new Error(`${embedder.model} answered other vectors than were asked for`);
      }
      await access.write((profile) => store(profile, embedder.model, batch, vectors));
    }
  } finally {
    await access.write((profile) => dropLease(profile, work, owner));
  }
}

/** Undefined while another process is at it. */
function nextBatch(profile: ProfileDatabase, model: string, owner: string, now: number): Waiting[] | undefined {
  if (!takeLease(profile, work, owner, now, memoryLimits.leaseMs)) return undefined;
  return profile
    .statement("SELECT n, content, key, speaker FROM memories WHERE n > ? AND ended IS NULL ORDER BY n LIMIT ?")
    .all(doneUpTo(profile, model), memoryLimits.embedBatchMax) as unknown as Waiting[];
}

function store(
  profile: ProfileDatabase,
  model: string,
  batch: readonly Waiting[],
  vectors: readonly Float32Array[],
): void {
  const living = profile.statement("SELECT 1 FROM memories WHERE n = ? AND ended IS NULL");
  for (const [index, { n }] of batch.entries()) {
    const vector = vectors[index];
    // A memory that was forgotten meanwhile gets no vector.
    if (vector === undefined || living.get(n) === undefined) continue;
    profile.run("INSERT OR REPLACE INTO vectors (n, model, vector) VALUES (?, ?, ?)", n, model, toBytes(vector));
  }
  const put = "INSERT OR REPLACE INTO facts_of_profile (name, value) VALUES ('embedded', ?)";
  profile.run(put, `${batch.at(-1)?.n ?? 0} ${model}`);
}

/** All memories up to this number have a vector of the model. */
function doneUpTo(profile: ProfileDatabase, model: string): number {
  const row = profile.statement("SELECT value FROM facts_of_profile WHERE name = 'embedded'").get();
  const [, number, by] = /^(\d+) (.*)$/s.exec(String(row?.value ?? "")) ?? [];
  return by === model ? Number(number) : 0;
}

function textOf({ content, key, speaker }: Waiting): string {
  const lead = [speaker, key].filter((part) => part !== null).join(", ");
  const text = lead === "" ? content : `${lead}: ${content}`;
  return text.slice(0, memoryLimits.embedCharactersMax).toWellFormed();
}
