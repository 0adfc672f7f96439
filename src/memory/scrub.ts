import { Worker } from "node:worker_threads";
import { SwitchyardError } from "../core/errors.ts";
import type { ProfileDatabase } from "./profile-database.ts";

const pending = "scrub";

/** Notes, in the transaction that erases rows, that their bytes are still in the file. */
export function markForScrub(profile: ProfileDatabase): void {
  profile.run("INSERT OR REPLACE INTO facts_of_profile (name, value) VALUES (?, '1')", pending);
}

export function needsScrub(profile: ProfileDatabase): boolean {
  return profile.statement("SELECT 1 FROM facts_of_profile WHERE name = ?").get(pending) !== undefined;
}

/**
 * Runs in a thread of its own, since writing a large file anew takes seconds. The full-text segments are merged so
 * that deleted terms go, the file is written anew without free pages or slack, and the write-ahead log is emptied into
 * it. The mark goes last: a crash before that only means doing it again.
 */
const program = `
const { parentPort, workerData } = require("node:worker_threads");
const { DatabaseSync } = require("node:sqlite");
const { path, pending, lockWaitMs } = workerData;
const giveUpAt = performance.now() + lockWaitMs;
const database = new DatabaseSync(path);
try {
  database.exec("PRAGMA busy_timeout = " + lockWaitMs);
  for (const index of ["live_index", "past_index"]) {
    database.exec("INSERT INTO " + index + " (" + index + ") VALUES ('optimize')");
  }
  database.exec("VACUUM");
  // SQLite does not wait by itself while another connection runs a checkpoint.
  const checkpoint = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  let { busy } = checkpoint.get();
  while (busy !== 0 && performance.now() < giveUpAt) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    busy = checkpoint.get().busy;
  }
  if (busy === 0) database.prepare("DELETE FROM facts_of_profile WHERE name = ?").run(pending);
  parentPort.postMessage({ done: busy === 0 });
} catch (error) {
  parentPort.postMessage({ done: false, reason: error.message });
} finally {
  database.close();
}
`;

/**
 * Leaves no byte of erased memories in the profile's file and its log.
 * @throws unavailable when other processes kept the file busy for `lockWaitMs`, or the disk is full.
 */
export async function scrub(path: string, lockWaitMs: number): Promise<void> {
  const worker = new Worker(program, { eval: true, workerData: { path, lockWaitMs, pending } });
  const { promise, resolve, reject } = Promise.withResolvers<{ done: boolean; reason?: string }>();
  worker.once("message", resolve).once("error", reject);
  try {
    const { done, reason } = await promise;
    if (done) return;
    throw new SwitchyardError(
      "unavailable",
      `the memories are erased, but the file still holds traces of them: ${reason ?? "other processes keep it busy"}`,
      { next: "Call forget again with the same arguments to finish", retryable: true, details: { reason } },
    );
  } finally {
    await worker.terminate();
  }
}
