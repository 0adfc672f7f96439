import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import {
  cloneOf,
  commitIn,
  expectSound,
  git,
  gitAt,
  gitFails,
  me,
  servedWorkbench,
  temporaryDirectory,
} from "./support/workbench.ts";

const versions = ["protocol.version=0", "protocol.version=1", "protocol.version=2"];

const filters = ["blob:none", "tree:0", "tree:1", "blob:limit=100", "combine:blob:none+tree:3"];

type Layout = "loose" | "packed" | "both";

/** A repository with a merge, tags, notes and a deleted file, packed by git with deltas or not. */
async function build(layout: Layout, home: string): Promise<void> {
  const artifacts = openArtifacts({ directory: home, clock: systemClock, rng: systemRng });
  const directory = artifacts.directoryOf("default", "r");
  const text = (i: number) =>
    Array.from({ length: 80 }, (_, line) => `line ${line} of ${line < i * 7 ? i : 0}`).join("\n");
  for (let i = 0; i < 8; i++) {
    const files = { "big.txt": text(i), [`src/d${i % 3}/f${i}.txt`]: `${i}`, "gone.txt": i < 7 ? `${i}` : null };
    await artifacts.commit({ repo: "r", files, message: `commit ${i}`, metadata: { i } }, me);
    if (i === 4 && layout === "both") await git(directory, "gc", "-q");
  }
  const work = join(home, "work");
  await git("/", "clone", "-q", directory, work);
  await git(work, "checkout", "-q", "-b", "side", "HEAD~3");
  await commitIn(work, { "side.txt": "side" });
  await git(work, "checkout", "-q", "main");
  await git(work, "merge", "-q", "--no-ff", "-m", "merge", "side");
  await git(work, "tag", "-a", "-m", "first", "v1", "HEAD~4");
  await git(work, "tag", "light", "HEAD~2");
  await git(work, "tag", "-a", "-m", "tag of a tag", "v1-again", "v1");
  await git(work, "push", "-q", "origin", "main", "side", "--tags");
  if (layout === "packed") await git(directory, "gc", "-q");
  await artifacts.close();
}

const templates = new Map<Layout, Promise<string>>();
const templateHome = mkdtempSync(join(tmpdir(), "switchyard-template-"));
afterAll(() => rmSync(templateHome, { recursive: true, force: true }));

/** A server over a copy of that repository. */
async function served(layout: Layout = "both") {
  const home = join(templateHome, layout);
  if (!templates.has(layout))
    templates.set(
      layout,
      build(layout, home).then(() => home),
    );
  const directory = temporaryDirectory();
  cpSync(join((await templates.get(layout)) ?? "", "default"), join(directory, "default"), { recursive: true });
  const bench = await servedWorkbench({ directory });
  return { ...bench, directory: bench.artifacts.directoryOf("default", "r"), url: bench.url("r") };
}

