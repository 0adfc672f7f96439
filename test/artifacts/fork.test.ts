import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isPublicAddress } from "../../src/artifacts/import/public-address.ts";
import {
  afterTest,
  cloneOf,
  commitIn,
  expectSound,
  git,
  gitFails,
  me,
  servedWorkbench,
  temporaryDirectory,
  workbench,
} from "./support/workbench.ts";

async function source() {
  const bench = await servedWorkbench({}, null);
  const { artifacts } = bench;
  for (let i = 0; i < 4; i++) {
    await artifacts.commit({ repo: "r", files: { f: `${i}`, [`d/${i}`]: "x" }, message: `${i}`, metadata: { i } }, me);
    if (i === 1) await git(artifacts.directoryOf("default", "r"), "gc", "-q");
  }
  await artifacts.commit(
    { repo: "r", branch: "side", from: "main~1", files: { s: "1" }, message: "side", tag: "v1" },
    me,
  );
  return { ...bench, directory: artifacts.directoryOf("default", "r") };
}

describe("artifact.fork", () => {
  test("copies every reference and shares every object, and the two go their own ways", async () => {
    const { artifacts, directory } = await source();
    const made = await artifacts.fork({ repo: "r", as: "copy" }, me);
    const copy = artifacts.directoryOf("default", "copy");
    expect(made).toMatchObject({ repo: "copy", commit: await git(directory, "rev-parse", "main") });
    expect(await git(copy, "for-each-ref")).toBe(await git(directory, "for-each-ref"));
    const pack = (await git(copy, "count-objects", "-v")).match(/packs: (\d+)/)?.[1];
    expect(pack).toBe("1");
    expect(statSync(join(copy, "objects/pack", (await packIn(copy)) ?? "")).nlink).toBe(2);
    const theirs = await artifacts.commit({ repo: "copy", files: { f: "fork" }, message: "fork" }, me);
    const ours = await artifacts.commit({ repo: "r", files: { f: "parent" }, message: "parent" }, me);
    expect(theirs.parents).toEqual(ours.parents);
    expect((await artifacts.checkout({ repo: "r", path: "f" }, me)).files.f?.text).toBe("parent");
    expect((await artifacts.checkout({ repo: "copy", path: "f" }, me)).files.f?.text).toBe("fork");
  });

  test("outlives its parent, and its parent's parent, whatever is packed or deleted", async () => {
    const { artifacts, directory } = await source();
    await artifacts.fork({ repo: "r", as: "one" }, me);
    await artifacts.fork({ repo: "one", as: "two" }, me);
    const before = await git(directory, "rev-list", "--objects", "--all");
    await git(directory, "update-ref", "refs/heads/main", "main~3");
    await git(directory, "gc", "-q", "--prune=now");
    await artifacts.commit({ repo: "r", delete: "repo" }, me);
    await artifacts.commit({ repo: "one", delete: "repo" }, me);
    const two = artifacts.directoryOf("default", "two");
    await expectSound(two);
    expect(await git(two, "rev-list", "--objects", "--all")).toBe(before);
    await artifacts.commit({ repo: "two", files: { f: "alive" }, message: "alive" }, me);
    await git(two, "gc", "-q");
  });

  test("takes one branch, or one commit, alone", async () => {
    const { artifacts, directory } = await source();
    await artifacts.fork({ repo: "r", ref: "side", as: "branch" }, me);
    const refs = (repo: string) => git(artifacts.directoryOf("default", repo), "for-each-ref", "--format=%(refname)");
    expect(await refs("branch")).toBe("refs/heads/side");
    expect(await git(artifacts.directoryOf("default", "branch"), "symbolic-ref", "HEAD")).toBe("refs/heads/side");
    const made = await artifacts.fork({ repo: "r", ref: "main~2", as: "commit" }, me);
    expect(made.commit).toBe(await git(directory, "rev-parse", "main~2"));
    expect(await refs("commit")).toBe("refs/heads/main");
  });

  test("can be for reading alone, by tools and by git", async () => {
    const { artifacts, url } = await source();
    const { token } = await artifacts.fork({ repo: "r", as: "frozen", read_only: true, token: { scope: "write" } }, me);
    const write = { repo: "frozen", files: { f: "1" }, message: "x" };
    await expect(artifacts.commit(write, me)).rejects.toMatchObject({ code: "forbidden" });
    await expect(artifacts.merge({ repo: "frozen", into: "main", from: "side" }, me)).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(artifacts.commit({ repo: "frozen", tag: "x" }, me)).rejects.toMatchObject({ code: "forbidden" });
    const clone = await cloneOf(url("frozen", `x:${token?.token}@`));
    await commitIn(clone, { x: "1" });
    expect(await gitFails(clone, "push")).toMatch(/read-only fork/);
    expect((await artifacts.list({}, me)).repos).toMatchObject([{ repo: "frozen", read_only: true }, { repo: "r" }]);
    await artifacts.fork({ repo: "frozen", as: "thawed" }, me);
    await artifacts.commit({ ...write, repo: "thawed" }, me);
  });

  test("comes with a token that a sub-agent pushes with, and only there", async () => {
    const { artifacts, url } = await source();
    const { token } = await artifacts.fork(
      { repo: "r", as: "work", token: { scope: "write", branch: "main", ttl_s: 60 } },
      me,
    );
    const login = `agent:${token?.token}@`;
    const clone = await cloneOf(url("work", login));
    const commit = await commitIn(clone, { done: "1" });
    await git(clone, "push", "-q");
    expect((await artifacts.checkout({ repo: "work", path: "done" }, me)).commit).toBe(commit);
    expect(await gitFails("/", "ls-remote", url("r", login))).toMatch(/403/);
  });

  test("refuses a name that is taken, a repository or ref that is not there, and a caller who may not write", async () => {
    const { artifacts } = await source();
    await expect(artifacts.fork({ repo: "r", as: "r" }, me)).rejects.toMatchObject({ code: "conflict" });
    await expect(artifacts.fork({ repo: "none", as: "x" }, me)).rejects.toMatchObject({ code: "not_found" });
    await expect(artifacts.fork({ repo: "r", ref: "none", as: "x" }, me)).rejects.toMatchObject({ code: "not_found" });
    await expect(artifacts.fork({ repo: "r", as: "../x" }, me)).rejects.toMatchObject({ code: "invalid_request" });
    const reader = { ...me, rights: { ...me.rights, artifacts: "read" as const } };
    await expect(artifacts.fork({ repo: "r", as: "x" }, reader)).rejects.toMatchObject({ code: "forbidden" });
    expect((await artifacts.list({}, me)).repos).toHaveLength(1);
  });

  test("made twenty times at once under one name is made once", async () => {
    const { artifacts } = await source();
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, () => artifacts.fork({ repo: "r", as: "one" }, me)),
    );
    expect(all.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    await expectSound(artifacts.directoryOf("default", "one"));
  });
});

