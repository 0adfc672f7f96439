import type { Clock, Rng } from "../core/clock.ts";
import type { ArtifactEvents } from "./events.ts";
import type { ImportRules } from "./import/import-rules.ts";
import type { KeyedQueue } from "./keyed-queue.ts";
import type { PolicyOf } from "./receive/push-policy.ts";
import type { StorageMeter } from "./storage-meter.ts";
import type { Repositories } from "./store/repositories.ts";
import type { Tokens } from "./tokens.ts";

/** What every verb works with. */
export interface ArtifactContext {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly repositories: Repositories;
  /** Changes of one branch by this process go one after another; other processes are met at the reference. */
  readonly queue: KeyedQueue;
  readonly readBlob: ((blob: string, workspace: string) => Promise<Uint8Array>) | undefined;
  readonly events: ArtifactEvents;
  readonly tokens: Tokens;
  readonly importRules: ImportRules;
  /** What pushes must keep to. */
  readonly policyOf: PolicyOf;
  /** How many bytes a repository may have. */
  readonly quotaOf: (repo: string) => number;
  readonly meter: StorageMeter;
  readonly allowedDirectories: readonly string[];
  /** The URL that clones a repository, when it is served. */
  readonly remote: (workspace: string, repo: string) => string | undefined;
}
