import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../src/core/caller.ts";
import {
  cloneOf,
  commitIn,
  expectSound,
  git,
  gitFails,
  me,
  servedWorkbench,
  temporaryDirectory,
} from "./support/workbench.ts";

async function served(options: Parameters<typeof servedWorkbench>[0] = {}, caller: Caller | null = me) {
  const bench = await servedWorkbench(options, caller);
  const files = { "a.txt": "a\n", "src/b.txt": "b\n", "docs/c.txt": "c\n" };
  const first = await bench.artifacts.commit({ repo: "r", files, message: "first" }, me);
  return { ...bench, directory: bench.artifacts.directoryOf("default", "r"), first: first.commit };
}

const refs = (directory: string) => git(directory, "for-each-ref", "--format=%(refname) %(objectname)");

describe("a push", () => {
  test("moves a branch forward, and the tools see it", async () => {
    const { artifacts, directory, url } = await served();
    const clone = await cloneOf(url("r"));
    const commit = await commitIn(clone, { "src/new.txt": "pushed\n" });
    await git(clone, "push", "-q", "origin", "main");
    expect(await git(directory, "rev-parse", "main")).toBe(commit);
    const got = await artifacts.checkout({ repo: "r", path: "src/new.txt" }, me);
    expect(got).toMatchObject({ commit, files: { "src/new.txt": { text: "pushed\n" } } });
    const next = await artifacts.commit({ repo: "r", files: { "a.txt": "tool\n" }, message: "tool" }, me);
    expect(next.parents).toEqual([commit]);
    await git(clone, "pull", "-q");
    expect(await git(clone, "rev-parse", "HEAD")).toBe(next.commit);
  });

  test("makes the repository when it is new", async () => {
    const { artifacts, directory, url } = await served();
    const clone = await cloneOf(directory);
    await git(clone, "push", "-q", url("fresh"), "main", "main:refs/heads/copy");
    expect((await artifacts.log({ repo: "fresh" }, me)).commits).toHaveLength(1);
    expect(await refs(artifacts.directoryOf("default", "fresh"))).toMatch(/copy.*\n.*main/);
  });

  test("brings branches, tags, notes and deletions, each told on its own", async () => {
    const { directory, url } = await served();
    const clone = await cloneOf(url("r"));
    await commitIn(clone, { x: "1" });
    await git(clone, "tag", "-a", "-m", "one", "v1");
    await git(clone, "tag", "light");
    await git(clone, "notes", "add", "-m", "noted");
    await git(clone, "push", "-q", "origin", "HEAD:topic/one", "v1", "light", "refs/notes/commits");
    for (const ref of ["topic/one", "v1^{commit}", "light"]) {
      expect(await git(directory, "rev-parse", ref)).toBe(await git(clone, "rev-parse", "HEAD"));
    }
    expect(await git(directory, "notes", "show", "topic/one")).toBe("noted");
    await git(clone, "push", "-q", "origin", ":topic/one", ":v1");
    expect(await refs(directory)).not.toMatch(/topic|v1/);
    expect(await gitFails(clone, "push", "origin", ":main")).toMatch(/current branch prohibited/);
    await git(clone, "push", "-q", "origin", ":refs/heads/nothing");
  });

  test("is refused behind the branch, forced over it, and leased against what was seen", async () => {
    const { artifacts, directory, url, first } = await served();
    const [one, two] = [await cloneOf(url("r")), await cloneOf(url("r"))];
    const mine = await commitIn(one, { one: "1" });
    await git(one, "push", "-q");
    const theirs = await commitIn(two, { two: "2" });
    expect(await gitFails(two, "push")).toMatch(/rejected/);
    const lease = `--force-with-lease=main:${first}`;
    expect(await gitFails(two, "push", lease)).toMatch(/stale info|fetch first|rejected/);
    expect(await git(directory, "rev-parse", "main")).toBe(mine);
    await git(two, "push", "-q", `--force-with-lease=main:${mine}`);
    expect(await git(directory, "rev-parse", "main")).toBe(theirs);
    expect((await artifacts.log({ repo: "r" }, me)).commits).toHaveLength(2);
  });

  test("lands whole or not at all when it is atomic", async () => {
    const { artifacts, directory, url } = await served({ pushPolicies: [{ branch: "release/*", protected: true }] });
    const clone = await cloneOf(url("r"));
    await commitIn(clone, { x: "1" });
    const before = await refs(directory);
    expect(await gitFails(clone, "push", "--atomic", "origin", "main", "main:release/1", "main:other")).toMatch(
      /protected branch[\s\S]*atomic/,
    );
    expect(await refs(directory)).toBe(before);
    expect(await gitFails(clone, "push", "origin", "main", "main:release/1", "main:other")).toMatch(/protected branch/);
    expect(await refs(directory)).toMatch(/heads\/main [\s\S]*heads\/other/);
    expect((await artifacts.log({ repo: "r", ref: "other" }, me)).commits).toHaveLength(2);
  });

  test("of many objects comes in chunks, with deltas, and is kept as it came", async () => {
    const { directory, url } = await served();
    const clone = await cloneOf(url("r"));
    const lines = (i: number) =>
      Array.from({ length: 400 }, (_, line) => `line ${line} ${line % 40 === i ? "x" : ""}`).join("\n");
    for (let i = 0; i < 30; i++) await commitIn(clone, { big: lines(i), [`d/${i}`]: `${i}` });
    await git(clone, "gc", "-q");
    await git(clone, "-c", "http.postBuffer=1024", "push", "-q");
    expect(await git(directory, "rev-list", "--objects", "main")).toBe(
      await git(clone, "rev-list", "--objects", "main"),
    );
    const again = await cloneOf(url("r"));
    expect(await git(again, "rev-parse", "HEAD")).toBe(await git(clone, "rev-parse", "HEAD"));
    await expectSound(again);
  });

  test("from a shallow clone connects to what is there", async () => {
    const { artifacts, directory, url } = await served();
    for (let i = 0; i < 4; i++) await artifacts.commit({ repo: "r", files: { f: `${i}` }, message: `${i}` }, me);
    const clone = await cloneOf(url("r"), "--depth=1");
    const commit = await commitIn(clone, { shallow: "1" });
    await git(clone, "push", "-q");
    expect(await git(directory, "rev-parse", "main")).toBe(commit);
    const other = await cloneOf(url("r"), "--depth=1");
    await commitIn(other, { more: "1" });
    expect(await gitFails(other, "push", url("elsewhere"), "main")).toMatch(/missing/);
  });

  test("of nothing new but a name brings no pack", async () => {
    const { directory, url, first } = await served();
    const clone = await cloneOf(url("r"));
    await git(clone, "push", "-q", "origin", "HEAD:refs/heads/again", "HEAD:refs/tags/here");
    expect(await refs(directory)).toMatch(new RegExp(`heads/again ${first}[\\s\\S]*tags/here ${first}`));
  });

  test.each(["protocol.version=0", "protocol.version=1", "protocol.version=2"])("works with %s", async (version) => {
    const { directory, url } = await served();
    const clone = await cloneOf(url("r"));
    const commit = await commitIn(clone, { x: version });
    await git(clone, "-c", version, "push", "-q", "--signed=if-asked");
    expect(await git(directory, "rev-parse", "main")).toBe(commit);
  });

  test("tells listeners of every reference it moved, and of none it did not", async () => {
    const { artifacts, url, first } = await served({ pushPolicies: [{ branch: "no", protected: true }] });
    const seen: unknown[] = [];
    artifacts.onChange(({ kind, repo, ref, from, to }) => seen.push({ kind, repo, ref, from, to }));
    const clone = await cloneOf(url("r"));
    const commit = await commitIn(clone, { x: "1" });
    await gitFails(clone, "push", "origin", "main", "main:no");
    const tool = await artifacts.commit({ repo: "r", files: { y: "1" }, message: "y" }, me);
    expect(seen).toEqual([
      { kind: "push", repo: "r", ref: "refs/heads/main", from: first, to: commit },
      { kind: "commit", repo: "r", ref: "refs/heads/main", from: commit, to: tool.commit },
    ]);
  });
});

