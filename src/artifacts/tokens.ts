import { createHash } from "node:crypto";
import type { Caller } from "../core/caller.ts";
import { type Clock, isoTime, type Rng } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { artifactLimits } from "../core/limits.ts";
import type { GitAccess } from "./access.ts";
import { branchRef, checkRepoName, shortName } from "./names.ts";
import { parseDirectoryPath } from "./path.ts";
import { requireRead, requireWrite } from "./rights.ts";
import type { State } from "./store/state.ts";

export interface CreateTokenArgs {
  readonly scope: "read" | "write";
  /** The only repository it opens; all of the workspace when absent. */
  readonly repo?: string | undefined;
  /** The only branch it may push to, and those below it; `agent/*` for those below alone. */
  readonly branch?: string | undefined;
  /** The only directory whose files its pushes may change. */
  readonly path?: string | undefined;
  readonly ttl_s?: number | undefined;
}

export interface TokenInfo {
  readonly id: string;
  readonly scope: "read" | "write";
  readonly repo?: string;
  readonly branch?: string;
  readonly path?: string;
  readonly created_at: string;
  readonly expires_at: string;
}

export interface CreatedToken extends TokenInfo {
  /** The secret, shown once: only its hash is kept. */
  readonly token: string;
}

/** Secrets that open repositories over git's protocol: the password of Basic, or a Bearer token. */
export interface Tokens {
  create(args: CreateTokenArgs, caller: Caller): CreatedToken;
  /** Those of the caller's workspace that have not expired. */
  list(caller: Caller): readonly TokenInfo[];
  /** @throws not_found */
  revoke(id: string, caller: Caller): void;
  /** Ends every token of a repository that goes away: another may get its name. */
  forgetRepository(workspace: string, repo: string): void;
  /** Ends every token that was made with a key, because the key is revoked; answers how many. */
  forgetKey(key: string): number;
  /** What a presented secret opens; null when it is unknown, revoked or expired. */
  find(secret: string): GitAccess | null;
}

export const tokenPrefix = "art_";

interface Row {
  readonly id: string;
  readonly workspace: string;
  readonly repo: string | null;
  readonly scope: "read" | "write";
  readonly branch: string | null;
  readonly path: string | null;
  readonly created_by: string | null;
  readonly created_at: number;
  readonly expires_at: number;
}

export function openTokens(state: State, clock: Clock, rng: Rng): Tokens {
  const prepare = (sql: string) => state.database().prepare(sql);
  return {
    create(args, caller) {
      if (args.scope === "write") requireWrite(caller);
      else requireRead(caller);
      const repo = args.repo === undefined ? null : checkRepoName(args.repo);
      const branch = args.branch === undefined ? null : checkBranchScope(args.branch);
      const path = args.path === undefined ? null : parseDirectoryPath(args.path).join("/");
      const ttl = checkTtl(args.ttl_s ?? artifactLimits.tokenTtlSecondsDefault);
      const now = clock.now();
      prepare("DELETE FROM tokens WHERE workspace = ? AND expires_at <= ?").run(caller.workspace, now);
      const count = prepare("SELECT count(*) AS n FROM tokens WHERE workspace = ?").get(caller.workspace)?.n;
      if (Number(count) >= artifactLimits.tokensPerWorkspaceMax) throw tooManyTokens();
      const token = `${tokenPrefix}${Buffer.from(rng.bytes(32)).toString("base64url")}`;
      const id = newId("tok", rng);
      const row = [id, hashOf(token), caller.workspace, repo, args.scope, branch, path === "" ? null : path];
      prepare(
        "INSERT INTO tokens (id, hash, workspace, repo, scope, branch, path, created_by, created_at, expires_at) VALUES (?,?,?,?,?,?,?,?,?,?)",
      ).run(...row, caller.key, now, now + ttl * 1000);
      return { ...infoOf(prepare("SELECT * FROM tokens WHERE id = ?").get(id) as unknown as Row), token };
    },

    list(caller) {
      requireRead(caller);
      const sql = "SELECT * FROM tokens WHERE workspace = ? AND expires_at > ? ORDER BY rowid";
      return (prepare(sql).all(caller.workspace, clock.now()) as unknown as Row[]).map(infoOf);
    },

    revoke(id, caller) {
      requireWrite(caller);
      const { changes } = prepare("DELETE FROM tokens WHERE id = ? AND workspace = ?").run(id, caller.workspace);
      if (Number(changes) === 0) throw noSuchToken(id);
    },

    forgetRepository(workspace, repo) {
      prepare("DELETE FROM tokens WHERE workspace = ? AND repo = ?").run(workspace, repo);
    },

    forgetKey(key) {
      return Number(prepare("DELETE FROM tokens WHERE created_by = ?").run(key).changes);
    },

    find(secret) {
      if (!secret.startsWith(tokenPrefix)) return null;
      const found = prepare("SELECT * FROM tokens WHERE hash = ? AND expires_at > ?").get(hashOf(secret), clock.now());
      if (found === undefined) return null;
      const row = found as unknown as Row;
      const { workspace, repo, branch, id } = row;
      const directory = row.path === null ? null : parseDirectoryPath(row.path);
      return { workspace, repo, canWrite: row.scope === "write", branch, directory, by: id, payer: row.created_by };
    },
  };
}

/** The secret has 256 random bits, so a plain hash is as strong as a slow one. */
function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function infoOf(row: Row): TokenInfo {
  return {
    id: row.id,
    scope: row.scope,
    ...(row.repo === null ? {} : { repo: row.repo }),
    ...(row.branch === null ? {} : { branch: row.branch }),
    ...(row.path === null ? {} : { path: row.path }),
    created_at: isoTime(row.created_at),
    expires_at: isoTime(row.expires_at),
  };
}

function checkBranchScope(branch: string): string {
  const below = branch.endsWith("/*");
  const name = shortName(branchRef(below ? branch.slice(0, -2) : branch));
  return below ? `${name}/*` : name;
}

function checkTtl(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= artifactLimits.tokenTtlSecondsMax) return seconds;
  throw new SwitchyardError("invalid_request", `a token cannot last ${seconds} seconds`, {
    next: `Give ttl_s between 1 and ${artifactLimits.tokenTtlSecondsMax}`,
    details: { field: "ttl_s" },
  });
}

function tooManyTokens(): SwitchyardError {
  return new SwitchyardError("conflict", `the workspace has ${artifactLimits.tokensPerWorkspaceMax} tokens already`, {
    next: "Revoke those that are no longer used with `switchyard tokens`",
  });
}

function noSuchToken(id: string): SwitchyardError {
  return new SwitchyardError("not_found", `there is no token ${id.slice(0, 60)}`, {
    next: "List tokens with `switchyard tokens`",
    details: { id: id.slice(0, 60) },
  });
}
