import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Artifacts } from "../../src/artifacts/artifacts.ts";
import { cloneOf, git, me, workbench } from "./support/workbench.ts";

const lines = (changes: Record<number, string> = {}) =>
  Array.from({ length: 30 }, (_, i) => changes[i] ?? `line ${i}`).join("\n");

/** A repository with `main` and `side` going different ways from one commit. */
async function forked(ours: Record<string, string | null>, theirs: Record<string, string | null>) {
  const { artifacts } = workbench();
  const base = { "text.txt": lines(), "a.txt": "a\n", "dir/b.txt": "b\n", "dir/c.txt": "c\n" };
  const commit = (branch: string, files: Record<string, string | null>, message: string) =>
    artifacts.commit({ repo: "r", branch, files, message, from: branch === "main" ? undefined : "main" }, me);
  const root = await commit("main", base, "base");
  const side = await commit("side", theirs, "theirs");
  const main = await commit("main", ours, "ours");
  return { artifacts, directory: artifacts.directoryOf("default", "r"), root, side, main };
}

const mergeSide = (artifacts: Artifacts, more: object = {}) =>
  artifacts.merge({ repo: "r", into: "main", from: "side", ...more }, me);

describe("artifact.merge", () => {
  test("moves a branch forward where it can, and makes a commit where it must", async () => {
    const { artifacts } = workbench();
    await artifacts.commit({ repo: "r", files: { a: "1" }, message: "one" }, me);
    const two = await artifacts.commit(
      { repo: "r", branch: "side", from: "main", files: { b: "2" }, message: "two" },
      me,
    );
    const forward = await mergeSide(artifacts);
    expect(forward).toMatchObject({ status: "fast_forward", commit: two.commit, tree: two.tree });
    expect(await mergeSide(artifacts)).toMatchObject({ status: "up_to_date", commit: two.commit });
    const three = await artifacts.commit({ repo: "r", branch: "side", files: { c: "3" }, message: "three" }, me);
    const kept = await mergeSide(artifacts, { mode: "no_ff", message: "kept apart" });
    expect(kept).toMatchObject({ status: "merged", tree: three.tree, theirs: three.commit });
    const directory = artifacts.directoryOf("default", "r");
    expect(await git(directory, "log", "-1", "--format=%P %s", "main")).toBe(
      `${two.commit} ${three.commit} kept apart`,
    );
  });

  test("brings both sides' changes together as git does", async () => {
    const ours = { "text.txt": lines({ 2: "ours" }), "new-ours": "1", "a.txt": null };
    const theirs = { "text.txt": lines({ 25: "theirs" }), "new-theirs/x": "2", "dir/b.txt": "B\n" };
    const { artifacts, directory, main, side } = await forked(ours, theirs);
    const clone = await cloneOf(directory);
    await git(clone, "merge", "-q", "-m", "m", "origin/side");
    const merged = await mergeSide(artifacts);
    expect(merged.status).toBe("merged");
    expect(merged.tree).toBe(await git(clone, "rev-parse", "HEAD^{tree}"));
    expect(await git(directory, "log", "-1", "--format=%P", "main")).toBe(`${main.commit} ${side.commit}`);
  });

  test("gives conflicts back as data, leaves the branch alone, and takes their resolution", async () => {
    const ours = { "text.txt": lines({ 5: "ours" }), "a.txt": null, "both.txt": "ours\n" };
    const theirs = { "text.txt": lines({ 5: "theirs" }), "a.txt": "changed\n", "both.txt": "theirs\n", other: "fine" };
    const { artifacts, directory, main, side, root } = await forked(ours, theirs);
    const before = await git(directory, "count-objects");
    const got = await mergeSide(artifacts);
    expect(got).toMatchObject({ status: "conflict", commit: main.commit, theirs: side.commit, base: root.commit });
    expect(got.conflicts?.map(({ path, kind }) => [path, kind])).toEqual([
      ["a.txt", "deleted_by_us"],
      ["both.txt", "both_added"],
      ["text.txt", "content"],
    ]);
    expect(got.conflicts?.find((conflict) => conflict.path === "text.txt")?.text).toContain(
      "line 4\n<<<<<<< main\nours\n=======\ntheirs\n>>>>>>> side\nline 6\n",
    );
    expect(await git(directory, "rev-parse", "main")).toBe(main.commit);
    expect(await git(directory, "count-objects")).toBe(before);

    const some = await mergeSide(artifacts, { resolve: { "text.txt": lines({ 5: "both" }) } });
    expect(some.conflicts?.map((conflict) => conflict.path).sort()).toEqual(["a.txt", "both.txt"]);
    await expect(mergeSide(artifacts, { resolve: { other: "x" } })).rejects.toMatchObject({ code: "invalid_request" });
    const resolve = { "text.txt": lines({ 5: "both" }), "a.txt": null, "both.txt": "together\n" };
    const done = await mergeSide(artifacts, { resolve });
    expect(done.status).toBe("merged");
    const files = (await artifacts.checkout({ repo: "r", glob: "**" }, me)).files;
    expect(files).toMatchObject({
      "both.txt": { text: "together\n" },
      other: { text: "fine" },
      "text.txt": { text: resolve["text.txt"] },
    });
    expect(files).not.toHaveProperty("a.txt");
  });

  test("finds files in the way of directories, and lets go of files that the other side replaced", async () => {
    const { artifacts } = await forked(
      { "dir/b.txt": null, "dir/c.txt": null, "x.txt": "1" },
      { "a.txt": null, "a.txt/inside": "1" },
    );
    expect((await mergeSide(artifacts)).status).toBe("merged");
    const clash = await forked({ thing: "file" }, { "thing/inside": "1" });
    const got = await mergeSide(clash.artifacts);
    expect(got.conflicts).toMatchObject([{ path: "thing", kind: "file_and_directory" }]);
  });

  test("agrees with git over many random histories", async () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * n);
    };
    const { artifacts } = workbench();
    const directory = artifacts.directoryOf("default", "r");
    const body = () =>
      Array.from({ length: 12 }, (_, i) => (random(6) === 0 ? `changed ${random(4)}` : `line ${i}`)).join("\n");
    await artifacts.commit(
      { repo: "r", files: { f0: lines(), f1: lines(), "d/f2": lines(), "d/f3": lines() }, message: "base" },
      me,
    );
    for (const branch of ["one", "two"]) {
      await artifacts.commit({ repo: "r", branch, from: "main", files: { [branch]: "x" }, message: branch }, me);
    }
    const clone = await cloneOf(directory);
    let merged = 0;
    for (let round = 0; round < 24; round++) {
      for (const branch of ["one", "two"]) {
        const path = ["f0", "f1", "d/f2", "d/f3", `n${random(3)}`][random(5)] ?? "f0";
        const files = { [path]: `${body()}\n${round}${random(2) ? branch : ""}` };
        await artifacts.commit({ repo: "r", branch, files, message: `${round}` }, me);
      }
      const [into, from] = random(2) ? ["one", "two"] : ["two", "one"];
      await git(clone, "fetch", "-q");
      await git(clone, "checkout", "-q", "-f", "--detach", `origin/${into}`);
      const clean = await git(clone, "-c", "merge.renames=false", "merge", "-q", "-m", "m", `origin/${from}`).then(
        () => true,
        () => false,
      );
      const got = await artifacts.merge({ repo: "r", into, from }, me);
      expect([round, got.status]).toEqual([round, clean ? "merged" : "conflict"]);
      if (clean) {
        expect(got.tree).toBe(await git(clone, "rev-parse", "HEAD^{tree}"));
        merged += 1;
      } else {
        const unmerged = (await git(clone, "diff", "--name-only", "--diff-filter=U")).split("\n");
        expect(got.conflicts?.map((conflict) => conflict.path).sort()).toEqual(unmerged.sort());
        await git(clone, "merge", "--abort");
        const theirs = await artifacts.checkout({ repo: "r", ref: from, glob: "**" }, me);
        const resolve = Object.fromEntries(unmerged.map((path) => [path, theirs.files[path]?.text ?? "gone"]));
        expect((await artifacts.merge({ repo: "r", into, from, resolve }, me)).status).toBe("merged");
      }
    }
    expect(merged).toBeGreaterThan(3);
    expect(merged).toBeLessThan(24);
  });

  test("merges branches that have crossed", async () => {
    const { artifacts, directory } = await forked(
      { "text.txt": lines({ 2: "ours" }) },
      { "text.txt": lines({ 25: "theirs" }) },
    );
    const [main, side] = [await git(directory, "rev-parse", "main"), await git(directory, "rev-parse", "side")];
    await artifacts.merge({ repo: "r", into: "main", from: side }, me);
    await artifacts.merge({ repo: "r", into: "side", from: main }, me);
    await artifacts.commit(
      { repo: "r", files: { "text.txt": lines({ 2: "ours", 25: "theirs", 10: "more" }) }, message: "x" },
      me,
    );
    await artifacts.commit({ repo: "r", branch: "side", files: { "a.txt": "A\n" }, message: "y" }, me);
    expect((await git(directory, "merge-base", "--all", "main", "side")).split("\n")).toHaveLength(2);
    const clone = await cloneOf(directory);
    await git(clone, "merge", "-q", "-m", "m", "origin/side");
    expect((await mergeSide(artifacts)).tree).toBe(await git(clone, "rev-parse", "HEAD^{tree}"));
  });

  test("takes what a fork has, with no more objects than are new, and conflicts with it as with a branch", async () => {
    const { artifacts, directory } = workbench();
    const repository = artifacts.directoryOf("default", "r");
    const packs = () => readdirSync(join(repository, "objects/pack")).length;
    await artifacts.commit({ repo: "r", files: { a: "1\n", b: "1\n" }, message: "one" }, me);
    await artifacts.fork({ repo: "r", as: "r-ada" }, me);
    const ada = { repo: "r-ada", branch: "agent/ada", from: "main" };
    await artifacts.commit({ ...ada, files: { a: "ada\n" }, message: "ada" }, me);
    const tip = await artifacts.commit({ repo: "r-ada", branch: "agent/ada", files: { c: "1" }, message: "c" }, me);
    const merged = await artifacts.merge({ repo: "r", into: "main", from: "r-ada:agent/ada" }, me);
    expect(merged).toMatchObject({ status: "fast_forward", commit: tip.commit });
    expect(await git(repository, "count-objects", "-v")).toMatch(/in-pack: 6\n/);
    expect((await artifacts.merge({ repo: "r", into: "main", from: "r-ada:agent/ada" }, me)).status).toBe("up_to_date");
    expect((await artifacts.merge({ repo: "r", into: "main", from: "r-ada:" }, me)).status).toBe("up_to_date");

    await artifacts.commit({ repo: "r", files: { b: "ours\n" }, message: "ours" }, me);
    await artifacts.commit({ repo: "r-ada", files: { b: "theirs\n" }, message: "theirs" }, me);
    const args = { repo: "r", into: "main", from: "r-ada:main" };
    const [before, head] = [packs(), await git(repository, "rev-parse", "main")];
    expect(await artifacts.merge(args, me)).toMatchObject({ status: "conflict", conflicts: [{ path: "b" }] });
    expect(await git(repository, "rev-parse", "main")).toBe(head);
    const settled = await artifacts.merge({ ...args, resolve: { b: "both\n" } }, me);
    expect(settled.status).toBe("merged");
    expect(packs()).toBe(before + 2);
    await artifacts.commit({ repo: "r-ada", delete: "repo" }, me);
    expect((await artifacts.checkout({ repo: "r", path: "b" }, me)).files.b?.text).toBe("both\n");
    expect(readdirSync(join(repository, "switchyard"))).toEqual([]);

    await expect(artifacts.merge({ ...args, from: "none:main" }, me)).rejects.toMatchObject({ code: "not_found" });
    await expect(artifacts.merge({ ...args, from: "r:none" }, me)).rejects.toMatchObject({ code: "not_found" });
    await expect(artifacts.merge({ ...args, from: "../x:main" }, me)).rejects.toMatchObject({
      code: "invalid_request",
    });
    const other = { ...me, workspace: "other" };
    await artifacts.commit({ repo: "secret", files: { f: "1" }, message: "x" }, other);
    await expect(artifacts.merge({ ...args, from: "secret:main" }, me)).rejects.toMatchObject({ code: "not_found" });
    const small = workbench({ directory, quotaOf: () => 1_000 }).artifacts;
    await small.fork({ repo: "r", as: "r-eve" }, me);
    const noise = randomBytes(2_000).toString("base64");
    await artifacts.commit({ repo: "r-eve", files: { noise }, message: "noise" }, me);
    await expect(small.merge({ ...args, from: "r-eve:main" }, me)).rejects.toMatchObject({ code: "too_large" });
    expect(packs()).toBe(before + 2);
  });

  test("refuses histories without a common commit, an impossible fast-forward, a moved head, a missing branch", async () => {
    const { artifacts, directory, main, root } = await forked({ x: "1" }, { y: "1" });
    const clone = await cloneOf(directory);
    await git(clone, "checkout", "-q", "--orphan", "alone");
    await git(clone, "commit", "-qm", "alone");
    await git(clone, "push", "-q", "origin", "alone");
    await expect(artifacts.merge({ repo: "r", into: "main", from: "alone" }, me)).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(mergeSide(artifacts, { mode: "ff_only" })).rejects.toMatchObject({ code: "conflict" });
    await expect(mergeSide(artifacts, { expected_head: root.commit })).rejects.toMatchObject({
      code: "conflict",
      details: { head: main.commit },
    });
    await expect(artifacts.merge({ repo: "r", into: "none", from: "main" }, me)).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(artifacts.merge({ repo: "r", into: "main", from: "none" }, me)).rejects.toMatchObject({
      code: "not_found",
    });
    const reader = { ...me, rights: { ...me.rights, artifacts: "read" as const } };
    await expect(artifacts.merge({ repo: "r", into: "main", from: "side" }, reader)).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await git(directory, "rev-parse", "main")).toBe(main.commit);
  });
});