describe("push policies", () => {
  test("let a branch only move forward, whoever pushes", async () => {
    const { directory, url, first } = await served({ pushPolicies: [{ branch: "main", fast_forward_only: true }] });
    const clone = await cloneOf(url("r"));
    const commit = await commitIn(clone, { x: "1" });
    await git(clone, "push", "-q");
    await git(clone, "reset", "-q", "--hard", first);
    await commitIn(clone, { y: "1" });
    expect(await gitFails(clone, "push", "--force")).toMatch(/non-fast-forward/);
    await git(clone, "push", "-q", "--force", "origin", "HEAD:elsewhere");
    expect(await git(directory, "rev-parse", "main")).toBe(commit);
  });

  test("bound the size of a file on the branches they name", async () => {
    const { directory, url, first } = await served({
      pushPolicies: [{ repo: "r", branch: "main", max_file_bytes: 1000 }],
    });
    const clone = await cloneOf(url("r"));
    await commitIn(clone, { big: "x".repeat(1001) });
    expect(await gitFails(clone, "push")).toMatch(/has 1001 bytes, more than 1000/);
    expect(await git(directory, "rev-parse", "main")).toBe(first);
    await git(clone, "push", "-q", "origin", "HEAD:topic");
    await git(clone, "push", "-q", url("s"), "main");
    await git(clone, "reset", "-q", "--hard", first);
    await commitIn(clone, { fits: "x".repeat(1000) });
    await git(clone, "push", "-q");
  });

  test("a repository over its quota refuses a push and stays as it was", async () => {
    const { directory, url, first } = await served({ quotaOf: () => 20_000 });
    const clone = await cloneOf(url("r"));
    await commitIn(clone, { big: Buffer.from(crypto.getRandomValues(new Uint8Array(30_000))).toString("base64") });
    expect(await gitFails(clone, "push")).toMatch(/bytes this repository has left/);
    // Much more than what is on its way at any time: the client has to be let finish to hear why.
    const noise = () => randomBytes(3_000_000).toString("base64");
    await commitIn(clone, { big: noise(), bigger: noise() });
    expect(await gitFails(clone, "push")).toMatch(/bytes this repository has left/);
    expect(await git(directory, "rev-parse", "main")).toBe(first);
    await git(clone, "reset", "-q", "--hard", first);
    await commitIn(clone, { small: "fits" });
    await git(clone, "push", "-q");
  });
});

