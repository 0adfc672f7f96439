import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newPackCaches } from "../../src/artifacts/pack/pack-file.ts";
import { holderLine, isHolderGone } from "../../src/artifacts/store/lock-holder.ts";
import { openRepository, type Repository } from "../../src/artifacts/store/repository.ts";
import { type Clock, systemClock, systemRng } from "../../src/core/clock.ts";
import { artifactLimits } from "../../src/core/limits.ts";
import { afterTest, expectSound, git, temporaryDirectory } from "./support/workbench.ts";

async function repositoryWithCommits(count: number, clock: Clock = systemClock) {
  const directory = join(temporaryDirectory(), "r.git");
  await git("/", "init", "-q", "--bare", "-b", "main", directory);
  const tree = await git(directory, "hash-object", "-t", "tree", "-w", "/dev/null");
  const oids: string[] = [];
  for (let i = 0; i < count; i++) oids.push(await git(directory, "commit-tree", tree, "-m", `${i}`));
  const exclusively = <Result>(act: () => Result) => act();
  const parts = { clock, rng: systemRng, exclusively, caches: newPackCaches() };
  const repository = openRepository(directory, parts) as Repository;
  afterTest(async () => {
    repository.close();
    await expectSound(directory);
  });
  return { directory, refs: repository.refs, oids };
}

/** A clock whose sleeps pass at once, so that a test sees the end of a long wait. */
function hurried(): Clock {
  let ahead = 0;
  const sleep = async (ms: number) => {
    ahead += ms;
  };
  return { now: () => Date.now(), monotonicMs: () => ahead, sleep };
}

/** The id of a process that has just ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("references", () => {
  test("change only from what they are said to be, all or none", async () => {
    const { directory, refs, oids } = await repositoryWithCommits(3);
    const [one = "", two = "", three = ""] = oids;
    await refs.update([
      { name: "refs/heads/main", from: null, to: one },
      { name: "refs/heads/deep/er", from: null, to: two },
    ]);
    const half = [
      { name: "refs/heads/main", from: one, to: three },
      { name: "refs/heads/deep/er", from: one, to: three },
    ];
    await expect(refs.update(half)).rejects.toMatchObject({ ref: "refs/heads/deep/er", actual: two });
    expect(await git(directory, "for-each-ref", "--format=%(objectname) %(refname)")).toBe(
      [`${two} refs/heads/deep/er`, `${one} refs/heads/main`].join("\n"),
    );
    expect(existsSync(join(directory, "refs/heads/main.lock"))).toBe(false);
    expect(await refs.read("HEAD")).toBe(one);
    expect(await refs.readSymbolic("HEAD")).toBe("refs/heads/main");
  });

  test("are read, listed, changed and deleted where git has packed them", async () => {
    const { directory, refs, oids } = await repositoryWithCommits(3);
    const [one = "", two = "", three = ""] = oids;
    for (const name of ["a", "b", "c/d"]) await git(directory, "update-ref", `refs/heads/${name}`, one);
    await git(directory, "tag", "-a", "-m", "x", "v1", two);
    await git(directory, "pack-refs", "--all", "--prune");
    expect(existsSync(join(directory, "refs/heads/a"))).toBe(false);
    expect((await refs.list("refs/heads/")).map((ref) => ref.name)).toEqual([
      "refs/heads/a",
      "refs/heads/b",
      "refs/heads/c/d",
    ]);
    expect((await refs.list("refs/heads/c")).map((ref) => ref.name)).toEqual(["refs/heads/c/d"]);
    await refs.update([{ name: "refs/heads/a", from: one, to: three }]);
    await refs.update([{ name: "refs/heads/c/d", from: one, to: null }]);
    await refs.update([{ name: "refs/heads/a", from: three, to: null }]);
    expect(await refs.read("refs/heads/a")).toBeNull();
    expect(await git(directory, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/b\nrefs/tags/v1");
    expect(refs.packedRef("refs/tags/v1")?.peeled).toBe(two);
    // The directory that `c/d` left behind is no obstacle for a branch `c`.
    await refs.update([{ name: "refs/heads/c", from: null, to: one }]);
    expect(await git(directory, "rev-parse", "refs/heads/c")).toBe(one);
  });

  test("take a new directory's place where another's empty ones are, and keep a parent from its child", async () => {
    const { directory, refs, oids } = await repositoryWithCommits(1);
    const [one = ""] = oids;
    mkdirSync(join(directory, "refs/heads/x/y/z"), { recursive: true });
    await refs.update([{ name: "refs/heads/x", from: null, to: one }]);
    const child = [{ name: "refs/heads/x/y", from: null, to: one }];
    await expect(refs.update(child)).rejects.toMatchObject({ clashesWith: "refs/heads/x" });
    const both = [
      { name: "refs/heads/n", from: null, to: one },
      { name: "refs/heads/n/m", from: null, to: one },
    ];
    await expect(refs.update(both)).rejects.toMatchObject({ clashesWith: "refs/heads/n/m" });
  });

  test("wait for git's own lock, and give up with the lock's path when it stays", async () => {
    const { directory, refs, oids } = await repositoryWithCommits(1, hurried());
    const lock = join(directory, "refs/heads/main.lock");
    writeFileSync(lock, "");
    const update = [{ name: "refs/heads/main", from: null, to: oids[0] ?? "" }];
    await expect(refs.update(update)).rejects.toMatchObject({ code: "unavailable", retryable: true });
    expect(existsSync(lock)).toBe(true);
    const old = new Date(Date.now() - artifactLimits.foreignLockStaleMs - 1000);
    utimesSync(lock, old, old);
    await refs.update(update);
    expect(await refs.read("refs/heads/main")).toBe(oids[0]);
  });

  test("take over the lock of a process that was killed, at once, and never a living one's", async () => {
    const { directory, refs, oids } = await repositoryWithCommits(2, hurried());
    const [one = "", two = ""] = oids;
    const lock = join(directory, "refs/heads/main.lock");
    writeFileSync(lock, holderLine().replace(` ${process.pid} `, ` ${deadProcess()} `));
    await refs.update([{ name: "refs/heads/main", from: null, to: one }]);
    writeFileSync(lock, holderLine());
    const update = [{ name: "refs/heads/main", from: one, to: two }];
    await expect(refs.update(update)).rejects.toMatchObject({ code: "unavailable" });
    // The same process id, of a process that began at another time.
    writeFileSync(lock, holderLine().replace(/\d+\n$/, "1\n"));
    await refs.update(update);
    expect(readFileSync(join(directory, "refs/heads/main"), "utf8")).toBe(`${two}\n`);
  });

  test("are left alone by a git command while we hold their lock", async () => {
    const { directory, refs, oids } = await repositoryWithCommits(2);
    const [one = "", two = ""] = oids;
    await refs.update([{ name: "refs/heads/main", from: null, to: one }]);
    writeFileSync(join(directory, "refs/heads/main.lock"), holderLine());
    await expect(git(directory, "update-ref", "refs/heads/main", two)).rejects.toThrow(/File exists/);
    expect(await refs.read("refs/heads/main")).toBe(one);
  });

  test("tell a holder on another machine from a dead one here", () => {
    expect(isHolderGone(holderLine())).toBe(false);
    expect(isHolderGone(holderLine().replace("switchyard ", "switchyard other-"))).toBeNull();
    expect(isHolderGone("")).toBeNull();
    expect(isHolderGone(`${"1".repeat(40)}\n`)).toBeNull();
  });
});
