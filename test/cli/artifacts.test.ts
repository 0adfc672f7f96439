import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commitIn, expectSound, git, gitFails } from "../artifacts/support/workbench.ts";
import { type ServedCommand, serveCommand } from "../support/served-command.ts";
import { openWorld } from "../support/world.ts";

let served: ServedCommand;
let clones: string;

beforeAll(async () => {
  clones = mkdtempSync(join(tmpdir(), "switchyard-clones-"));
  served = await serveCommand({
    artifacts: {
      push_policies: [
        { repo: "guarded", branch: "main", fast_forward_only: true },
        { repo: "guarded", branch: "release/*", protected: true },
        { branch: "slim", max_file_bytes: 1_000 },
      ],
      quotas: [{ repo: "tiny*", bytes_max: 20_000 }],
    },
  });
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  rmSync(clones, { recursive: true, force: true });
});

const commit = (repo: string, files: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  served.call("artifact_commit", { repo, files, message: "by a tool", ...more });

/** The URL of a repository with a secret as its password. */
function signedIn(remote: string, secret: string): string {
  return remote.replace("://", `://git:${secret}@`);
}

let count = 0;
async function clone(remote: string, ...args: string[]): Promise<string> {
  const directory = join(clones, String(count++));
  await git("/", "clone", "-q", ...args, remote, directory);
  return directory;
}

const tokenIn = (said: string) => /^(art_\S+)$/m.exec(said)?.[1] ?? "none";
const noise = (bytes: number) => randomBytes(bytes).toString("base64");

describe("the URL in results", () => {
  test("clones the repository from this server", async () => {
    const { structured } = await commit("report", { "a.md": "one\n" });
    expect(structured.remote).toBe(`${served.url}/git/default/report.git`);
    const directory = await clone(signedIn(structured.remote, served.key));
    expect(await git(directory, "rev-parse", "HEAD")).toBe(structured.commit);
    await commitIn(directory, { "a.md": "two\n" });
    await git(directory, "push", "-q");
    await expectSound(directory);
    const read = await served.call("artifact_checkout", { repo: "report", path: "a.md" });
    expect(read.structured.files["a.md"].text).toBe("two\n");
    expect(served.said()).toMatch(/artifacts: push default\/report refs\/heads\/main \w{10}\.\.\w{10} by key_/);
  });

  test("is the settings' over stdio, and absent without one", async () => {
    for (const [settings, expected] of [
      [{}, undefined],
      [
        { artifacts: { public_url: "https://git.example.com/base/" } },
        "https://git.example.com/base/git/default/r.git",
      ],
    ] as const) {
      const world = await openWorld(settings);
      const { call } = await world.connect();
      const { structured } = await call("artifact_commit", { repo: "r", files: { f: "1" }, message: "x" });
      expect(structured.remote).toBe(expected);
      await world.close();
    }
  });
});

test("a server whose log nobody reads any more goes on serving", async () => {
  await using deaf = await serveCommand();
  deaf.stopReading();
  for (const text of ["1", "2", "3"]) {
    const made = await deaf.call("artifact_commit", { repo: "r", files: { f: text }, message: "x" });
    expect(made.isError).toBe(false);
  }
});

test("a server that others reach by another name gives that one, and answers to it and no other", async () => {
  await using proxied = await serveCommand({ artifacts: { public_url: "https://git.example.com" } });
  const { structured } = await proxied.call("artifact_commit", { repo: "r", files: { f: "1" }, message: "x" });
  expect(structured.remote).toBe("https://git.example.com/git/default/r.git");
  expect(await proxied.command("tokens", "create", "r")).toContain("https://git@git.example.com/git/default/r.git");
  const local = signedIn(`${proxied.url}/git/default/r.git`, proxied.key);
  const as = (host: string) => ["-c", `http.extraHeader=Host: ${host}`, "ls-remote", local];
  expect(await git("/", ...as("git.example.com"))).toContain(structured.commit);
  expect(await gitFails("/", ...as("evil.example.com"))).toContain("403");
});

describe("switchyard tokens", () => {
  test("makes a token that reads one repository until it is revoked, and shows it once", async () => {
    await commit("kept", { f: "1" });
    await commit("other", { f: "1" });
    const made = await served.command("tokens", "create", "kept");
    const token = tokenIn(made);
    const id = /tok_\w+/.exec(made)?.[0] ?? "none";
    const url = (repo: string) => signedIn(`${served.url}/git/default/${repo}.git`, token);
    const directory = await clone(url("kept"));
    expect(await gitFails("/", "ls-remote", url("other"))).toContain("403");
    await commitIn(directory, { f: "2" });
    expect(await gitFails(directory, "push")).toContain("403");
    const listed = await served.command("tokens", "list");
    expect(listed).toMatch(new RegExp(`${id} {2}read {2}kept {2}until`));
    expect(listed).not.toContain(token);
    await served.command("tokens", "revoke", id);
    expect(await gitFails("/", "ls-remote", url("kept"))).toContain("Authentication failed");
    expect(await served.command("tokens", "list")).not.toContain(id);
  });

  test("limits pushes to a branch prefix and to a directory", async () => {
    await commit("shared", { "docs/a.md": "1\n", "src/b.ts": "1\n" });
    const args = ["tokens", "create", "shared", "--scope", "write", "--branch", "agent/*", "--path", "docs"];
    const token = tokenIn(await served.command(...args));
    const directory = await clone(signedIn(`${served.url}/git/default/shared.git`, token));
    await commitIn(directory, { "docs/a.md": "2\n" });
    expect(await gitFails(directory, "push", "origin", "HEAD:main")).toContain("for branch agent/* only");
    await git(directory, "push", "-q", "origin", "HEAD:agent/ada");
    await commitIn(directory, { "src/b.ts": "2\n" });
    expect(await gitFails(directory, "push", "origin", "HEAD:agent/ada")).toContain("outside docs");
  });

  test("lets a token end by itself", async () => {
    await commit("brief", { f: "1" });
    const token = tokenIn(await served.command("tokens", "create", "brief", "--ttl", "1"));
    const url = signedIn(`${served.url}/git/default/brief.git`, token);
    const refused = () => gitFails("/", "ls-remote", url).catch(() => "it is still good");
    await expect.poll(refused, { timeout: 20_000 }).toContain("Authentication failed");
  });

  test("end with the key that made them", async () => {
    await commit("lent", { f: "1" });
    const made = await served.command("keys", "create", "lender");
    const [key = "none", id = "none"] = [/^(sy_\S+)$/m.exec(made)?.[1], /key_\w+/.exec(made)?.[0]];
    const forked = await served.call("artifact_fork", { repo: "lent", as: "lent-2", token: { scope: "read" } }, key);
    const url = signedIn(forked.structured.remote, forked.structured.token.token);
    await git("/", "ls-remote", url);
    expect(await served.command("keys", "revoke", id)).toContain("with 1 git token made with it");
    expect(await gitFails("/", "ls-remote", url)).toContain("Authentication failed");
  });
});

test("artifact.fork hands a sub-agent a token that pushes to its own branch of the fork alone", async () => {
  await commit("plan", { "plan.md": "one\n" });
  const { structured } = await served.call("artifact_fork", {
    repo: "plan",
    as: "plan-ada",
    token: { scope: "write", branch: "agent/ada", ttl_s: 600 },
  });
  const { token } = structured.token;
  const directory = await clone(signedIn(structured.remote, token));
  await commitIn(directory, { "plan.md": "two\n" });
  expect(await gitFails(directory, "push", "origin", "HEAD:main")).toContain("for branch agent/ada only");
  await git(directory, "push", "-q", "origin", "HEAD:agent/ada");
  expect(await gitFails("/", "ls-remote", signedIn(`${served.url}/git/default/plan.git`, token))).toContain("403");
  const merged = await served.call("artifact_merge", { repo: "plan-ada", into: "main", from: "agent/ada" });
  expect(merged.structured.status).toBe("fast_forward");
});

test("push policies and quotas of the settings hold", async () => {
  await commit("guarded", { f: "1" });
  const directory = await clone(signedIn(`${served.url}/git/default/guarded.git`, served.key));
  await commitIn(directory, { f: "2" });
  await git(directory, "push", "-q");
  await git(directory, "commit", "-q", "--amend", "-m", "again");
  expect(await gitFails(directory, "push", "--force")).toContain("non-fast-forward");
  expect(await gitFails(directory, "push", "origin", "HEAD:release/1")).toContain("protected branch");
  await commitIn(directory, { big: "x".repeat(1_001) });
  expect(await gitFails(directory, "push", "origin", "HEAD:slim")).toContain("more than 1000");
  const tiny = signedIn(`${served.url}/git/default/tiny-1.git`, served.key);
  const seed = await clone(signedIn(`${served.url}/git/default/guarded.git`, served.key));
  await commitIn(seed, { noise: noise(20_000_000) });
  expect(await gitFails(seed, "push", tiny, "HEAD:main")).toMatch(/bytes this repository has left/);
  expect((await commit("tiny-1", { noise: noise(30_000) })).text).toMatch(/too_large: .* this repository has left/);
  expect((await commit("tiny-1", { small: "fits" })).isError).toBe(false);
  expect((await commit("roomy", { noise: noise(30_000) })).isError).toBe(false);
});

describe("a price of storage", () => {
  const remote = (world: ServedCommand, repo: string, secret: string) =>
    signedIn(`${world.url}/git/default/${repo}.git`, secret);

  test("is charged for what is written by tools and by git, and refused before it is when the pool is short", async () => {
    // A megabyte is a dollar.
    await using priced = await serveCommand({ initial_grant: "1", artifacts: { price_per_gb: "1000" } });
    const balance = async () => (await priced.call("credits", { by: "tool" })).structured;
    const first = await priced.call("artifact_commit", { repo: "r", files: { f: noise(75_000) }, message: "100 kB" });
    expect(first.isError).toBe(false);
    const afterCommit = await balance();
    expect(Number(afterCommit.spent)).toBeGreaterThan(0.07);
    expect(Number(afterCommit.spent)).toBeLessThan(0.11);
    expect(afterCommit.held).toBe("0");
    expect(JSON.stringify(afterCommit.breakdown)).toContain("artifact.storage");

    const directory = await clone(remote(priced, "r", priced.key));
    await commitIn(directory, { g: noise(150_000) });
    await git(directory, "push", "-q");
    const afterPush = await balance();
    expect(Number(afterPush.spent) - Number(afterCommit.spent)).toBeGreaterThan(0.14);

    const head = await git(directory, "rev-parse", "HEAD");
    const files = () => readdirSync(join(priced.home, "artifacts/default/r.git/objects"), { recursive: true }).length;
    const before = files();
    await commitIn(directory, { h: noise(1_500_000) });
    expect(await gitFails(directory, "push")).toMatch(/this call could cost up to .* and the pool has/);
    const tried = await priced.call("artifact_commit", { repo: "r", files: { h: noise(1_500_000) }, message: "x" });
    expect(tried.text).toMatch(/^insufficient_credits: /);
    expect(await git(directory, "ls-remote", "-q", "origin", "refs/heads/main")).toContain(head);
    expect(files()).toBe(before);
    expect(await balance()).toMatchObject({ spent: afterPush.spent, held: "0" });
  });

  test("counts pushes with a token against the budget of the key that made it", async () => {
    await using priced = await serveCommand({ artifacts: { price_per_gb: "1000" } });
    const made = await priced.command("keys", "create", "small");
    const [key = "none", id = "none"] = [/^(sy_\S+)$/m.exec(made)?.[1], /key_\w+/.exec(made)?.[0]];
    await priced.command("credits", "budgets", "set", `key:${id}`, "--window", "total", "--limit", "0.05");
    await priced.call("artifact_commit", { repo: "r", files: { f: "1" }, message: "x" });
    const fork = await priced.call("artifact_fork", { repo: "r", as: "f", token: { scope: "write" } }, key);
    const directory = await clone(remote(priced, "f", fork.structured.token.token));
    const first = await commitIn(directory, { g: noise(15_000) });
    await git(directory, "push", "-q");
    await commitIn(directory, { g: noise(60_000) });
    expect(await gitFails(directory, "push")).toMatch(/budget of .* \$0\.05/);
    expect(await git(directory, "ls-remote", "-q", "origin", "refs/heads/main")).toContain(first);
  });
});