describe("tokens", () => {
  const login = (token: string) => `agent:${token}@`;
  const open = () => served({}, null);

  test("open what they are for, as Basic and as Bearer, and nothing else", async () => {
    const { artifacts, url } = await open();
    await artifacts.commit({ repo: "other", files: { f: "1" }, message: "x" }, me);
    const { token } = artifacts.tokens.create({ scope: "read", repo: "r" }, me);
    expect(await gitFails("/", "ls-remote", url("r"))).toMatch(
      /could not read Username|Authentication failed|terminal prompts disabled/,
    );
    const clone = await cloneOf(url("r", login(token)));
    const bearer = ["-c", `http.extraHeader=Authorization: Bearer ${token}`];
    expect(await git("/", ...bearer, "ls-remote", "--heads", url("r"))).toMatch(/main/);
    expect(await gitFails("/", "ls-remote", url("other", login(token)))).toMatch(/403/);
    await commitIn(clone, { x: "1" });
    expect(await gitFails(clone, "push")).toMatch(/403/);
    const write = artifacts.tokens.create({ scope: "write", repo: "r" }, me);
    await git(clone, "push", "-q", url("r", login(write.token)), "main");
    expect(await gitFails("/", "ls-remote", url("r", login(`${token}x`)))).toMatch(/Authentication failed/);
  });

  test("end when they are revoked or expire, and are kept as a hash alone", async () => {
    let now = Date.now();
    const { systemClock } = await import("../../src/core/clock.ts");
    const { artifacts, directory, url } = await served({ clock: { ...systemClock, now: () => now } }, null);
    const first = artifacts.tokens.create({ scope: "read", ttl_s: 60 }, me);
    const second = artifacts.tokens.create({ scope: "read", ttl_s: 600, repo: "r", branch: "a", path: "src" }, me);
    expect(artifacts.tokens.list(me)).toMatchObject([
      { id: first.id },
      { id: second.id, repo: "r", branch: "a", path: "src" },
    ]);
    expect(JSON.stringify(artifacts.tokens.list(me))).not.toContain(first.token);
    const { readFileSync } = await import("node:fs");
    for (const file of ["artifacts.db", "artifacts.db-wal"]) {
      expect(readFileSync(join(directory, "../..", file)).includes(first.token)).toBe(false);
    }
    await git("/", "ls-remote", url("r", login(first.token)));
    now += 61_000;
    expect(await gitFails("/", "ls-remote", url("r", login(first.token)))).toMatch(/Authentication failed/);
    await git("/", "ls-remote", url("r", login(second.token)));
    artifacts.tokens.revoke(second.id, me);
    expect(await gitFails("/", "ls-remote", url("r", login(second.token)))).toMatch(/Authentication failed/);
    expect(() => artifacts.tokens.revoke(second.id, me)).toThrow(/there is no token/);
    expect(artifacts.tokens.list(me)).toEqual([]);
  });

  test("are never wider than who makes them, and stay in the workspace", async () => {
    const { artifacts } = await open();
    const reader: Caller = { ...me, rights: { ...me.rights, artifacts: "read" } };
    expect(() => artifacts.tokens.create({ scope: "write" }, reader)).toThrow(/may not write/);
    const { id } = artifacts.tokens.create({ scope: "read" }, reader);
    expect(() => artifacts.tokens.revoke(id, { ...me, workspace: "other" })).toThrow(/there is no token/);
    expect(artifacts.tokens.list({ ...me, workspace: "other" })).toEqual([]);
    for (const ttl_s of [0, -1, 1.5, 1e12])
      expect(() => artifacts.tokens.create({ scope: "read", ttl_s }, me)).toThrow(/seconds/);
  });

  test("for a branch write that branch and those below it alone", async () => {
    const { artifacts, directory, url } = await open();
    const { token } = artifacts.tokens.create({ scope: "write", repo: "r", branch: "agent/7" }, me);
    const clone = await cloneOf(url("r", login(token)));
    await commitIn(clone, { x: "1" });
    for (const ref of ["main", "HEAD:agent/77", "HEAD:refs/tags/v1", "HEAD:refs/notes/x"]) {
      expect(await gitFails(clone, "push", "origin", ref)).toMatch(/for branch agent\/7 only/);
    }
    await git(clone, "push", "-q", "origin", "HEAD:agent/7");
    expect(await refs(directory)).toMatch(/agent\/7 /);
    expect(await refs(directory)).not.toMatch(/agent\/77|tags|notes/);
  });

  test("for a path change files under it alone, in every commit of the push", async () => {
    const { artifacts, directory, url, first } = await open();
    const { token } = artifacts.tokens.create({ scope: "write", repo: "r", path: "src" }, me);
    const clone = await cloneOf(url("r", login(token)));
    const allowed = await commitIn(clone, { "src/b.txt": "B", "src/deep/new.txt": "n" });
    await git(clone, "push", "-q");
    await commitIn(clone, { "docs/c.txt": "changed" });
    await commitIn(clone, { "docs/c.txt": "c\n", "src/b.txt": "back" });
    expect(await gitFails(clone, "push")).toMatch(/changes files outside src/);
    expect(await gitFails(clone, "push", "--force", "origin", `${first}:main`)).toMatch(/non-fast-forward/);
    await git(clone, "checkout", "-q", "--orphan", "fresh");
    await git(clone, "commit", "-q", "-m", "root");
    expect(await gitFails(clone, "push", "origin", "HEAD:fresh")).toMatch(/outside src/);
    expect(await git(directory, "rev-parse", "main")).toBe(allowed);
    // A merge may bring in what main did elsewhere.
    await git(clone, "checkout", "-q", "-b", "merging", allowed);
    await commitIn(clone, { "src/m": "1" });
    await artifacts.commit({ repo: "r", files: { "docs/c.txt": "by main" }, message: "main" }, me);
    await git(clone, "pull", "-q", "--no-rebase", "--no-edit", "origin", "main");
    await git(clone, "push", "-q", "origin", "HEAD:main");
    // But neither undo what was done elsewhere by merging what came before it, nor bring in anything of its own.
    const merge = async (other: string, files: string) => {
      const tree = await git(clone, "rev-parse", `${files}^{tree}`);
      return git(clone, "commit-tree", tree, "-p", "HEAD", "-p", other, "-m", "merge");
    };
    const undoing = await merge(first, first);
    expect(await gitFails(clone, "push", "origin", `${undoing}:main`)).toMatch(/outside src/);
    const before = await git(clone, "rev-parse", "HEAD");
    const side = await commitIn(clone, { "src/side": "1" });
    const own = await commitIn(clone, { "docs/c.txt": "mine" });
    await git(clone, "reset", "-q", "--hard", before);
    const bringing = await merge(side, own);
    expect(await gitFails(clone, "push", "origin", `${bringing}:main`)).toMatch(/outside src/);
    expect(await git(directory, "rev-parse", "main")).toBe(before);
  });
});

