import { memoryLimits } from "../../core/limits.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import type { MemoryRow } from "../row.ts";

/** Messages of one session that are read together. */
export interface Batch {
  readonly model: string;
  readonly messages: readonly MemoryRow[];
}

/** Puts messages in line for extraction, each once ever. Answers how many wait that did not before. */
export function enqueue(profile: ProfileDatabase, ids: readonly string[], model: string): number {
  const { count: before } = waiting(profile);
  const put = `
    INSERT OR IGNORE INTO extractions (n, model, state)
    SELECT n, ?, 'waiting' FROM memories WHERE id IN (SELECT value FROM json_each(?)) AND ended IS NULL`;
  profile.run(put, model, JSON.stringify(ids));
  return waiting(profile).count - before;
}

export function hasWaiting(profile: ProfileDatabase): boolean {
  return waiting(profile).count > 0;
}

function waiting(profile: ProfileDatabase): { count: number } {
  return profile.statement("SELECT count(*) AS count FROM extractions WHERE state = 'waiting'").get() as {
    count: number;
  };
}

/**
 * Takes the next messages and counts the attempt, so that a message that ends the process every time is not tried for
 * ever. Undefined when nothing waits.
 */
export function takeBatch(profile: ProfileDatabase): Batch | undefined {
  const { extractAttemptsMax, extractMessagesMax, extractCharactersMax } = memoryLimits;
  profile.run("UPDATE extractions SET state = 'failed' WHERE state = 'waiting' AND attempts >= ?", extractAttemptsMax);
  const rows = profile
    .statement(
      `SELECT m.*, e.model AS model FROM extractions e JOIN memories m USING (n)
       WHERE e.state = 'waiting' ORDER BY m.n LIMIT ?`,
    )
    .all(extractMessagesMax) as unknown as (MemoryRow & { model: string })[];
  const [first] = rows;
  if (first === undefined) return undefined;
  const messages: MemoryRow[] = [];
  let characters = 0;
  for (const row of rows) {
    characters += row.content.length;
    const isOther = row.session !== first.session || row.model !== first.model;
    if (isOther || (messages.length > 0 && characters > extractCharactersMax)) break;
    messages.push(row);
  }
  for (const { n } of messages) profile.run("UPDATE extractions SET attempts = attempts + 1 WHERE n = ?", n);
  return { model: first.model, messages };
}

/** Takes the attempt back that `takeBatch` counted. */
export function giveBack(profile: ProfileDatabase, { messages }: Batch): void {
  for (const { n } of messages) profile.run("UPDATE extractions SET attempts = attempts - 1 WHERE n = ?", n);
}

export function markDone(profile: ProfileDatabase, { messages }: Batch): void {
  for (const { n } of messages) profile.run("UPDATE extractions SET state = 'done' WHERE n = ?", n);
}

/** Keys in use, the last remembered first. */
export function keysInUse(profile: ProfileDatabase): string[] {
  return profile
    .statement("SELECT key FROM memories WHERE topic IS NOT NULL AND ended IS NULL ORDER BY n DESC LIMIT ?")
    .all(memoryLimits.extractKeysMax)
    .map((row) => String(row.key));
}
