import { SwitchyardError } from "../core/errors.ts";
import { artifactLimits } from "../core/limits.ts";
import { isRefName, shortName } from "./names.ts";
import { isOid, type Oid } from "./objects/object.ts";
import { parseTag } from "./objects/tag.ts";
import { readCommit } from "./read-object.ts";
import type { Repository } from "./store/repository.ts";

const shape = /^(.*?)((?:[~^]\d*)*)$/s;

/**
 * The commit that a caller's words name: a branch, a tag, a full reference, a commit id (or its first seven digits or
 * more), HEAD, each followed by `~2` or `^2` as git reads them.
 * @throws not_found, invalid_request
 */
export async function resolveRevision(repository: Repository, revision: string): Promise<Oid> {
  const [, base = "", steps = ""] = shape.exec(revision) ?? [];
  let oid = await peel(repository, await resolveBase(repository, base, revision), revision);
  for (const [step, sign = "", digits = ""] of steps.matchAll(/([~^])(\d*)/g)) {
    const count = digits === "" ? 1 : Number(digits);
    if (count > artifactLimits.logWalkCommitsMax) throw unknown(revision, `${step} goes too far back`);
    for (let i = 0; i < (sign === "~" ? count : Math.min(count, 1)); i++) {
      const parent = (await readCommit(repository.objects, oid)).parents[sign === "~" ? 0 : count - 1];
      if (parent === undefined) throw unknown(revision, "the history is shorter than that");
      oid = parent;
    }
  }
  return oid;
}

/** The reference a short name stands for: branches before tags. Null when there is none. */
export async function findRef(repository: Repository, name: string): Promise<{ name: string; oid: Oid } | null> {
  if (name !== "HEAD" && !isRefName(`refs/heads/${name}`)) return null;
  const full = name === "HEAD" || name.startsWith("refs/");
  const candidates = full ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`];
  for (const candidate of candidates) {
    const oid = await repository.refs.read(candidate);
    if (oid !== null) return { name: candidate, oid };
  }
  return null;
}

/** The commit of a reference, tags followed; null when there is none. */
export async function commitOfRef(repository: Repository, name: string): Promise<Oid | null> {
  const ref = await findRef(repository, name);
  return ref === null ? null : peel(repository, ref.oid, name);
}

async function resolveBase(repository: Repository, base: string, revision: string): Promise<Oid> {
  const ref = await findRef(repository, base);
  if (ref) return ref.oid;
  if (isOid(base)) {
    if (await repository.objects.has(base)) return base;
  } else if (/^[0-9a-f]{7,39}$/.test(base)) {
    const [only, another] = await repository.objects.withPrefix(base, 2);
    if (another !== undefined) throw unknown(revision, "more than one object's id begins so");
    if (only !== undefined) return only;
  }
  const branches = (await repository.refs.list("refs/heads/")).map((branch) => shortName(branch.name));
  if (branches.length === 0) throw unknown(revision, "the repository has no commit yet");
  throw new SwitchyardError(
    "not_found",
    `there is no branch, tag or commit ${JSON.stringify(revision.slice(0, 100))}`,
    {
      next: `Use one of: ${branches.slice(0, 10).join(", ")}; or list all with artifact.list`,
      details: { ref: revision.slice(0, 100), branches: branches.slice(0, 10) },
    },
  );
}

/** Follows annotated tags to their commit. */
async function peel(repository: Repository, start: Oid, revision: string): Promise<Oid> {
  let oid = start;
  for (let depth = 0; depth < artifactLimits.symbolicRefDepthMax; depth++) {
    const object = await repository.objects.get(oid);
    if (object?.type === "commit") return oid;
    if (object?.type !== "tag") break;
    oid = parseTag(object.bytes).object;
  }
  throw unknown(revision, "it is not a commit");
}

function unknown(revision: string, why: string): SwitchyardError {
  return new SwitchyardError("not_found", `${JSON.stringify(revision.slice(0, 100))} names no commit: ${why}`, {
    next: "Use a branch, a tag or a commit id; artifact.log and artifact.list show them",
    details: { ref: revision.slice(0, 100) },
  });
}
