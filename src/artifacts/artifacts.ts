import { join } from "node:path";
import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { artifactLimits } from "../core/limits.ts";
import type { ArtifactContext } from "./context.ts";
import { type ArtifactEvent, newArtifactEvents } from "./events.ts";
import { type ImportRules, publicImports } from "./import/import-rules.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import { newMaintenance } from "./maintenance/background.ts";
import type { Consolidated } from "./maintenance/consolidate.ts";
import { newPackCaches } from "./pack/pack-file.ts";
import { compilePolicies, type PushPolicy } from "./receive/push-policy.ts";
import { type ResourceContent, readResource } from "./resource.ts";
import { requireWrite } from "./rights.ts";
import { freeStorage, type StorageMeter } from "./storage-meter.ts";
import { Repositories } from "./store/repositories.ts";
import { openState } from "./store/state.ts";
import { openTokens, type Tokens } from "./tokens.ts";
import { type ChangeArgs, type ChangeResult, change } from "./verbs/change.ts";
import { type CheckoutArgs, type CheckoutResult, checkout } from "./verbs/checkout.ts";
import { type CheckoutToResult, checkoutTo } from "./verbs/checkout-to.ts";
import type { CommitArgs, CommitResult } from "./verbs/commit.ts";
import { type DeleteArgs, type DeleteResult, deleteArtifact } from "./verbs/delete.ts";
import { type DiffArgs, type DiffResult, diff } from "./verbs/diff.ts";
import { type ForkArgs, type ForkResult, fork } from "./verbs/fork.ts";
import { type ImportArgs, type ImportResult, importRepository } from "./verbs/import.ts";
import { type ListArgs, type ListResult, list } from "./verbs/list.ts";
import { type LogArgs, type LogResult, log } from "./verbs/log.ts";
import { type MergeArgs, type MergeResult, merge } from "./verbs/merge.ts";
import { type RevertArgs, revert } from "./verbs/revert.ts";
import { type TagArgs, type TagResult, tag } from "./verbs/tag.ts";
import { type GitHttpRequest, type GitHttpResponse, serveGit } from "./wire/git-http.ts";

/** Versioned storage: git repositories by workspace, for callers that need no git. */
export interface Artifacts {
  /** Commits files; or undoes a commit, sets a tag, deletes. A commit of files answers with every field of CommitResult. */
  commit(args: CommitArgs, caller: Caller, options?: CallOptions): Promise<CommitResult>;
  commit(args: ChangeArgs, caller: Caller, options?: CallOptions): Promise<ChangeResult>;
  checkout(args: CheckoutArgs, caller: Caller, options?: CallOptions): Promise<CheckoutResult>;
  /** With `to_directory` the files are written there instead. */
  checkout(
    args: CheckoutArgs & { readonly to_directory?: string | undefined },
    caller: Caller,
    options?: CallOptions,
  ): Promise<CheckoutResult | CheckoutToResult>;
  log(args: LogArgs, caller: Caller, options?: CallOptions): Promise<LogResult>;
  diff(args: DiffArgs, caller: Caller, options?: CallOptions): Promise<DiffResult>;
  merge(args: MergeArgs, caller: Caller, options?: CallOptions): Promise<MergeResult>;
  fork(args: ForkArgs, caller: Caller, options?: CallOptions): Promise<ForkResult>;
  list(args: ListArgs, caller: Caller, options?: CallOptions): Promise<ListResult>;
  revert(args: RevertArgs, caller: Caller, options?: CallOptions): Promise<CommitResult>;
  tag(args: TagArgs, caller: Caller, options?: CallOptions): Promise<TagResult>;
  delete(args: DeleteArgs, caller: Caller, options?: CallOptions): Promise<DeleteResult>;
  import(args: ImportArgs, caller: Caller, options?: CallOptions): Promise<ImportResult>;
  /** Answers a git client over HTTP; the transport hands requests in and answers out. */
  serveGit(request: GitHttpRequest): Promise<GitHttpResponse>;
  readonly tokens: Tokens;
  /** Calls back for every reference that this process moves; answers a function that stops it. */
  onChange(listener: (event: ArtifactEvent) => void): () => void;
  /** Reads `artifact://repo@ref/path`. */
  readResource(uri: string, caller: Caller): Promise<ResourceContent>;
  /** Packs a repository now; it happens by itself in the background. Null when there is nothing to gain. */
  maintain(repo: string, caller: Caller): Promise<Consolidated | null>;
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
  /** How many bytes a repository may have. */
  readonly quotaOf?: (repo: string) => number;
  /** Charges for what is stored; it is free when absent. */
  readonly meter?: StorageMeter;
  readonly importRules?: ImportRules;
  /** Finds the caller of a key that a git client gives and that is none of our tokens. */
  readonly authenticateKey?: (secret: string) => Promise<Caller | null>;
}

