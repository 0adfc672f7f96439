import { join } from "node:path";
import type { Caller, CallOptions } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { ArtifactContext } from "../context.ts";
import { checkRepoName } from "../names.ts";
import type { Oid } from "../objects/object.ts";
import { readCommit } from "../read-object.ts";
import { markReadOnly } from "../read-only.ts";
import { findRef, resolveRevision } from "../revision.ts";
import { requireWrite } from "../rights.ts";
import { diskError, writeSynced } from "../store/durable-file.ts";
import { linkObjects } from "../store/link-objects.ts";
import { formatPackedRefs } from "../store/packed-refs.ts";
import type { Ref } from "../store/ref-store.ts";
import type { Repository } from "../store/repository.ts";
import type { CreatedToken } from "../tokens.ts";
import { defaultRevision } from "./checkout.ts";
import { importRepository, isImportSource, taken } from "./import.ts";

export interface ForkArgs {
  /** A repository here, or where to import one from: an https URL, or a blob handle of a git bundle. */
  readonly repo: string;
  /** Only this branch, tag or commit; everything when absent. */
  readonly ref?: string | undefined;
  /** The new repository's name. */
  readonly as: string;
  readonly read_only?: boolean | undefined;
  /** Makes a token for the fork, to hand to somebody else. */
  readonly token?:
    | {
        readonly scope: "read" | "write";
        readonly branch?: string | undefined;
        readonly path?: string | undefined;
        readonly ttl_s?: number | undefined;
      }
    | undefined;
}

export interface ForkResult {
  readonly repo: string;
  readonly commit: Oid;
  readonly tree: Oid;
  readonly remote?: string;
  readonly token?: CreatedToken;
}

/** Makes a repository that begins as another one is; neither depends on the other afterwards. @throws not_found, conflict */
export async function fork(
  context: ArtifactContext,
  args: ForkArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<ForkResult> {
  requireWrite(caller);
  if (isImportSource(args.repo)) {
    if (args.ref !== undefined || args.read_only === true) throw importsWhole();
    const imported = await importRepository(context, { source: args.repo, as: args.as }, caller, options);
    return { ...imported, ...mint(context, args, caller) };
  }
  checkRepoName(args.as);
  try {
    return await context.repositories.use(caller.workspace, args.repo, (source) => copy(context, args, caller, source));
  } catch (error) {
    throw diskError(error);
  }
}

async function copy(context: ArtifactContext, args: ForkArgs, caller: Caller, source: Repository): Promise<ForkResult> {
  const commit = await resolveRevision(source, args.ref ?? (await defaultRevision(source)));
  const { tree } = await readCommit(source.objects, commit);
  // The references before the objects: what they reach is there when it is linked.
  const { refs, head } = args.ref === undefined ? await everyRef(source) : await oneRef(source, args.ref, commit);
  const isNew = await context.repositories.create(caller.workspace, args.as, head, async (temporary) => {
    await linkObjects(source.objects.directory, join(temporary, "objects"));
    const packed = new Map(refs.map(({ name, oid }) => [name, { oid, peeled: undefined }]));
    await writeSynced(join(temporary, "packed-refs"), Buffer.from(formatPackedRefs(packed)), 0o644);
    if (args.read_only === true) markReadOnly(join(temporary, "switchyard"));
  });
  if (!isNew) throw taken(args.as);
  const { workspace, key: by } = caller;
  context.events.emit({ kind: "fork", workspace, repo: args.as, ref: head, from: null, to: commit, by });
  const remote = context.remote(workspace, args.as);
  return { repo: args.as, commit, tree, ...(remote === undefined ? {} : { remote }), ...mint(context, args, caller) };
}

function mint(context: ArtifactContext, args: ForkArgs, caller: Caller): { token?: CreatedToken } {
  if (args.token === undefined) return {};
  return { token: context.tokens.create({ ...args.token, repo: args.as }, caller) };
}

async function everyRef(source: Repository): Promise<{ refs: readonly Ref[]; head: string }> {
  const head = (await source.refs.readSymbolic("HEAD")) ?? "refs/heads/main";
  return { refs: await source.refs.list("refs/"), head };
}

/** A branch keeps its name; any other revision becomes `main`. */
async function oneRef(
  source: Repository,
  revision: string,
  commit: Oid,
): Promise<{ refs: readonly Ref[]; head: string }> {
  const ref = await findRef(source, revision);
  const head = ref?.name.startsWith("refs/heads/") === true ? ref.name : "refs/heads/main";
  return { refs: [{ name: head, oid: commit }], head };
}

function importsWhole(): SwitchyardError {
  return new SwitchyardError("invalid_request", "an import brings the whole repository, to be written to", {
    next: "Import it first, then fork the import with ref or read_only",
  });
}