describe("artifact.commit with revert, tag and delete", () => {
  test("undoes a commit in the middle and leaves what came after it", async () => {
    const { artifacts } = workbench();
    await artifacts.commit({ repo: "r", files: { t: lines(), keep: "1" }, message: "one" }, me);
    const bad = await artifacts.commit(
      { repo: "r", files: { t: lines({ 3: "bad" }), extra: "x", keep: null }, message: "bad" },
      me,
    );
    await artifacts.commit({ repo: "r", files: { t: lines({ 3: "bad", 20: "good" }) }, message: "good" }, me);
    const undone = await artifacts.commit({ repo: "r", revert: bad.commit }, me);
    expect(undone.changed).toBe(3);
    const { files } = await artifacts.checkout({ repo: "r", glob: "*" }, me);
    expect(files).toEqual({ t: { text: lines({ 20: "good" }) }, keep: { text: "1" } });
    expect((await artifacts.log({ repo: "r", limit: 1 }, me)).commits[0]?.message).toBe(
      `Revert "bad"\n\nThis reverts commit ${bad.commit}.`,
    );
    await expect(artifacts.commit({ repo: "r", revert: bad.commit }, me)).rejects.toMatchObject({
      code: "invalid_request",
    });
    await artifacts.commit({ repo: "r", files: { t: lines({ 20: "other" }) }, message: "other" }, me);
    await expect(artifacts.commit({ repo: "r", revert: "main~2" }, me)).rejects.toMatchObject({
      code: "conflict",
      details: { paths: ["t"] },
    });
  });

  test("tags what it commits, or what is there, once", async () => {
    const { artifacts } = workbench();
    const one = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one", tag: "v1" }, me);
    const directory = artifacts.directoryOf("default", "r");
    expect(await git(directory, "rev-parse", "v1")).toBe(one.commit);
    const two = await artifacts.commit({ repo: "r", files: { f: "2" }, message: "two" }, me);
    expect(await artifacts.commit({ repo: "r", tag: "v2", message: "annotated" }, me)).toMatchObject({
      tag: "v2",
      commit: two.commit,
      tree: two.tree,
    });
    expect(await git(directory, "cat-file", "-t", "v2")).toBe("tag");
    expect(await git(directory, "rev-parse", "v2^{commit}")).toBe(two.commit);
    await artifacts.commit({ repo: "r", tag: "v1", from: one.commit }, me);
    await expect(artifacts.commit({ repo: "r", tag: "v1" }, me)).rejects.toMatchObject({
      code: "conflict",
      details: { commit: one.commit },
    });
    const { tags } = await artifacts.list({ repo: "r", kind: "tags" }, me);
    expect(tags).toMatchObject([
      { name: "v1", commit: one.commit, tree: one.tree },
      { name: "v2", commit: two.commit },
    ]);
  });

  test("deletes a branch, a tag and a repository, and says what they were at", async () => {
    const { artifacts } = workbench({ pushPolicies: [{ branch: "keep", fast_forward_only: true }] });
    const one = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one", tag: "v1" }, me);
    const side = await artifacts.commit(
      { repo: "r", branch: "side", from: "main", files: { g: "1" }, message: "two" },
      me,
    );
    await artifacts.commit({ repo: "r", branch: "keep", from: "main", files: { h: "1" }, message: "keep" }, me);
    const remove = (more: object) => artifacts.commit({ repo: "r", ...more }, me);
    await expect(remove({ delete: "branch", branch: "side", expected_head: one.commit })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await remove({ delete: "branch", branch: "side" })).toEqual({
      repo: "r",
      deleted: "branch",
      branch: "side",
      commit: side.commit,
      tree: side.tree,
    });
    expect(await remove({ branch: "back", from: side.commit, files: { x: "1" }, message: "again" })).toMatchObject({
      parents: [side.commit],
    });
    await remove({ delete: "tag", tag: "v1" });
    await expect(remove({ delete: "branch", branch: "main" })).rejects.toMatchObject({ code: "conflict" });
    await expect(remove({ delete: "branch", branch: "keep" })).rejects.toMatchObject({ code: "forbidden" });
    await expect(remove({ delete: "branch", branch: "none" })).rejects.toMatchObject({ code: "not_found" });
    await expect(remove({ delete: "branch" })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(remove({ delete: "repo", files: {} })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(remove({})).rejects.toMatchObject({ code: "invalid_request" });
    const { token } = artifacts.tokens.create({ scope: "read", repo: "r" }, me);
    expect(await remove({ delete: "repo" })).toMatchObject({ repo: "r", deleted: "repo", commit: one.commit });
    expect(artifacts.tokens.find(token)).toBeNull();
    expect(await artifacts.list({}, me)).toEqual({ repos: [] });
    await expect(remove({ delete: "repo" })).rejects.toMatchObject({ code: "not_found" });
    const again = await remove({ files: { f: "new" }, message: "new" });
    expect(again.parents).toEqual([]);
  });
});
