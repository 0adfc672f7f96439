import { join } from "node:path";
import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { artifactLimits } from "../core/limits.ts";
import type { ArtifactContext } from "./context.ts";
import { type ArtifactEvent, newArtifactEvents } from "./events.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import { newPackCaches } from "./pack/pack-file.ts";
import type { PushPolicy } from "./receive/push-policy.ts";
import { Repositories } from "./store/repositories.ts";
import { openState } from "./store/state.ts";
import { openTokens, type Tokens } from "./tokens.ts";
import { type CheckoutArgs, type CheckoutResult, checkout } from "./verbs/checkout.ts";
import { type CommitArgs, type CommitResult, commit } from "./verbs/commit.ts";
import { type LogArgs, type LogResult, log } from "./verbs/log.ts";
import { type GitHttpRequest, type GitHttpResponse, serveGit } from "./wire/git-http.ts";

/** Versioned storage: git repositories by workspace, for callers that need no git. */
export interface Artifacts {
  commit(args: CommitArgs, caller: Caller, options?: CallOptions): Promise<CommitResult>;
  checkout(args: CheckoutArgs, caller: Caller, options?: CallOptions): Promise<CheckoutResult>;
  log(args: LogArgs, caller: Caller, options?: CallOptions): Promise<LogResult>;
  /** Answers a git client over HTTP; the transport hands requests in and answers out. */
  serveGit(request: GitHttpRequest): Promise<GitHttpResponse>;
  readonly tokens: Tokens;
  /** Calls back for every reference that this process moves; answers a function that stops it. */
  onChange(listener: (event: ArtifactEvent) => void): () => void;
  /** Where a repository is on disk, for `git` commands of the same machine. */
  directoryOf(workspace: string, repo: string): string;
  close(): Promise<void>;
}

export interface ArtifactOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Reads the bytes behind a blob handle. */
  readonly readBlob?: (blob: string, workspace: string) => Promise<Uint8Array>;
  /** Directories of this machine that `checkout` may write into. */
  readonly allowedDirectories?: readonly string[];
  /** The URL that clones a repository, when it is served. */
  readonly remote?: (workspace: string, repo: string) => string | undefined;
  /** What pushes must keep to, by branch. */
  readonly pushPolicies?: readonly PushPolicy[];
  /** How large a repository may become by pushes. */
  readonly repositoryBytesMax?: number;
  /** Finds the caller of a key that a git client gives and that is none of our tokens. */
  readonly authenticateKey?: (secret: string) => Promise<Caller | null>;
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
    events: newArtifactEvents(),
    pushPolicies: options.pushPolicies ?? [],
    repositoryBytesMax: options.repositoryBytesMax ?? artifactLimits.repositoryBytesMaxDefault,
    readBlob: options.readBlob,
    allowedDirectories: options.allowedDirectories ?? [],
    remote: options.remote ?? (() => undefined),
  };
  const tokens = openTokens(state, clock, rng);
  const git = { context, tokens, authenticateKey: options.authenticateKey };
  return {
    tokens,
    serveGit: (request) => serveGit(git, request),
    onChange: (listener) => context.events.listen(listener),
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
