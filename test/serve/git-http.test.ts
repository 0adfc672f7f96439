import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { type ApiWorld, callers, openApiWorld } from "./support/api-world.ts";

let world: ApiWorld;
let directory: string;
beforeAll(async () => {
  world = await openApiWorld();
  directory = await mkdtemp(join(tmpdir(), "switchyard-git-"));
  await commit({ "README.md": "one\n" });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
});

function commit(files: Record<string, string>): Promise<unknown> {
  return world.gateway.artifacts.commit({ repo: "docs", files, message: "by the agent" }, localCaller);
}

const environment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Tess",
  GIT_AUTHOR_EMAIL: "tess@example.com",
  GIT_COMMITTER_NAME: "Tess",
  GIT_COMMITTER_EMAIL: "tess@example.com",
  GIT_TERMINAL_PROMPT: "0",
};

async function git(cwd: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)("git", args, { cwd, env: environment })).stdout.trimEnd();
}

/** Signed in as the user of the URL, with the secret as password. */
function remote(secret: string, repo = "docs", workspace = "default"): string {
  const { host } = new URL(world.url);
  return `http://agent:${secret}@${host}/git/${workspace}/${repo}.git`;
}

test("git clones what an agent committed, pushes a change, and the agent reads it", async () => {
  const clone = join(directory, "clone");
  await git(directory, "clone", "-q", remote("key-all"), clone);
  expect(await readFile(join(clone, "README.md"), "utf8")).toBe("one\n");
  await writeFile(join(clone, "README.md"), "two\n");
  await git(clone, "commit", "-qam", "by a person");
  await git(clone, "push", "-q", "origin", "HEAD");
  const { files } = await world.gateway.artifacts.checkout({ repo: "docs", path: "README.md" }, localCaller);
  expect(files["README.md"]?.text).toBe("two\n");
  await commit({ "b.md": "three\n" });
  await git(clone, "pull", "-q", "--rebase");
  expect(await readFile(join(clone, "b.md"), "utf8")).toBe("three\n");
});

test("a key as a bearer, or as the user without a password, is let in as well", async () => {
  const { host } = new URL(world.url);
  const bearer = `http.extraHeader=Authorization: Bearer key-all`;
  expect(await git(directory, "-c", bearer, "ls-remote", `${world.url}/git/default/docs.git`, "HEAD")).toContain(
    "HEAD",
  );
  expect(await git(directory, "ls-remote", `http://key-all:@${host}/git/default/docs.git`, "HEAD")).toContain("HEAD");
});

test.each([
  ["a key nobody knows", "nobody", "docs", "default", /Authentication failed|401/],
  ["a key of another workspace", "key-other", "docs", "default", /403/],
  ["a repository there is not", "key-all", "none", "default", /404|not found/],
])("%s is refused", async (_name, secret, repo, workspace, said) => {
  const failed = git(directory, "ls-remote", remote(secret, repo, workspace));
  await expect(failed).rejects.toMatchObject({ stderr: expect.stringMatching(said) });
});

test("without a key git is asked for one", async () => {
  const answer = await fetch(`${world.url}/git/default/docs.git/info/refs?service=git-upload-pack`);
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toContain("Basic");
});

test("a token opens what it is for and nothing else", async () => {
  const caller = callers["key-all"] ?? localCaller;
  const { token } = world.gateway.artifacts.tokens.create({ scope: "read", repo: "docs" }, caller);
  const clone = join(directory, "read-only");
  await git(directory, "clone", "-q", remote(token), clone);
  await writeFile(join(clone, "c.md"), "no\n");
  await git(clone, "add", ".");
  await git(clone, "commit", "-qm", "no");
  await expect(git(clone, "push", "-q", "origin", "HEAD")).rejects.toMatchObject({
    stderr: expect.stringContaining("403"),
  });
});

test("a browser's page on another site cannot reach a repository", async () => {
  const path = `${world.url}/git/default/docs.git/info/refs?service=git-upload-pack`;
  const headers = { Origin: "https://evil.example", Authorization: "Bearer key-all" };
  expect((await fetch(path, { headers })).status).toBe(403);
});
