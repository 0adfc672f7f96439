import type { Caller } from "../../core/caller.ts";
import { isoTime } from "../../core/clock.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { shortName } from "../names.ts";
import type { Oid } from "../objects/object.ts";
import { readCommit } from "../read-object.ts";
import { isReadOnly } from "../read-only.ts";
import { resolveRevision } from "../revision.ts";
import { requireRead } from "../rights.ts";
import type { Repository } from "../store/repository.ts";

export interface ListArgs {
  readonly kind?: "repos" | "branches" | "tags" | undefined;
  readonly repo?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface ListedRef {
  readonly name: string;
  readonly commit: Oid;
  readonly tree: Oid;
  /** When its commit was made. */
  readonly at: string;
  readonly message: string;
}

export interface ListedRepo {
  readonly repo: string;
  /** The branch that clones check out. */
  readonly branch: string;
  /** Absent while it has no commit. */
  readonly commit?: Oid;
  readonly tree?: Oid;
  readonly at?: string;
  readonly read_only?: true;
  readonly remote?: string;
}

export interface ListResult {
  readonly repos?: readonly ListedRepo[];
  readonly branches?: readonly ListedRef[];
  readonly tags?: readonly ListedRef[];
  readonly next_cursor?: string;
}

/** Repositories of the workspace, or branches or tags of one, by name. @throws invalid_request, not_found */
export async function list(context: ArtifactContext, args: ListArgs, caller: Caller): Promise<ListResult> {
  requireRead(caller);
  const kind = args.kind ?? (args.repo === undefined ? "repos" : "branches");
  const limit = Math.min(args.limit ?? artifactLimits.listEntriesDefault, artifactLimits.listEntriesMax);
  if (kind === "repos") {
    const { page, next } = pageOf(context.repositories.list(caller.workspace), limit, args.cursor);
    const repos: ListedRepo[] = [];
    for (const repo of page) repos.push(...(await describeRepo(context, caller, repo)));
    return { repos, ...next };
  }
  const { repo } = args;
  if (repo === undefined) throw noRepo(kind);
  return context.repositories.use(caller.workspace, repo, async (repository) => {
    const refs = await repository.refs.list(kind === "tags" ? "refs/tags/" : "refs/heads/");
    const { page, next } = pageOf(
      refs.map((ref) => ref.name),
      limit,
      args.cursor,
    );
    const listed: ListedRef[] = [];
    for (const name of page) listed.push(...(await describeRef(repository, name)));
    return { [kind]: listed, ...next };
  });
}

/** The cursor is the last name of the page before: names are in order. */
function pageOf(names: readonly string[], limit: number, cursor: string | undefined) {
  const after = cursor === undefined ? "" : Buffer.from(cursor, "base64url").toString("utf8");
  const rest = names.filter((name) => name > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next =
    rest.length > limit && last !== undefined ? { next_cursor: Buffer.from(last).toString("base64url") } : {};
  return { page, next };
}

async function describeRepo(context: ArtifactContext, caller: Caller, repo: string): Promise<ListedRepo[]> {
  const remote = context.remote(caller.workspace, repo);
  const lease = context.repositories.openIfThere(caller.workspace, repo);
  if (!lease) return [];
  return context.repositories.during(lease, repo, async (repository) => {
    const head = (await repository.refs.readSymbolic("HEAD")) ?? "refs/heads/main";
    const [at] = (await repository.refs.read(head)) === null ? [] : await describeRef(repository, head);
    const commit = at === undefined ? {} : { commit: at.commit, tree: at.tree, at: at.at };
    const readOnly = isReadOnly(repository) ? { read_only: true as const } : {};
    return [{ repo, branch: shortName(head), ...commit, ...readOnly, ...(remote === undefined ? {} : { remote }) }];
  });
}

/** Nothing for a tag of something else than a commit. */
async function describeRef(repository: Repository, name: string): Promise<ListedRef[]> {
  const commit = await resolveRevision(repository, name).catch(() => null);
  if (commit === null) return [];
  const { tree, committer, message } = await readCommit(repository.objects, commit);
  const at = isoTime(Math.max(-8.64e15, Math.min(8.64e15, committer.at * 1000)));
  return [{ name: shortName(name), commit, tree, at, message: message.split("\n")[0] ?? "" }];
}

function noRepo(kind: string): SwitchyardError {
  return new SwitchyardError("invalid_request", `${kind} are listed of one repository`, {
    next: "Give repo",
    details: { field: "repo" },
  });
}