describe.each(["protocol.version=0", "protocol.version=2"])("a git client with %s", (version) => {
  test.each(version.endsWith("2") ? (["loose", "packed", "both"] as const) : (["both"] as const))(
    "clones everything from %s objects",
    async (layout) => {
      const { directory, url } = await served(layout);
      const clone = await cloneOf(url, version, "--mirror");
      expect(await git(clone, "for-each-ref")).toBe(await git(directory, "for-each-ref"));
      expect(await git(clone, "rev-list", "--objects", "--all")).toBe(
        await git(directory, "rev-list", "--objects", "--all"),
      );
      expect(await git(clone, "symbolic-ref", "HEAD")).toBe("refs/heads/main");
      await expectSound(clone);
    },
  );

  test("fetches what is new, with the tags of it, and then nothing", async () => {
    const { artifacts, directory, url } = await served();
    const clone = await cloneOf(url, version);
    await artifacts.commit({ repo: "r", files: { "new.txt": "new" }, message: "new" }, me);
    await git(directory, "tag", "-a", "-m", "x", "v2", "main");
    const loose = async () => Number.parseInt(await git(clone, "count-objects"), 10);
    const cloned = await loose();
    await git(clone, "-c", version, "-c", "fetch.unpackLimit=1000", "pull", "-q");
    expect(readFileSync(join(clone, "new.txt"), "utf8")).toBe("new");
    expect(await git(clone, "tag")).toContain("v2");
    // A commit, its tree, a blob and the tag, and nothing that was there.
    expect(await loose()).toBe(cloned + 4);
    await git(clone, "-c", version, "fetch", "-q");
    expect(await loose()).toBe(cloned + 4);
    await expectSound(clone);
  });

  test("fetches after its own history went another way", async () => {
    const { artifacts, url } = await served();
    const clone = await cloneOf(url, version);
    for (let i = 0; i < 40; i++) await commitIn(clone, { [`mine${i}`]: `${i}` });
    await artifacts.commit({ repo: "r", files: { theirs: "1" }, message: "theirs" }, me);
    await git(clone, "-c", version, "fetch", "-q");
    await git(clone, "merge", "-q", "-m", "both", "origin/main");
    expect(readFileSync(join(clone, "theirs"), "utf8")).toBe("1");
    await expectSound(clone);
  });

  test("clones a part of the history, deepens it by steps, and takes the rest", async () => {
    const { directory, url } = await served();
    const clone = await cloneOf(url, version, "--depth=2");
    const count = async () => Number(await git(clone, "rev-list", "--count", "HEAD"));
    const shown = async (depth: number) => {
      const peer = await cloneOf(`file://${directory}`, `--depth=${depth}`);
      return Number(await git(peer, "rev-list", "--count", "HEAD"));
    };
    expect(await count()).toBe(await shown(2));
    await git(clone, "-c", version, "fetch", "-q", "--deepen=1");
    expect(await count()).toBe(await shown(3));
    await git(clone, "-c", version, "fetch", "-q", "--deepen=2");
    expect(await count()).toBe(await shown(5));
    await git(clone, "-c", version, "fetch", "-q", "--depth=6");
    expect(await count()).toBe(await shown(6));
    await expectSound(clone);
    await git(clone, "-c", version, "fetch", "-q", "--unshallow");
    expect(await git(clone, "rev-list", "--objects", "HEAD")).toBe(
      await git(directory, "rev-list", "--objects", "main"),
    );
    expect(existsSync(join(clone, ".git/shallow"))).toBe(false);
    await expectSound(clone);
  });

  test("clones since a time and without what a tag has, and pulls on top", async () => {
    const { artifacts, url } = await servedWorkbench();
    await artifacts.commit({ repo: "r", files: { f: "0" }, message: "0" }, me);
    const work = await cloneOf(artifacts.directoryOf("default", "r"));
    for (let i = 1; i < 8; i++)
      await gitAt(1_900_000_000 + i * 1000, work, "commit", "-q", "--allow-empty", "-m", `${i}`);
    await git(work, "tag", "-a", "-m", "x", "v3", "HEAD~4");
    await git(work, "push", "-q", "origin", "main", "v3");
    const since = await cloneOf(url("r"), version, "--shallow-since=1900004500");
    expect(await git(since, "log", "--format=%s")).toBe("7\n6\n5");
    const without = await cloneOf(url("r"), version, "--shallow-exclude=v3");
    expect(await git(without, "log", "--format=%s")).toBe("7\n6\n5\n4");
    await artifacts.commit({ repo: "r", files: { f: "1" }, message: "8" }, me);
    for (const clone of [since, without]) {
      await git(clone, "-c", version, "pull", "-q");
      expect(readFileSync(join(clone, "f"), "utf8")).toBe("1");
      await expectSound(clone);
    }
    expect(
      await gitFails("/tmp", "-c", version, "clone", "--shallow-since=2900000000", url("r"), "/nonexistent/x"),
    ).toBeTruthy();
  });

  test.each(version.endsWith("2") ? filters : filters.slice(0, 1))(
    "clones in part with --filter=%s and gets the rest when it needs it",
    async (filter) => {
      const { directory, url } = await served();
      const clone = await cloneOf(url, version, `--filter=${filter}`, "--no-checkout");
      const have = async () => (await git(clone, "rev-list", "--objects", "--all", "--missing=print")).split("\n");
      expect((await have()).some((line) => line.startsWith("?"))).toBe(true);
      await git(clone, "-c", version, "checkout", "-q", "main");
      expect(await git(clone, "status", "--porcelain")).toBe("");
      expect(await git(clone, "-c", version, "log", "-p", "--format=%H")).toBe(
        await git(directory, "log", "-p", "--format=%H", "main"),
      );
      await git(clone, "fsck", "--full", "--no-dangling");
    },
  );

  test("clones a single branch, fetches notes by name, and one commit by its id", async () => {
    const { directory, url } = await served();
    const clone = await cloneOf(url, version, "--single-branch", "--branch=side", "--no-tags");
    expect(await git(clone, "rev-parse", "HEAD")).toBe(await git(directory, "rev-parse", "side"));
    await git(clone, "-c", version, "fetch", "-q", "origin", "refs/notes/*:refs/notes/*");
    const noted = (await git(directory, "rev-list", "side", "--skip=1", "--max-count=1")).trim();
    expect(JSON.parse(await git(clone, "notes", "--ref=switchyard", "show", noted))).toEqual({ i: 4 });
    const commit = await git(directory, "rev-parse", "main~1");
    await git(clone, "-c", version, "fetch", "-q", "origin", commit);
    expect(await git(clone, "rev-parse", "FETCH_HEAD")).toBe(commit);
    await expectSound(clone);
  });

  test("clones an empty repository and knows the name of its branch", async () => {
    const { directory, url } = await servedWorkbench();
    await git(directory, "init", "-q", "--bare", "-b", "trunk", "default/empty.git");
    const clone = await cloneOf(url("empty"), version);
    expect(await git(clone, "ls-remote")).toBe("");
    if (version.endsWith("2")) expect(await git(clone, "symbolic-ref", "HEAD")).toBe("refs/heads/trunk");
  });
});

