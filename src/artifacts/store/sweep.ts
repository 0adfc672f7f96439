import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Longer than any call lasts: what is older was left by a process that was killed. */
const leftMs = 24 * 3_600_000;

/** Removes temporary files and directories of killed processes. Names with one of the prefixes, not touched for a day. */
export function sweepTemporary(directory: string, prefixes: readonly string[], nowMs: number): void {
  for (const name of readdirSync(directory)) {
    if (!prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const path = join(directory, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && nowMs - stat.mtimeMs > leftMs) rmSync(path, { recursive: true, force: true });
  }
}
