import { memoryLimits } from "../core/limits.ts";
import { type PortableRow, readLine } from "./portable.ts";
import type { ProfileDatabase } from "./profile-database.ts";
import type { ImportResult } from "./results.ts";
import type { MemoryRow } from "./row.ts";

/** The next rows of an export, in the order they were remembered. */
export function rowsAfter(profile: ProfileDatabase, n: number): MemoryRow[] {
  return profile
    .statement("SELECT * FROM memories WHERE n > ? ORDER BY n LIMIT ?")
    .all(n, memoryLimits.importRowsPerCommitMax) as unknown as MemoryRow[];
}

/** Reads lines and hands their rows to `store` in batches. A bad line is counted and told of; the others go on. */
export async function importLines(
  lines: AsyncIterable<string> | Iterable<string>,
  now: number,
  store: (rows: readonly PortableRow[]) => Promise<number>,
): Promise<ImportResult> {
  const { importRowsPerCommitMax, importProblemsMax } = memoryLimits;
  const problems: { line: number; problem: string }[] = [];
  let number = 0;
  let skipped = 0;
  let given = 0;
  let imported = 0;
  let batch: PortableRow[] = [];
  for await (const text of lines) {
    number += 1;
    if (text.trim() === "") continue;
    try {
      batch.push(...readLine(text, now));
    } catch (error) {
      skipped += 1;
      if (problems.length < importProblemsMax) problems.push({ line: number, problem: reason(error) });
    }
    if (batch.length < importRowsPerCommitMax) continue;
    given += batch.length;
    imported += await store(batch);
    batch = [];
  }
  given += batch.length;
  if (batch.length > 0) imported += await store(batch);
  return { imported, duplicates: given - imported, skipped, problems };
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").slice(0, 300);
}
