import { localCaller } from "../core/caller.ts";
import { openContext } from "./context.ts";

export interface TokenOptions {
  readonly scope: "read" | "write";
  readonly workspace: string;
  readonly branch?: string;
  readonly path?: string;
  readonly ttl?: string;
}

/** `switchyard tokens create`: prints the token, once. */
export async function createToken(repo: string | undefined, options: TokenOptions): Promise<void> {
  const context = openContext();
  const { artifacts } = await context.gateway();
  const { scope, branch, path, ttl, workspace } = options;
  const made = artifacts.tokens.create(
    { scope, repo, branch, path, ttl_s: ttl === undefined ? undefined : Number(ttl) },
    { ...localCaller, workspace },
  );
  console.log(
    `${made.token}\n\nThis is token ${made.id}, until ${made.expires_at}. It is not kept and will not be shown again.`,
  );
  const { public_url = "http://127.0.0.1:8787" } = (await context.settings()).artifacts;
  const place = `${public_url.replace(/\/+$/, "").replace("://", "://git@")}/git/${workspace}/${repo ?? "<repo>"}.git`;
  console.log(`Use it as the password: git clone ${place}`);
  await context.close();
}

export async function listTokens({ workspace }: { workspace: string }): Promise<void> {
  const context = openContext();
  const { artifacts } = await context.gateway();
  const found = artifacts.tokens.list({ ...localCaller, workspace });
  if (found.length === 0) console.log("There are no tokens. Make one with: switchyard tokens create <repo>");
  for (const { id, scope, repo, branch, path, expires_at } of found) {
    console.log(
      [
        id,
        scope,
        repo ?? "all repositories",
        branch && `branch ${branch}`,
        path && `path ${path}`,
        `until ${expires_at}`,
      ]
        .filter(Boolean)
        .join("  "),
    );
  }
  await context.close();
}

export async function revokeToken(id: string, { workspace }: { workspace: string }): Promise<void> {
  const context = openContext();
  const { artifacts } = await context.gateway();
  artifacts.tokens.revoke(id, { ...localCaller, workspace });
  console.log(`${id} is revoked.`);
  await context.close();
}
