import { join } from "node:path";
import type { Clock, Rng } from "../../core/clock.ts";
import { artifactLimits } from "../../core/limits.ts";
import { newPacer } from "../pacer.ts";
import { acquireLock, type LockParts } from "../store/lock-file.ts";
import type { Repositories } from "../store/repositories.ts";
import type { Repository } from "../store/repository.ts";
import { type Consolidated, consolidate } from "./consolidate.ts";

/** Packs repositories in the background, so that they stay quick to read however often they are written. */
export interface Maintenance {
  /** To be called after each change; most calls do nothing. */
  noteChange(workspace: string, repo: string): void;
  /** Packs now, whatever there is. Null when there is nothing to gain. */
  run(workspace: string, repo: string): Promise<Consolidated | null>;
  close(): Promise<void>;
}

export function newMaintenance(
  repositories: Repositories,
  locks: LockParts,
  parts: { readonly clock: Clock; readonly rng: Rng },
): Maintenance {
  const changes = new Map<string, number>();
  const running = new Map<string, Promise<unknown>>();
  const stopping = new AbortController();

  const pack = (workspace: string, repo: string) =>
    repositories.use(workspace, repo, async (repository) => {
      // One process at a time: two would each pack what the other packs.
      const path = join(repository.privateDirectory, "maintenance");
      const lock = await acquireLock(path, repository.privateDirectory, locks, stopping.signal);
      try {
        return await consolidate(repository, parts, newPacer(parts.clock, stopping.signal));
      } finally {
        lock.release();
      }
    });

  return {
    noteChange(workspace, repo) {
      const key = `${workspace}/${repo}`;
      const count = (changes.get(key) ?? 0) + 1;
      changes.set(key, count % artifactLimits.changesPerPackingLook);
      if (count < artifactLimits.changesPerPackingLook || running.has(key) || stopping.signal.aborted) return;
      const work = repositories
        .use(workspace, repo, async (repository) => needsPacking(repository))
        .then((isNeeded) => (isNeeded ? pack(workspace, repo) : null))
        // It is tried again after some more changes; nothing was lost.
        .catch(() => null)
        .finally(() => running.delete(key));
      running.set(key, work);
    },
    run: pack,
    async close() {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}

function needsPacking(repository: Repository): boolean {
  const { loose, packs } = repository.objects;
  packs.refresh();
  return packs.packs.length > artifactLimits.packsMax || loose.list().length > artifactLimits.looseObjectsMax;
}
