/** The last release with the WAL-reset bug, and the branches that got the fix as a patch (sqlite.org/wal.html#walresetbug). */
const fixedFrom = [3, 51, 3] as const;
const firstAffected = [3, 7, 0] as const;
const patched: readonly (readonly [minor: number, patch: number])[] = [
  [44, 6],
  [50, 7],
];

/**
 * Whether this SQLite can lose committed pages when several connections write to one WAL file and checkpoint it,
 * which is how every store here is used.
 */
export function hasWalResetBug(version: string): boolean {
  const parts = version.split(".").map(Number);
  const [major = 0, minor = 0, patch = 0] = parts;
  if (before(parts, firstAffected) || !before(parts, fixedFrom)) return false;
  return !patched.some(([fixedMinor, fixedPatch]) => major === 3 && minor === fixedMinor && patch >= fixedPatch);
}

function before(left: readonly number[], right: readonly number[]): boolean {
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
