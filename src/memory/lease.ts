import type { ProfileDatabase } from "./profile-database.ts";

/**
 * Takes or renews the right to do one kind of background work on a profile, among all processes that share it. Inside
 * the caller's transaction. False while another owner's lease has not run out.
 */
export function takeLease(profile: ProfileDatabase, work: string, owner: string, now: number, forMs: number): boolean {
  const row = profile.statement("SELECT value FROM facts_of_profile WHERE name = ?").get(leaseOf(work));
  const [holder, until] = String(row?.value ?? " 0").split(" ");
  if (row !== undefined && holder !== owner && Number(until) > now) return false;
  const put = "INSERT OR REPLACE INTO facts_of_profile (name, value) VALUES (?, ?)";
  profile.run(put, leaseOf(work), `${owner} ${now + forMs}`);
  return true;
}

/** Gives the right back, if it is still this owner's. */
export function dropLease(profile: ProfileDatabase, work: string, owner: string): void {
  profile.run("DELETE FROM facts_of_profile WHERE name = ? AND value LIKE ? || ' %'", leaseOf(work), owner);
}

function leaseOf(work: string): string {
  return `lease ${work}`;
}