describe("twenty clients", () => {
  test("pushing to one branch at once: one wins each round, the others are told, and nothing is lost", async () => {
    const { directory, url } = await served();
    const home = temporaryDirectory();
    const clones = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const clone = join(home, `clone${i}`);
        await git("/", "clone", "-q", directory, clone);
        await git(clone, "remote", "set-url", "origin", url("r"));
        await commitIn(clone, { [`by${i}`]: `${i}` });
        return clone;
      }),
    );
    let tips = await Promise.all(clones.map((clone) => git(clone, "rev-parse", "HEAD")));
    for (let round = 0; round < 2; round++) {
      const before = await git(directory, "rev-parse", "main");
      const push = (clone: string, i: number) => git(clone, "push", "-q", "origin", `${tips[i]}:refs/heads/main`);
      const outcomes = await Promise.allSettled(clones.map(push));
      const winners = outcomes.flatMap((outcome, i) => (outcome.status === "fulfilled" ? [i] : []));
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(String(outcome.reason.stderr)).toMatch(/rejected|fetch first/);
      }
      expect(await git(directory, "rev-parse", "main")).toBe(tips[winners[0] ?? 0]);
      expect(await git(directory, "rev-parse", "main~1")).toBe(before);
      tips = await Promise.all(
        clones.map(async (clone, i) => {
          await git(clone, "fetch", "-q", "origin", "main");
          return git(clone, "commit-tree", `${tips[i]}^{tree}`, "-p", "FETCH_HEAD", "-m", `${i} again`);
        }),
      );
    }
  });
});
