/** Oldest releases with a SQLite that is safe with several processes on one file, by major version. */
const oldest: Readonly<Record<number, number>> = { 22: 23, 24: 21 };

/**
 * Why this Node cannot run Switchyard, in one line with what to do, or `undefined` when it can.
 * SQLite 3.7.0 to 3.51.2 can lose a WAL that two processes write (sqlite.org/wal.html#walresetbug), but for the
 * backports 3.44.6 and 3.50.7.
 */
export function runtimeProblem(versions: {
  readonly node: string;
  readonly sqlite?: string | undefined;
}): string | undefined {
  const [major = 0, minor = 0] = numbers(versions.node);
  const minorNeeded = oldest[major];
  if (major < 22 || major === 23 || major === 25 || (minorNeeded !== undefined && minor < minorNeeded)) {
    return `Node ${versions.node} is too old or unsupported. Install Node 22.23 or later, 24.21 or later, or 26, and start again.`;
  }
  if (versions.sqlite === undefined || isAffected(numbers(versions.sqlite))) {
    return `this Node carries SQLite ${versions.sqlite ?? "(none)"}, which can lose data when several processes share a file. Install a newer release of Node ${major} and start again.`;
  }
  return undefined;
}

function isAffected([major = 0, minor = 0, patch = 0]: readonly number[]): boolean {
  if (major !== 3 || minor < 7 || minor > 51) return false;
  if (minor === 44) return patch < 6;
  if (minor === 50) return patch < 7;
  return minor < 51 || patch < 3;
}

function numbers(version: string): number[] {
  return version.split(".").map((part) => Number.parseInt(part, 10));
}