describe("the server", () => {
  test("shows references by prefix, with what tags point to", async () => {
    const { directory, url } = await served();
    expect(await git(directory, "ls-remote", url)).toBe(await git(directory, "ls-remote", directory));
    for (const args of [["--tags"], ["--heads"], ["--symref"]]) {
      expect(await git(directory, "ls-remote", ...args, url)).toBe(
        await git(directory, "ls-remote", ...args, directory),
      );
    }
  });

  test("goes on serving while git repacks, deletes and packs references under it", async () => {
    const { directory, url } = await served("loose");
    for (const args of [
      ["gc", "-q", "--prune=now"],
      ["repack", "-adfq"],
      ["pack-refs", "--all"],
      ["update-ref", "-d", "refs/heads/side"],
    ]) {
      await git(directory, ...args);
      const clone = await cloneOf(url, "--mirror");
      expect(await git(clone, "for-each-ref")).toBe(await git(directory, "for-each-ref"));
      await expectSound(clone);
    }
  });

  test("tells a client that wants what is not there", async () => {
    const { url } = await served();
    const clone = await cloneOf(url);
    expect(await gitFails(clone, "fetch", "origin", "1".repeat(40))).toMatch(/not our ref/);
    expect(await gitFails(clone, "ls-remote", url.replace("/r.git", "/none.git"))).toMatch(/not found/);
  });

  test("serves no file of a repository, and nothing outside of it", async () => {
    const { url } = await served();
    const get = async (path: string) => (await fetch(`${url}${path}`)).status;
    for (const path of [
      "/HEAD",
      "/config",
      "/objects/info/packs",
      "/info/refs",
      "/../r.git/HEAD",
      "/info/refs?service=git-upload-archive",
    ]) {
      expect([path, await get(path)]).toEqual([
        path,
        expect.toSatisfy((status: number) => status === 403 || status === 404),
      ]);
    }
  });
});

test("a directory that comes and goes between two states is sent whole", async () => {
  const { artifacts, url } = await servedWorkbench();
  const state = (n: number) => ({ "d/changes": `${n % 2}`, "d/stays/one": "1", "d/stays/two": "2" });
  for (let i = 0; i < 5; i++) await artifacts.commit({ repo: "r", files: state(i), message: `${i}` }, me);
  for (const version of versions) {
    const clone = await cloneOf(url("r"), version, "--mirror");
    await expectSound(clone);
  }
});

test("protocol version 1 is spoken as version 0 with a line in front", async () => {
  const { artifacts, directory, url } = await served();
  const version = "protocol.version=1";
  const clone = await cloneOf(url, version, "--depth=3");
  await git(clone, "-c", version, "fetch", "-q", "--unshallow");
  await artifacts.commit({ repo: "r", files: { new: "1" }, message: "new" }, me);
  await git(clone, "-c", version, "pull", "-q");
  expect(await git(clone, "rev-list", "--objects", "HEAD")).toBe(await git(directory, "rev-list", "--objects", "main"));
  await expectSound(clone);
});
