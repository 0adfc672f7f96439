import type { ByteString } from "./objects/byte-string.ts";
import type { Commit } from "./objects/commit.ts";
import type { Oid } from "./objects/object.ts";
import { readCommit } from "./read-object.ts";
import type { ObjectStore } from "./store/object-store.ts";
import { entryAt } from "./tree-walk.ts";

export interface HistoryEntry {
  readonly oid: Oid;
  readonly commit: Commit;
  /** False when the commit leaves the path as one of its parents has it. */
  readonly isShown: boolean;
}

/**
 * Commits reachable from one, newest first, as `git log` orders them. With a path, its history is simplified as git
 * does: a merge that takes the path from one parent is left by that parent alone.
 */
export async function* walkHistory(
  objects: ObjectStore,
  start: Oid,
  path: readonly ByteString[],
): AsyncGenerator<HistoryEntry> {
  const waiting: { oid: Oid; commit: Commit }[] = [];
  const seen = new Set<Oid>();
  const push = async (oid: Oid) => {
    if (seen.has(oid)) return;
    seen.add(oid);
    const commit = await readCommit(objects, oid);
    let at = waiting.length;
    // Kept oldest first, so that the next is popped; of equal times the one found first comes first.
    while (at > 0 && (waiting[at - 1]?.commit.committer.at ?? 0) >= commit.committer.at) at -= 1;
    waiting.splice(at, 0, { oid, commit });
  };
  await push(start);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { oid, commit } = next;
    const same = path.length === 0 ? { isShown: true, follow: commit.parents } : await compare(objects, commit, path);
    yield { oid, commit, isShown: same.isShown };
    for (const parent of same.follow) await push(parent);
  }
}

async function compare(
  objects: ObjectStore,
  commit: Commit,
  path: readonly ByteString[],
): Promise<{ readonly isShown: boolean; readonly follow: readonly Oid[] }> {
  const here = await identityAt(objects, commit.tree, path);
  for (const parent of commit.parents) {
    const there = await identityAt(objects, (await readCommit(objects, parent)).tree, path);
    if (there === here) return { isShown: false, follow: [parent] };
  }
  return { isShown: commit.parents.length > 0 || here !== null, follow: commit.parents };
}

async function identityAt(objects: ObjectStore, tree: Oid, path: readonly ByteString[]): Promise<string | null> {
  const entry = await entryAt(objects, tree, path);
  return entry === null ? null : `${entry.mode} ${entry.oid}`;
}
