import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** How many bytes the files under a directory have. Files that go away meanwhile are left out. */
export function bytesUnder(directory: string): number {
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
