import type { Caller } from "../core/caller.ts";
import type { ByteString } from "./objects/byte-string.ts";

/** What somebody may do with the repositories of a workspace over git's protocol. */
export interface GitAccess {
  readonly workspace: string;
  /** The only repository, or null for all. */
  readonly repo: string | null;
  readonly canWrite: boolean;
  /** The only branch that may be written, and those below it (`a` and `a/b`); null for every reference. */
  readonly branch: string | null;
  /** The only directory that may be changed. */
  readonly directory: readonly ByteString[] | null;
  /** The key's or token's id, for the record of who did it. */
  readonly by: string | null;
  /** The key that pays: the one that the token was made with. Null for the local user. */
  readonly payer: string | null;
}

/** The access of a caller that the transport has authenticated; null when it has none. */
export function accessOfCaller(caller: Caller): GitAccess | null {
  const { artifacts } = caller.rights;
  if (artifacts === "none") return null;
  const { workspace, key } = caller;
  return { workspace, repo: null, canWrite: artifacts === "write", branch: null, directory: null, by: key, payer: key };
}

/** Why a reference may not be written with this access, or null. */
export function refRefusal(access: GitAccess, ref: string): string | null {
  if (access.branch === null) return null;
  const allowed = `refs/heads/${access.branch.replace(/\/\*$/, "")}`;
  const isBelow = ref.startsWith(`${allowed}/`);
  const isAllowed = access.branch.endsWith("/*") ? isBelow : isBelow || ref === allowed;
  return isAllowed ? null : `the token is for branch ${access.branch} only`;
}
