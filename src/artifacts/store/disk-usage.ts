import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { artifactLimits } from "../../core/limits.ts";

/** How much of the disk a directory takes, without looking at every file each time. */
export class DiskUsage {
  readonly #directory: string;
  readonly #clock: Clock;
  #bytes = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Whether so many bytes more stay within a bound. What others wrote counts after `usageStaleMs` at the latest. */
  hasRoom(bytes: number, bytesMax: number): boolean {
    const isStale = this.#clock.monotonicMs() - this.#measuredAt > artifactLimits.usageStaleMs;
    if (!isStale && this.#bytes + bytes <= bytesMax) return true;
    return this.measure() + bytes <= bytesMax;
  }

  /** Counts what was just written here. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** How many bytes its files have now. Files that go away meanwhile are left out. */
  measure(): number {
    this.#bytes = bytesUnder(this.#directory);
    this.#measuredAt = this.#clock.monotonicMs();
    return this.#bytes;
  }
}

function bytesUnder(directory: string): number {
  let total = 0;
  const waiting = [directory];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of entriesOf(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else total += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    }
  }
  return total;
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
