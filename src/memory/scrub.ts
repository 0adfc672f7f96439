import type { ProfileDatabase } from "./profile-database.ts";

const pending = "scrub";

/** Notes, in the transaction that erases rows, that their bytes are still in the file. */
export function markForScrub(profile: ProfileDatabase): void {
  profile.statement("INSERT OR REPLACE INTO facts_of_profile (name, value) VALUES (?, '1')").run(pending);
}

export function needsScrub(profile: ProfileDatabase): boolean {
  return profile.statement("SELECT 1 FROM facts_of_profile WHERE name = ?").get(pending) !== undefined;
}

/**
 * Leaves no byte of erased memories behind: the full-text segments are merged so that deleted terms go, the file is
 * written anew without free pages, and the write-ahead log is emptied. False when another process was in the way.
 */
export function scrub(profile: ProfileDatabase): boolean {
  const { database } = profile;
  database.exec("INSERT INTO live_index (live_index) VALUES ('optimize')");
  database.exec("INSERT INTO past_index (past_index) VALUES ('optimize')");
  profile.statement("DELETE FROM facts_of_profile WHERE name = ?").run(pending);
  database.exec("VACUUM");
  const result = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  if (Number(result?.busy) === 0) return true;
  markForScrub(profile);
  return false;
}
