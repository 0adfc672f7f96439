import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ArtifactOptions, Artifacts } from "../../src/artifacts/artifacts.ts";
import type { Clock } from "../../src/core/clock.ts";
import { systemClock } from "../../src/core/clock.ts";
import { git, gitAt, me, temporaryDirectory, workbench } from "./support/workbench.ts";

/** A clock that moves on a minute with every look, so that commits have times of their own. */
function minutes(): Pick<ArtifactOptions, "clock"> {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const clock: Clock = {
    ...systemClock,
    now: () => {
      now += 60_000;
      return now;
    },
  };
  return { clock };
}

async function all(artifacts: Artifacts, args: { repo: string; ref?: string; path?: string }, limit: number) {
  const commits: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await artifacts.log({ ...args, limit, cursor }, me);
    commits.push(...page.commits.map((entry) => entry.commit));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return commits;
}

describe("artifact.log", () => {
  test("shows commits newest first with author, time, message, parents and metadata", async () => {
    const { artifacts } = workbench(minutes());
    const one = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "One\n\nWhy it is so.\n\n" }, me);
    const author = "Ada L. <ada@example.com>";
    const metadata = { model: "openai/gpt-5.4", generation: "gen_1", cost: "0.001" };
    const two = await artifacts.commit({ repo: "r", files: { f: "2" }, message: "Two", author, metadata }, me);
    await git(
      artifacts.directoryOf("default", "r"),
      "-c",
      "user.name=T",
      "-c",
      "user.email=t@x",
      "notes",
      "add",
      "-m",
      "nice",
      one.commit,
    );
    const { commits } = await artifacts.log({ repo: "r" }, me);
    expect(commits).toMatchObject([
      { commit: two.commit, tree: two.tree, parents: [one.commit], author, message: "Two", metadata },
      { commit: one.commit, parents: [], message: "One\n\nWhy it is so.", note: "nice" },
    ]);
    expect(commits[0]?.at).toMatch(/^2026-01-01T00:\d\d:00\.000Z$/);
    expect(commits[1]).not.toHaveProperty("metadata");
  });

  test("agrees with git log over merges, whole and by path, in pages of any size", async () => {
    const { artifacts } = workbench(minutes());
    const clone = join(temporaryDirectory(), "clone");
    await artifacts.commit({ repo: "r", files: { a: "0", "d/x": "0", "d/y": "0" }, message: "root" }, me);
    const directory = artifacts.directoryOf("default", "r");
    await git("/", "clone", "-q", directory, clone);
    let time = Date.parse("2026-02-01T00:00:00Z") / 1000;
    const edit = async (path: string, text: string) => {
      writeFileSync(join(clone, path), text);
      await git(clone, "add", "-A");
      time += 60;
      await gitAt(time, clone, "commit", "-qm", `edit ${path}`);
    };
    for (let round = 0; round < 6; round++) {
      await git(clone, "checkout", "-q", "-b", `side${round}`);
      await edit("d/x", `side ${round}`);
      if (round % 2) await edit("a", `side ${round}`);
      await git(clone, "checkout", "-q", "main");
      await edit("d/y", `main ${round}`);
      if (round % 3 === 0) await edit(`new${round}`, "x");
      time += 60;
      await gitAt(time, clone, "merge", "-q", "--no-ff", "-m", `merge ${round}`, `side${round}`);
    }
    await git(clone, "push", "-q", "origin", "main");
    for (const path of [undefined, "a", "d", "d/x", "d/y", "new3", "nowhere"]) {
      const expected = (
        await git(clone, "log", "--format=%H", "main", "--", ...(path === undefined ? [] : [path]))
      ).split("\n");
      for (const limit of [1, 7, 200]) {
        const args = path === undefined ? { repo: "r" } : { repo: "r", path };
        expect(await all(artifacts, args, limit)).toEqual(expected.filter(Boolean));
      }
    }
  });

  test("keeps a list whole while the branch moves under it", async () => {
    const { artifacts } = workbench(minutes());
    for (let i = 0; i < 5; i++) await artifacts.commit({ repo: "r", files: { f: `${i}` }, message: `${i}` }, me);
    const first = await artifacts.log({ repo: "r", limit: 2 }, me);
    await artifacts.commit({ repo: "r", files: { f: "new" }, message: "new" }, me);
    const second = await artifacts.log({ repo: "r", limit: 9, cursor: first.next_cursor }, me);
    expect([...first.commits, ...second.commits].map((entry) => entry.message)).toEqual(["4", "3", "2", "1", "0"]);
  });

  test("leaves out metadata that somebody pushed as something else than an object", async () => {
    const { artifacts } = workbench();
    const { commit } = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
    const directory = artifacts.directoryOf("default", "r");
    await git(
      directory,
      "-c",
      "user.name=T",
      "-c",
      "user.email=t@x",
      "notes",
      "--ref=switchyard",
      "add",
      "-m",
      "[not json",
      commit,
    );
    const { commits } = await artifacts.log({ repo: "r" }, me);
    expect(commits[0]).not.toHaveProperty("metadata");
  });

  test("says that an empty repository has no commit", async () => {
    const { artifacts, directory } = workbench();
    await git(directory, "init", "-q", "--bare", "default/empty.git");
    await expect(artifacts.log({ repo: "empty" }, me)).rejects.toMatchObject({ code: "not_found" });
    await artifacts.commit({ repo: "empty", files: { f: "1" }, message: "one" }, me);
    await expect(artifacts.log({ repo: "empty" }, me)).resolves.toMatchObject({ commits: [{ message: "one" }] });
  });
});
