import { describe, expect, test } from "vitest";
import { artifactLimits } from "../../src/core/limits.ts";
import { git, me, temporaryDirectory, workbench } from "./support/workbench.ts";

async function sample() {
  const { artifacts } = workbench();
  const files = {
    "README.md": "# Title\n\nbody\n",
    "src/a.ts": "one\ntwo\nthree\nfour",
    "src/deep/b.ts": "b\n",
    "src/deep/c.js": "c\n",
    "logo.png": { base64: "iVBORwD/" },
  };
  const first = await artifacts.commit({ repo: "r", files, message: "one" }, me);
  return { artifacts, first };
}

describe("artifact.checkout", () => {
  test("lists every file with its size and id when no path is given, without content", async () => {
    const { artifacts, first } = await sample();
    const got = await artifacts.checkout({ repo: "r" }, me);
    expect(got).toMatchObject({ commit: first.commit, tree: first.tree, files: {} });
    expect(got.entries.map((entry) => [entry.path, entry.bytes])).toEqual([
      ["README.md", 14],
      ["logo.png", 6],
      ["src/a.ts", 18],
      ["src/deep/b.ts", 2],
      ["src/deep/c.js", 2],
    ]);
    expect(got.entries[0]?.oid).toBe(await git(artifacts.directoryOf("default", "r"), "rev-parse", "main:README.md"));
  });

  test("shows a file's text, and base64 where it is not text", async () => {
    const { artifacts } = await sample();
    const text = await artifacts.checkout({ repo: "r", path: "README.md" }, me);
    expect(text.files).toEqual({ "README.md": { text: "# Title\n\nbody\n" } });
    const image = await artifacts.checkout({ repo: "r", path: "logo.png" }, me);
    expect(image.files).toEqual({ "logo.png": { base64: "iVBORwD/" } });
  });

  test("lists a directory and shows what a glob matches under it", async () => {
    const { artifacts } = await sample();
    const listed = await artifacts.checkout({ repo: "r", path: "src/deep/" }, me);
    expect(listed.entries.map((entry) => entry.path)).toEqual(["src/deep/b.ts", "src/deep/c.js"]);
    const shown = await artifacts.checkout({ repo: "r", path: "src", glob: "**/*.{ts,tsx}" }, me);
    expect(Object.keys(shown.files)).toEqual(["src/a.ts", "src/deep/b.ts"]);
  });

  test.each([
    ["2-3", "two\nthree\n", "2-3"],
    ["4", "four", "4-4"],
    ["3-", "three\nfour", "3-4"],
    ["2-900", "two\nthree\nfour", "2-4"],
    ["9", "", "none: the file has 4"],
  ])("shows lines %s alone", async (lines, text, shown) => {
    const { artifacts } = await sample();
    const got = await artifacts.checkout({ repo: "r", path: "src/a.ts", lines }, me);
    expect(got.files).toEqual({ "src/a.ts": { text, lines: shown, total_lines: 4 } });
  });

  test("reads any ref: a branch, a tag, an id, its beginning, and steps back from them", async () => {
    const { artifacts, first } = await sample();
    const second = await artifacts.commit({ repo: "r", files: { new: "2" }, message: "two" }, me);
    const directory = artifacts.directoryOf("default", "r");
    await git(directory, "tag", "light", first.commit);
    await git(directory, "-c", "user.name=T", "-c", "user.email=t@x", "tag", "-a", "-m", "x", "heavy", first.commit);
    const at = async (ref: string) => (await artifacts.checkout({ repo: "r", ref }, me)).commit;
    for (const ref of [
      "light",
      "heavy",
      "refs/tags/heavy",
      first.commit,
      first.commit.slice(0, 9),
      "main~1",
      "HEAD^",
      "main^^0",
    ]) {
      expect(await at(ref)).toBe(first.commit);
    }
    for (const ref of ["main", "HEAD", "refs/heads/main", "heads/main"]) expect(await at(ref)).toBe(second.commit);
  });

  test("gives long lists in pages that stay on one commit while the branch moves", async () => {
    const { artifacts } = workbench();
    const names = Array.from({ length: 25 }, (_, i) => `d${i % 3}/e${i % 2}/f${i}`);
    await artifacts.commit({ repo: "r", files: Object.fromEntries(names.map((n) => [n, n])), message: "x" }, me);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await artifacts.checkout({ repo: "r", limit: 4, cursor }, me);
      seen.push(...page.entries.map((entry) => entry.path));
      cursor = page.next_cursor;
      await artifacts.commit({ repo: "r", files: { [`a${seen.length}`]: "x" }, message: "moved" }, me);
    } while (cursor !== undefined);
    expect(seen).toEqual(names.sort());
  });

  test("cuts content at its bound on a character's edge and goes on with the next file on the next page", async () => {
    const { artifacts } = workbench();
    const half = "é".repeat(artifactLimits.checkoutTextBytesMax / 4 + 1);
    await artifacts.commit({ repo: "r", files: { a: half, b: `x${half}`, c: "last" }, message: "x" }, me);
    const first = await artifacts.checkout({ repo: "r", glob: "*" }, me);
    expect(first.files.a).toEqual({ text: half });
    expect(first.files.b?.truncated).toBe(true);
    expect(`x${half}`.startsWith(first.files.b?.text ?? "no")).toBe(true);
    const total = Buffer.byteLength(half) + Buffer.byteLength(first.files.b?.text ?? "");
    expect(total).toBeLessThanOrEqual(artifactLimits.checkoutTextBytesMax);
    const second = await artifacts.checkout({ repo: "r", glob: "*", cursor: first.next_cursor }, me);
    expect(second.files).toEqual({ c: { text: "last" } });
  });

  test("shows links, modes and submodules that git committed, and names that are no plain words", async () => {
    const { artifacts } = workbench();
    await artifacts.commit({ repo: "r", files: { f: "1", __proto__x: "2" }, message: "x" }, me);
    const clone = `${temporaryDirectory()}/clone`;
    await git("/", "clone", "-q", artifacts.directoryOf("default", "r"), clone);
    await git(clone, "update-index", "--add", "--chmod=+x", "f");
    const link = await git(clone, "hash-object", "-w", "f");
    await git(clone, "update-index", "--add", "--cacheinfo", `120000,${link},link`);
    await git(clone, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},module`);
    await git(clone, "update-index", "--add", "--cacheinfo", `100644,${link},__proto__`);
    await git(clone, "commit", "-qm", "modes");
    await git(clone, "push", "-q", "origin", "HEAD:main");
    const got = await artifacts.checkout({ repo: "r", glob: "**" }, me);
    expect(got.entries.map(({ path, type, mode }) => `${path} ${type} ${mode}`)).toEqual([
      "__proto__ file 100644",
      "__proto__x file 100644",
      "f file 100755",
      "link symlink 120000",
      "module submodule 160000",
    ]);
    expect(Object.keys(got.files)).toEqual(["__proto__", "__proto__x", "f", "link"]);
    await artifacts.commit({ repo: "r", files: { f: "2" }, message: "keeps the mode" }, me);
    expect((await artifacts.checkout({ repo: "r", path: "f" }, me)).entries[0]?.mode).toBe("100755");
  });

  test("reads a repository that git has packed with deltas, in pages of history", async () => {
    const { artifacts } = workbench();
    const lines = Array.from({ length: 300 }, (_, line) => `line ${line} ${"x".repeat(line % 50)}`);
    const body = (i: number) => lines.map((line, at) => (at <= i * 9 ? `${line} changed` : line)).join("\n");
    const trees: string[] = [];
    for (let i = 0; i < 30; i++) {
      trees.push(
        (await artifacts.commit({ repo: "r", files: { big: body(i), [`f${i}`]: `${i}` }, message: `${i}` }, me)).tree,
      );
    }
    const directory = artifacts.directoryOf("default", "r");
    await git(directory, "repack", "-adfq", "--depth=20");
    expect(await git(directory, "count-objects", "-v")).toMatch(/count: 0\n/);
    expect(await git(directory, "verify-pack", "-sv", ...(await packs(directory)))).toMatch(/chain length = 1[0-9]/);
    for (const [i, tree] of trees.entries()) {
      const got = await artifacts.checkout({ repo: "r", ref: `main~${29 - i}`, path: "big" }, me);
      expect(got.tree).toBe(tree);
      expect(got.files.big?.text).toBe(body(i));
      expect(got.entries[0]?.bytes).toBe(Buffer.byteLength(body(i)));
    }
  });

  test("sees what a git command pushed a moment ago, and what it repacked under an open repository", async () => {
    const { artifacts } = await sample();
    const directory = artifacts.directoryOf("default", "r");
    for (let i = 0; i < 5; i++) {
      await artifacts.commit({ repo: "r", files: { [`x${i}`]: `${i}` }, message: `${i}` }, me);
      await git(directory, "gc", "-q", "--prune=now");
      expect((await artifacts.checkout({ repo: "r", path: `x${i}` }, me)).files[`x${i}`]?.text).toBe(`${i}`);
    }
  });

  test.each([
    ["an unknown repository", { repo: "none" }, "not_found"],
    ["an unknown ref", { ref: "none" }, "not_found"],
    ["a ref before the first commit", { ref: "main~9" }, "not_found"],
    ["an id that is not there", { ref: "1".repeat(40) }, "not_found"],
    ["a ref that climbs", { ref: "../../../etc/passwd" }, "not_found"],
    ["a path that is not there", { path: "none/x" }, "not_found"],
    ["a path that climbs", { path: "../x" }, "invalid_request"],
    ["lines that are none", { lines: "9-3" }, "invalid_request"],
    ["a cursor of somebody else's", { cursor: "abc" }, "invalid_request"],
    ["a glob over the limit", { glob: "x".repeat(artifactLimits.globCharactersMax + 1) }, "invalid_request"],
    ["a glob of too many alternatives", { glob: "{a,b}".repeat(20) }, "invalid_request"],
  ])("refuses %s and takes the next call", async (_name, override, code) => {
    const { artifacts } = await sample();
    await expect(artifacts.checkout({ repo: "r", ...override }, me)).rejects.toMatchObject({ code });
    await expect(artifacts.checkout({ repo: "r" }, me)).resolves.toBeDefined();
  });

  test("refuses a repository in a format that is not ours to write", async () => {
    const { artifacts, directory } = workbench();
    await git(directory, "init", "-q", "--bare", "--object-format=sha256", "default/odd.git");
    await expect(artifacts.checkout({ repo: "odd" }, me)).rejects.toMatchObject({ code: "unsupported" });
  });
});

async function packs(directory: string): Promise<string[]> {
  const { globSync } = await import("node:fs");
  return globSync("objects/pack/*.pack", { cwd: directory });
}