/** Opens the artifacts under a directory. Nothing is read or made until the first call. */
export function openArtifacts(options: ArtifactOptions): Artifacts {
  const { directory, clock, rng } = options;
  const state = openState(join(directory, "artifacts.db"));
  const locks = { clock, rng, exclusively: state.exclusively };
  const repositories = new Repositories(directory, { ...locks, caches: newPackCaches() });
  const tokens = openTokens(state, clock, rng);
  const context: ArtifactContext = {
    clock,
    rng,
    repositories,
    queue: new KeyedQueue(),
    events: newArtifactEvents(),
    tokens,
    importRules: options.importRules ?? publicImports,
    policyOf: compilePolicies(options.pushPolicies ?? []),
    quotaOf: options.quotaOf ?? (() => artifactLimits.repositoryBytesMaxDefault),
    meter: options.meter ?? freeStorage,
    readBlob: options.readBlob,
    allowedDirectories: options.allowedDirectories ?? [],
    remote: options.remote ?? (() => undefined),
  };
  const maintenance = newMaintenance(repositories, locks, { clock, rng });
  context.events.listen(({ workspace, repo }) => maintenance.noteChange(workspace, repo));
  const git = { context, tokens, authenticateKey: options.authenticateKey };
  return {
    tokens,
    serveGit: (request) => serveGit(git, request),
    onChange: (listener) => context.events.listen(listener),
    // A commit of files answers with a whole CommitResult, which is what the first overload says.
    commit: (args: ChangeArgs, caller: Caller, callOptions?: CallOptions) =>
      change(context, args, caller, callOptions) as Promise<CommitResult>,
    checkout: ((args: CheckoutArgs & { to_directory?: string }, caller: Caller, callOptions?: CallOptions) =>
      args.to_directory === undefined
        ? checkout(context, args, caller, callOptions)
        : checkoutTo(
            context,
            { ...args, to_directory: args.to_directory },
            caller,
            callOptions,
          )) as Artifacts["checkout"],
    log: (args, caller, callOptions) => log(context, args, caller, callOptions),
    diff: (args, caller, callOptions) => diff(context, args, caller, callOptions),
    merge: (args, caller, callOptions) => merge(context, args, caller, callOptions),
    fork: (args, caller, callOptions) => fork(context, args, caller, callOptions),
    list: (args, caller) => list(context, args, caller),
    revert: (args, caller, callOptions) => revert(context, args, caller, callOptions),
    tag: (args, caller, callOptions) => tag(context, args, caller, callOptions),
    delete: (args, caller, callOptions) => deleteArtifact(context, args, caller, callOptions),
    import: (args, caller, callOptions) => importRepository(context, args, caller, callOptions),
    directoryOf: (workspace, repo) => repositories.pathOf(workspace, repo),
    readResource: (uri, caller) => readResource(context, uri, caller),
    maintain: (repo, caller) => {
      requireWrite(caller);
      return maintenance.run(caller.workspace, repo);
    },
    async close() {
      await maintenance.close();
      repositories.close();
      state.close();
    },
  };
}
