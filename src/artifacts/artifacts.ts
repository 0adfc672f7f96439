import { join } from "node:path";
import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import type { ArtifactContext } from "./context.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import { newPackCaches } from "./pack/pack-file.ts";
import { Repositories } from "./store/repositories.ts";
import { openState } from "./store/state.ts";
import { type CheckoutArgs, type CheckoutResult, checkout } from "./verbs/checkout.ts";
import { type CommitArgs, type CommitResult, commit } from "./verbs/commit.ts";
import { type LogArgs, type LogResult, log } from "./verbs/log.ts";

/** Versioned storage: git repositories by workspace, for callers that need no git. */
export interface Artifacts {
  commit(args: CommitArgs, caller: Caller, options?: CallOptions): Promise<CommitResult>;
  checkout(args: CheckoutArgs, caller: Caller, options?: CallOptions): Promise<CheckoutResult>;
  log(args: LogArgs, caller: Caller, options?: CallOptions): Promise<LogResult>;
  /** Where a repository is on disk, for `git` commands of the same machine. */
  directoryOf(workspace: string, repo: string): string;
  close(): Promise<void>;
}

export interface ArtifactOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Reads the bytes behind a blob handle. */
  readonly readBlob?: (blob: string) => Promise<Uint8Array>;
  /** Directories of this machine that `checkout` may write into. */
  readonly allowedDirectories?: readonly string[];
  /** The URL that clones a repository, when it is served. */
  readonly remote?: (workspace: string, repo: string) => string | undefined;
}

/** Opens the artifacts under a directory. Nothing is read or made until the first call. */
export function openArtifacts(options: ArtifactOptions): Artifacts {
  const { directory, clock, rng } = options;
  const state = openState(join(directory, "artifacts.db"));
  const repositories = new Repositories(directory, {
    clock,
    rng,
    exclusively: state.exclusively,
    caches: newPackCaches(),
  });
  const context: ArtifactContext = {
    clock,
    rng,
    repositories,
    queue: new KeyedQueue(),
    readBlob: options.readBlob,
    allowedDirectories: options.allowedDirectories ?? [],
    remote: options.remote ?? (() => undefined),
  };
  return {
    commit: (args, caller, callOptions) => commit(context, args, caller, callOptions),
    checkout: (args, caller, callOptions) => checkout(context, args, caller, callOptions),
    log: (args, caller, callOptions) => log(context, args, caller, callOptions),
    directoryOf: (workspace, repo) => repositories.pathOf(workspace, repo),
    async close() {
      repositories.close();
      state.close();
    },
  };
}
