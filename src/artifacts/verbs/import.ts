import { join } from "node:path";
import type { Caller, CallOptions } from "../../core/caller.ts";
import { deadline } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { parseBundle } from "../import/bundle.ts";
import { openRemote } from "../import/remote-fetch.ts";
import { checkRepoName } from "../names.ts";
import type { Oid } from "../objects/object.ts";
import { newPacer } from "../pacer.ts";
import { readCommit } from "../read-object.ts";
import { proveConnected } from "../receive/connectivity.ts";
import { checkGitmodules, readIncomingPack } from "../receive/incoming-pack.ts";
import { openQuarantine } from "../receive/quarantine.ts";
import { resolveRevision } from "../revision.ts";
import { requireWrite } from "../rights.ts";
import { diskError } from "../store/durable-file.ts";
import type { Ref } from "../store/ref-store.ts";
import { openRepository, type RepositoryParts } from "../store/repository.ts";
import { CommitGraph } from "../walk/commit-graph.ts";
import { openDiskSource } from "../walk/disk-source.ts";
import { ByteSource } from "../wire/byte-source.ts";

export interface ImportArgs {
  /** An https URL of a git repository, or the handle of a blob that is a git bundle. */
  readonly source: string;
  /** The new repository's name. */
  readonly as: string;
}

export interface ImportResult {
  readonly repo: string;
  readonly commit: Oid;
  readonly tree: Oid;
  readonly remote?: string;
}

/** Whether a repository is named by where it comes from rather than by its name here. */
export function isImportSource(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || text.startsWith("blob_");
}

/**
 * Makes a repository of one that is elsewhere, with its branches, tags and notes. What comes is checked like a push;
 * nothing is seen of it before it is whole.
 */
export async function importRepository(
  context: ArtifactContext,
  args: ImportArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<ImportResult> {
  requireWrite(caller);
  checkRepoName(args.as);
  const limit = deadline(artifactLimits.importTimeoutMs, options.signal);
  try {
    const { refs, head, pack } = await openSource(context, args.source, caller.workspace, limit.signal);
    const main = mainBranch(refs, head);
    const isNew = await context.repositories.create(caller.workspace, args.as, main, (temporary, parts) =>
      fill(temporary, parts, {
        refs,
        pack: pack(),
        bytesMax: context.quotaOf(args.as),
        store: (bytes, write) => context.meter.store(caller, args.as, bytes, write),
        signal: limit.signal,
      }),
    );
    if (!isNew) throw taken(args.as);
  } catch (error) {
    throw diskError(limit.signal.aborted ? limit.signal.reason : error);
  } finally {
    limit[Symbol.dispose]();
  }
  const remote = context.remote(caller.workspace, args.as);
  const at = await context.repositories.use(caller.workspace, args.as, async (repository) => {
    const commit = await resolveRevision(repository, "HEAD");
    return { commit, tree: (await readCommit(repository.objects, commit)).tree };
  });
  const event = { kind: "import", workspace: caller.workspace, repo: args.as, ref: null, from: null } as const;
  context.events.emit({ ...event, to: at.commit, by: caller.key });
  return { repo: args.as, ...at, ...(remote === undefined ? {} : { remote }) };
}

interface Source {
  readonly refs: readonly Ref[];
  readonly head: string | null;
  readonly pack: () => AsyncIterable<Uint8Array>;
}

async function openSource(
  context: ArtifactContext,
  source: string,
  workspace: string,
  signal: AbortSignal,
): Promise<Source> {
  if (!source.startsWith("blob_")) {
    if (!URL.canParse(source))
      throw new SwitchyardError("invalid_request", "that is not a URL", { next: "Give an https URL" });
    return openRemote(new URL(source), context.importRules, signal);
  }
  if (context.readBlob === undefined) {
    throw new SwitchyardError("unsupported", "there are no blob handles here", { next: "Import from an https URL" });
  }
  const bundle = parseBundle(Buffer.from(await context.readBlob(source, workspace)));
  const { refs, head } = bundle;
  return {
    refs,
    head,
    async *pack() {
      yield bundle.pack;
    },
  };
}

function mainBranch(refs: readonly Ref[], head: string | null): string {
  const branches = refs.filter((ref) => ref.name.startsWith("refs/heads/")).map((ref) => ref.name);
  const found = [head, "refs/heads/main", "refs/heads/master", branches[0]].find(
    (name) => typeof name === "string" && branches.includes(name),
  );
  if (found) return found;
  throw new SwitchyardError("invalid_request", "there is no branch to import", {
    next: "Check that the repository has commits",
  });
}

async function fill(
  temporary: string,
  parts: RepositoryParts,
  from: {
    readonly refs: readonly Ref[];
    readonly pack: AsyncIterable<Uint8Array>;
    readonly bytesMax: number;
    readonly store: (bytes: number, write: () => Promise<number>) => Promise<number>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const repository = openRepository(temporary, parts);
  if (repository === null) throw new Error("a new repository cannot be opened");
  const pacer = newPacer(parts.clock, from.signal);
  const quarantine = openQuarantine(repository.privateDirectory, parts.rng);
  const bytesMax = Math.min(from.bytesMax, artifactLimits.pushBytesMax);
  try {
    const body = new ByteSource(from.pack, bytesMax);
    const incoming = await readIncomingPack(repository.objects, quarantine, body, bytesMax, pacer);
    try {
      const source = openDiskSource(repository.objects, incoming?.pack ?? null);
      checkGitmodules(source, incoming?.gitmodules ?? new Set());
      const tips = from.refs.map((ref) => ref.oid);
      await proveConnected(source, new CommitGraph(source), tips, [], pacer);
      if (incoming) {
        const { bytes, checksum } = incoming;
        await from.store(bytes, () => quarantine.accept(join(temporary, "objects/pack"), checksum));
      }
    } finally {
      incoming?.pack.close();
    }
    await repository.refs.update(
      from.refs.map(({ name, oid }) => ({ name, from: null, to: oid })),
      from.signal,
    );
  } finally {
    quarantine.discard();
    repository.close();
  }
}

export function taken(repo: string): SwitchyardError {
  return new SwitchyardError("conflict", `there is a repository ${repo} already`, {
    next: "Choose another name for the new one",
    details: { repo },
  });
}