describe("artifact.list", () => {
  test("shows repositories, branches and tags by name, in pages, with commits and trees", async () => {
    const { artifacts } = workbench({ remote: (workspace, repo) => `http://host/git/${workspace}/${repo}.git` });
    for (const repo of ["b", "a", "c"]) await artifacts.commit({ repo, files: { f: repo }, message: repo }, me);
    const first = await artifacts.list({ limit: 2 }, me);
    expect(first.repos).toMatchObject([
      { repo: "a", branch: "main", remote: "http://host/git/default/a.git" },
      { repo: "b" },
    ]);
    expect(first.repos?.[0]?.tree).toMatch(/^[0-9a-f]{40}$/);
    const second = await artifacts.list({ limit: 2, cursor: first.next_cursor }, me);
    expect(second).toMatchObject({ repos: [{ repo: "c" }] });
    expect(second).not.toHaveProperty("next_cursor");
    const made = await artifacts.commit(
      { repo: "a", branch: "x/y", from: "main", files: { g: "1" }, message: "why\n\nlong" },
      me,
    );
    const { branches } = await artifacts.list({ repo: "a" }, me);
    expect(branches).toMatchObject([
      { name: "main" },
      { name: "x/y", commit: made.commit, tree: made.tree, message: "why" },
    ]);
    await expect(artifacts.list({ kind: "tags" }, me)).rejects.toMatchObject({ code: "invalid_request" });
    await expect(artifacts.list({ kind: "tags", repo: "none" }, me)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("an import", () => {
  const rules = { allowHttp: true, allowPrivateAddresses: true };

  test("brings a repository with its branches, tags and notes from a git server", async () => {
    const { url, directory, artifacts: theirs } = await source();
    const { token } = theirs.tokens.create({ scope: "read", repo: "r" }, me);
    const { artifacts } = workbench({ importRules: rules });
    const made = await artifacts.fork({ repo: url("r", `x:${token}@`), as: "mine" }, me);
    const mine = artifacts.directoryOf("default", "mine");
    expect(made.commit).toBe(await git(directory, "rev-parse", "main"));
    expect(await git(mine, "for-each-ref")).toBe(await git(directory, "for-each-ref"));
    await artifacts.commit({ repo: "mine", files: { f: "imported" }, message: "mine" }, me);
    await expect(artifacts.fork({ repo: url("r"), as: "again" }, me)).rejects.toMatchObject({
      code: "provider_error",
      details: { status: 401 },
    });
    await expect(artifacts.fork({ repo: url("none", `x:${token}@`), as: "again" }, me)).rejects.toMatchObject({
      code: "provider_error",
    });
    await expect(artifacts.fork({ repo: url("r", `x:${token}@`), as: "mine" }, me)).rejects.toMatchObject({
      code: "conflict",
    });
    expect((await artifacts.list({}, me)).repos).toHaveLength(1);
  });

  test("brings a bundle, and refuses one that is incomplete, damaged or none", async () => {
    const { directory } = await source();
    const home = temporaryDirectory();
    const bundle = async (...args: string[]) => {
      await git(directory, "bundle", "create", "-q", join(home, "b"), ...args);
      return readFileSync(join(home, "b"));
    };
    const whole = await bundle("--all");
    const blobs: Record<string, Buffer> = {
      blob_whole: whole,
      blob_part: await bundle("main~1..main"),
      blob_cut: whole.subarray(0, -100),
      blob_none: Buffer.from("hello"),
    };
    const { artifacts } = workbench({ readBlob: async (blob) => blobs[blob] ?? Buffer.alloc(0) });
    const made = await artifacts.import({ source: "blob_whole", as: "mine" }, me);
    expect(made.commit).toBe(await git(directory, "rev-parse", "main"));
    expect(await git(artifacts.directoryOf("default", "mine"), "for-each-ref")).toBe(
      await git(directory, "for-each-ref"),
    );
    await expect(artifacts.import({ source: "blob_part", as: "x" }, me)).rejects.toMatchObject({ code: "unsupported" });
    await expect(artifacts.import({ source: "blob_cut", as: "x" }, me)).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(artifacts.import({ source: "blob_none", as: "x" }, me)).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect((await artifacts.list({}, me)).repos).toHaveLength(1);
  });

  test("reaches nothing but the public internet, however it is spelled", async () => {
    const { url } = await source();
    const port = new URL(url("r")).port;
    const { artifacts } = workbench();
    const { artifacts: plain } = workbench({ importRules: { allowHttp: true, allowPrivateAddresses: false } });
    await expect(artifacts.fork({ repo: url("r"), as: "x" }, me)).rejects.toMatchObject({ code: "forbidden" });
    for (const host of [
      "127.0.0.1",
      "localhost",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "0.0.0.0",
      "0x7f.1",
      "2130706433",
      "127.1",
      "169.254.169.254",
      "10.0.0.1",
      "[fd00::1]",
      "[fe80::1]",
    ]) {
      const from = `http://${host}:${port}/git/default/r.git`;
      await expect([
        host,
        await plain.fork({ repo: from, as: "x" }, me).catch((error: { code: string }) => error.code),
      ]).toEqual([host, "forbidden"]);
    }
    for (const from of ["file:///etc/passwd", "ssh://git@host/x", "ext::sh -c id", "git://host/x", "gopher://x/"]) {
      expect(await plain.fork({ repo: from, as: "x" }, me).catch((error: { code: string }) => error.code)).toMatch(
        /forbidden|invalid_request/,
      );
    }
    expect((await plain.list({}, me)).repos).toEqual([]);
  });

  test("follows a redirect to a git server, without the password, and to nothing else", async () => {
    const { url, artifacts: theirs } = await source();
    const { token } = theirs.tokens.create({ scope: "read", repo: "r" }, me);
    let location = "";
    const server = createServer((request, response) => {
      response.writeHead(302, { location: location.replace("INFO", request.url ?? "") }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    afterTest(() => void server.close());
    const from = `http://x:${token}@127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { artifacts } = workbench({ importRules: rules });
    location = `${url("r", `x:${token}@`)}/info/refs?service=git-upload-pack`;
    await expect(artifacts.fork({ repo: from, as: "x" }, me)).rejects.toMatchObject({
      code: "provider_error",
      details: { status: 401 },
    });
    location = "file:///etc/passwd";
    await expect(artifacts.fork({ repo: from, as: "x" }, me)).rejects.toMatchObject({ code: "forbidden" });
    location = "/again";
    await expect(artifacts.fork({ repo: from, as: "x" }, me)).rejects.toMatchObject({ code: "provider_error" });
    expect((await artifacts.list({}, me)).repos).toEqual([]);
  });

  test.each([
    ["8.8.8.8", true],
    ["1.1.1.1", true],
    ["2606:4700::1111", true],
    ["127.0.0.1", false],
    ["10.1.2.3", false],
    ["172.31.0.1", false],
    ["192.168.1.1", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["0.0.0.0", false],
    ["224.0.0.1", false],
    ["255.255.255.255", false],
    ["198.18.0.1", false],
    ["::1", false],
    ["::", false],
    ["::ffff:8.8.8.8", false],
    ["64:ff9b::8.8.8.8", false],
    ["fd00::1", false],
    ["fe80::1", false],
    ["ff02::1", false],
    ["2001:db8::1", false],
    ["2002:7f00:1::", false],
    ["not an address", false],
  ])("address %s is public: %s", (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic);
  });
});

async function packIn(directory: string): Promise<string | undefined> {
  return readdirSync(join(directory, "objects/pack")).find((name) => name.endsWith(".pack"));
}
