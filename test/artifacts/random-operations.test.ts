import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { expectSound, git, gitAt, me, servedWorkbench, temporaryDirectory } from "./support/workbench.ts";

// A few for every run of the suite; SWITCHYARD_RANDOM_OPERATIONS=500 for a long one.
const operations = Number(process.env.SWITCHYARD_RANDOM_OPERATIONS ?? 120);

/**
 * The same random operations through the tools and through a git command in a working tree, the model. The trees of
 * all branches must be the same at the end, and on the way wherever both have just made one.
 */
test(`${operations} random operations end in the same trees as with the git command`, {
  timeout: 600_000,
}, async () => {
  let seed = 20_261_122;
  const random = (n: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * n);
  };
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)] as Item;
  const { artifacts, url } = await servedWorkbench();
  const directory = artifacts.directoryOf("default", "r");
  const model = join(temporaryDirectory(), "model");
  await git("/", "init", "-q", "-b", "main", model);
  const trees = new Map<string, Map<string, string>>([["main", new Map()]]);
  let time = 1_800_000_000;
  const files = ["a", "b", "c d", "é", "dir/a", "dir/b", "dir/sub/x", "dir/sub/y", "other/z", "deep/er/and/er/f"];
  const text = () =>
    Array.from({ length: 1 + random(20) }, () => `line ${random(9)}`).join("\n") + (random(2) ? "\n" : "");

  const write = async (branch: string, changes: Record<string, string | null>) => {
    await git(model, "checkout", "-q", "-f", branch).catch(() => "");
    for (const [path, content] of Object.entries(changes)) {
      if (content === null) rmSync(join(model, path), { recursive: true });
      else {
        mkdirSync(dirname(join(model, path)), { recursive: true });
        writeFileSync(join(model, path), content);
      }
    }
    await git(model, "add", "-A");
    time += 10;
    await gitAt(time, model, "commit", "-q", "--allow-empty-message", "-m", "x");
    return git(model, "rev-parse", "HEAD^{tree}");
  };

  for (let step = 0; step < operations; step++) {
    const branches = [...trees.keys()];
    const branch = step === 0 ? "main" : pick(branches);
    const content = trees.get(branch) ?? new Map<string, string>();
    const kind = step === 0 ? 0 : random(20);
    if (kind < 12) {
      const changes: Record<string, string | null> = {};
      for (let i = 0; i <= random(3); i++) {
        const path = pick(files);
        if (content.has(path) && content.size > 1 && random(4) === 0) changes[path] = null;
        else changes[path] = text();
      }
      const before = JSON.stringify([...content].sort());
      const next = new Map(content);
      for (const [path, value] of Object.entries(changes)) value === null ? next.delete(path) : next.set(path, value);
      if (next.size === 0 || JSON.stringify([...next].sort()) === before) continue;
      const made = await artifacts.commit({ repo: "r", branch, files: changes, message: `${step}` }, me);
      expect([step, made.tree]).toEqual([step, await write(branch, changes)]);
      trees.set(branch, next);
    } else if (kind < 14) {
      const name = `b${step}`;
      await artifacts.commit(
        { repo: "r", branch: name, from: branch, files: { [`born-${step}`]: name }, message: name },
        me,
      );
      await git(model, "checkout", "-q", "-f", "-b", name, branch);
      await write(name, { [`born-${step}`]: name });
      trees.set(name, new Map(content).set(`born-${step}`, name));
    } else if (kind < 15 && branches.length > 2 && branch !== "main") {
      await artifacts.commit({ repo: "r", delete: "branch", branch }, me);
      await git(model, "checkout", "-q", "-f", "main");
      await git(model, "branch", "-q", "-D", branch);
      trees.delete(branch);
    } else if (kind < 17) {
      const from = pick(branches);
      await git(model, "checkout", "-q", "-f", branch);
      time += 10;
      const clean = await gitAt(time, model, "-c", "merge.renames=false", "merge", "-q", "--no-edit", from).then(
        () => true,
        () => false,
      );
      if (!clean) await git(model, "merge", "--abort");
      const got = await artifacts.merge({ repo: "r", into: branch, from }, me);
      expect([step, got.status === "conflict"]).toEqual([step, !clean]);
      expect(got.tree).toBe(await git(model, "rev-parse", "HEAD^{tree}"));
      trees.set(branch, await contentOf(model));
    } else if (kind < 18) {
      await git(model, "checkout", "-q", "-f", branch);
      time += 10;
      const clean = await gitAt(time, model, "-c", "merge.renames=false", "revert", "--no-edit", "-m1", "HEAD")
        .catch(() => gitAt(time, model, "-c", "merge.renames=false", "revert", "--no-edit", "HEAD"))
        .then(
          () => true,
          () => false,
        );
      if (!clean) {
        await git(model, "revert", "--abort").catch(() => "");
        continue;
      }
      const made = await artifacts.commit({ repo: "r", branch, revert: branch }, me);
      expect([step, made.tree]).toEqual([step, await git(model, "rev-parse", "HEAD^{tree}")]);
      trees.set(branch, await contentOf(model));
    } else if (kind < 19) {
      const clone = join(temporaryDirectory(), "clone");
      await git("/", "clone", "-q", "-b", branch, url("r"), clone);
      writeFileSync(join(clone, `pushed-${step}`), `${step}`);
      await git(clone, "add", "-A");
      await git(clone, "commit", "-q", "-m", `push ${step}`);
      await git(clone, "push", "-q", "origin", branch);
      expect(await git(clone, "rev-parse", "HEAD^{tree}")).toBe(await write(branch, { [`pushed-${step}`]: `${step}` }));
      trees.set(branch, new Map(content).set(`pushed-${step}`, `${step}`));
    } else if (random(2)) {
      await artifacts.maintain("r", me);
    } else {
      // Without a commit graph: `repack -ad` drops commits of deleted branches that the graph would still name.
      const chores = [
        ["-c", "gc.writeCommitGraph=false", "gc", "-q"],
        ["repack", "-adfq"],
        ["repack", "-q"],
        ["pack-refs", "--all"],
      ];
      await git(directory, ...pick(chores));
    }
  }
  const expected = await git(model, "for-each-ref", "--format=%(refname) %(tree)", "refs/heads");
  expect(await git(directory, "for-each-ref", "--format=%(refname) %(tree)", "refs/heads")).toBe(expected);
  await expectSound(directory);
  for (const [branch, content] of trees) {
    const got: Record<string, string> = {};
    for (let cursor: string | undefined; ; ) {
      const page = await artifacts.checkout({ repo: "r", ref: branch, glob: "**", limit: 7, cursor }, me);
      for (const [path, file] of Object.entries(page.files)) got[path] = file.text ?? "";
      cursor = page.next_cursor;
      if (cursor === undefined) break;
    }
    expect(got).toEqual(Object.fromEntries(content));
  }
});

async function contentOf(model: string): Promise<Map<string, string>> {
  const content = new Map<string, string>();
  const names = await git(model, "-c", "core.quotePath=false", "ls-files");
  for (const path of names.split("\n").filter(Boolean)) {
    const { readFileSync } = await import("node:fs");
    content.set(path, readFileSync(join(model, path), "utf8"));
  }
  return content;
}
