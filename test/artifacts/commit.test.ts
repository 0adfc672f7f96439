import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../src/core/caller.ts";
import { artifactLimits } from "../../src/core/limits.ts";
import { git, me, temporaryDirectory, workbench } from "./support/workbench.ts";

describe("artifact.commit", () => {
  test("makes a repository that git clones with every file as it was given", async () => {
    const { artifacts } = workbench();
    const files = {
      "notes/ä b.md": "grüße\n",
      "data.bin": { base64: "AAH/gA==" },
      "from-blob.txt": "",
      "a/b/c/d": "deep",
    };
    const made = await artifacts.commit({ repo: "report", files, message: "Begin" }, me);
    expect(made).toMatchObject({ repo: "report", branch: "main", parents: [], changed: 4 });

    const clone = join(temporaryDirectory(), "clone");
    await git(temporaryDirectory(), "clone", "-q", artifacts.directoryOf("default", "report"), clone);
    expect(await git(clone, "rev-parse", "HEAD")).toBe(made.commit);
    expect(await git(clone, "rev-parse", "HEAD^{tree}")).toBe(made.tree);
    expect(await git(clone, "-c", "core.quotePath=false", "ls-files")).toBe(
      ["a/b/c/d", "data.bin", "from-blob.txt", "notes/ä b.md"].join("\n"),
    );
    expect(await git(clone, "show", "HEAD:notes/ä b.md")).toBe("grüße");
    expect(await git(clone, "hash-object", "data.bin")).toBe(await git(clone, "rev-parse", "HEAD:data.bin"));
  });

  test("replaces, adds and deletes in one commit and leaves the rest alone", async () => {
    const { artifacts } = workbench();
    const first = { keep: "1", change: "1", "dir/gone": "1", "dir2/a": "1", "dir2/b": "1" };
    await artifacts.commit({ repo: "r", files: first, message: "one" }, me);
    const files = { change: "2", "dir/gone": null, dir2: null, "dir2/new": "x", "fresh/file": "y" };
    const made = await artifacts.commit({ repo: "r", files, message: "two" }, me);
    const directory = artifacts.directoryOf("default", "r");
    expect((await git(directory, "ls-tree", "-r", "--name-only", "main")).split("\n")).toEqual([
      "change",
      "dir2/new",
      "fresh/file",
      "keep",
    ]);
    expect(await git(directory, "show", "main:change")).toBe("2");
    expect(made.changed).toBe(5);
  });

  test("reads a file's bytes from a blob handle", async () => {
    const readBlob = async (blob: string) => Buffer.from(`bytes of ${blob}`);
    const { artifacts } = workbench({ readBlob });
    await artifacts.commit({ repo: "r", files: { "image.png": { blob: "blob_abc" } }, message: "art" }, me);
    expect(await git(artifacts.directoryOf("default", "r"), "show", "main:image.png")).toBe("bytes of blob_abc");
  });

  test("keeps metadata as a git note on the commit, beside the notes of other commits", async () => {
    const { artifacts } = workbench();
    for (let i = 0; i < 20; i++) {
      await artifacts.commit({ repo: "r", files: { f: `${i}` }, message: `${i}`, metadata: { i, model: "m" } }, me);
    }
    const directory = artifacts.directoryOf("default", "r");
    const commits = (await git(directory, "log", "--format=%H %s")).split("\n");
    expect(commits).toHaveLength(20);
    for (const line of commits) {
      const [oid = "", subject = ""] = line.split(" ");
      const note = await git(directory, "notes", "--ref=switchyard", "show", oid);
      expect(JSON.parse(note)).toEqual({ i: Number(subject), model: "m" });
    }
  });

  test("writes many files as one pack and few as loose objects", async () => {
    const { artifacts } = workbench();
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d${i % 7}/f${i}`, `content ${i}`]));
    await artifacts.commit({ repo: "r", files: many, message: "many" }, me);
    const directory = artifacts.directoryOf("default", "r");
    expect(await git(directory, "count-objects", "-v")).toMatch(/count: 0\n[\s\S]*packs: 1\n/);
    await artifacts.commit({ repo: "r", files: { one: "1" }, message: "one" }, me);
    expect(await git(directory, "count-objects", "-v")).toMatch(/count: 3\n[\s\S]*packs: 1\n/);
    expect((await git(directory, "ls-tree", "-r", "--name-only", "main")).split("\n")).toHaveLength(301);
  });

  test("begins a new branch where `from` says", async () => {
    const { artifacts } = workbench();
    const first = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
    const second = await artifacts.commit({ repo: "r", files: { f: "2" }, message: "two" }, me);
    const made = await artifacts.commit(
      { repo: "r", branch: "try/it", from: "main~1", files: { g: "3" }, message: "three" },
      me,
    );
    expect(made.parents).toEqual([first.commit]);
    expect(await git(artifacts.directoryOf("default", "r"), "rev-parse", "main")).toBe(second.commit);
  });

  test("refuses when the branch is not at expected_head, says where it is, and changes nothing", async () => {
    const { artifacts } = workbench();
    const first = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
    const second = await artifacts.commit({ repo: "r", files: { f: "2" }, message: "two" }, me);
    const late = { repo: "r", files: { f: "3" }, message: "three", expected_head: first.commit };
    await expect(artifacts.commit(late, me)).rejects.toMatchObject({
      code: "conflict",
      details: { head: second.commit, expected_head: first.commit },
    });
    await expect(artifacts.commit({ ...late, expected_head: null }, me)).rejects.toMatchObject({ code: "conflict" });
    expect(await git(artifacts.directoryOf("default", "r"), "rev-parse", "main")).toBe(second.commit);
    const now = await artifacts.commit({ ...late, expected_head: second.commit }, me);
    expect(now.parents).toEqual([second.commit]);
    const fresh = { repo: "r", branch: "new", files: { f: "3" }, message: "new", expected_head: null };
    await expect(artifacts.commit(fresh, me)).resolves.toMatchObject({ parents: [] });
  });

  test("lands every one of many commits made at once in one process", async () => {
    const { artifacts } = workbench();
    const all = Array.from({ length: 40 }, (_, i) =>
      artifacts.commit({ repo: "r", branch: i % 2 ? "main" : "b", files: { [`f${i}`]: "x" }, message: `${i}` }, me),
    );
    await Promise.all(all);
    const directory = artifacts.directoryOf("default", "r");
    for (const branch of ["main", "b"]) {
      expect((await git(directory, "ls-tree", "--name-only", branch)).split("\n")).toHaveLength(20);
      expect(await git(directory, "rev-list", "--count", branch)).toBe("20");
    }
  });

  test("lets exactly one of two processes win when both expect the same head", async () => {
    const { artifacts, directory } = workbench();
    const first = await artifacts.commit({ repo: "race", files: { f: "1" }, message: "one" }, me);
    const outcomes = await race(directory, ["a", "b", "c"], 1, first.commit);
    expect(outcomes.flat().filter((outcome) => outcome === "conflict")).toHaveLength(2);
    expect(await git(artifacts.directoryOf("default", "race"), "rev-list", "--count", "main")).toBe("2");
  });

  test("lands every commit of three processes that expect nothing", async () => {
    const { artifacts, directory } = workbench();
    await artifacts.commit({ repo: "race", files: { f: "1" }, message: "one" }, me);
    const outcomes = await race(directory, ["a", "b", "c"], 12);
    expect(outcomes.flat().every((outcome) => /^[0-9a-f]{40}$/.test(outcome))).toBe(true);
    const repository = artifacts.directoryOf("default", "race");
    expect(await git(repository, "rev-list", "--count", "main")).toBe("37");
    expect((await git(repository, "ls-tree", "--name-only", "main")).split("\n")).toHaveLength(37);
    expect((await git(repository, "notes", "--ref=switchyard", "list")).split("\n")).toHaveLength(36);
  });

  test("keeps workspaces apart", async () => {
    const { artifacts } = workbench();
    await artifacts.commit({ repo: "r", files: { f: "mine" }, message: "one" }, me);
    const other: Caller = { ...me, workspace: "other" };
    await expect(artifacts.checkout({ repo: "r" }, other)).rejects.toMatchObject({ code: "not_found" });
    const climbing: Caller = { ...me, workspace: "../default" };
    await expect(artifacts.checkout({ repo: "r" }, climbing)).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("asks for the right to write, and for the right to read", async () => {
    const { artifacts } = workbench();
    await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
    const withAccess = (artifacts: "none" | "read"): Caller => ({ ...me, rights: { ...me.rights, artifacts } });
    const write = { repo: "r", files: { f: "2" }, message: "two" };
    await expect(artifacts.commit(write, withAccess("read"))).rejects.toMatchObject({ code: "forbidden" });
    await expect(artifacts.checkout({ repo: "r" }, withAccess("none"))).rejects.toMatchObject({ code: "forbidden" });
    await expect(artifacts.log({ repo: "r" }, withAccess("none"))).rejects.toMatchObject({ code: "forbidden" });
    await expect(artifacts.checkout({ repo: "r" }, withAccess("read"))).resolves.toBeDefined();
  });
});

describe("artifact.commit refuses, leaves nothing behind, and takes the next call:", () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ["an empty commit", { files: {} }, "invalid_request"],
    ["a deletion of what is not there", { files: { nothing: null } }, "not_found"],
    ["an empty message", { message: " \n" }, "invalid_request"],
    ["a message with NUL", { message: "a\0b" }, "invalid_request"],
    ["a message over the limit", { message: "x".repeat(artifactLimits.messageBytesMax + 1) }, "invalid_request"],
    ["metadata over the limit", { metadata: { x: "x".repeat(artifactLimits.metadataBytesMax) } }, "too_large"],
    ["base64 that is none", { files: { f: { base64: "a$b" } } }, "invalid_request"],
    ["text with half a surrogate pair", { files: { f: "\ud800" } }, "invalid_request"],
    ["a blob handle where there are none", { files: { f: { blob: "blob_x" } } }, "invalid_request"],
    ["a file over the limit", { files: { f: "x".repeat(artifactLimits.fileBytesMax + 1) } }, "too_large"],
    [
      "too many files",
      {
        files: Object.fromEntries(Array.from({ length: artifactLimits.filesPerCommitMax + 1 }, (_, i) => [`${i}`, ""])),
      },
      "too_large",
    ],
    ["a file inside a file", { files: { a: "1", "a/b": "2" } }, "invalid_request"],
    ["names that differ only in case", { files: { "src/A": "1", "src/a": "2" } }, "invalid_request"],
    ["directories that differ only in case", { files: { "Src/a": "1", "src/b": "2" } }, "invalid_request"],
    ["names that differ only in normal form", { files: { "\u00e9": "1", "e\u0301": "2" } }, "invalid_request"],
    [
      "a path over the limit",
      { files: { [`${"d/".repeat(artifactLimits.pathBytesMax / 2)}f`]: "" } },
      "invalid_request",
    ],
    ["a path too deep", { files: { [`${"d/".repeat(artifactLimits.directoryDepthMax)}f`]: "" } }, "invalid_request"],
    ["a name over the limit", { files: { ["n".repeat(artifactLimits.nameBytesMax + 1)]: "" } }, "invalid_request"],
    ["a branch named like an option", { branch: "--upload-pack" }, "invalid_request"],
    ["a branch that climbs", { branch: "../../config" }, "invalid_request"],
    ["a branch with a lock's ending", { branch: "x.lock" }, "invalid_request"],
    ["a repository that climbs", { repo: "../x" }, "invalid_request"],
    ["a repository over the limit", { repo: "r".repeat(artifactLimits.repoNameCharactersMax + 1) }, "invalid_request"],
    ["a start that is not there", { branch: "new", from: "nowhere" }, "not_found"],
  ];
  test.each(cases)("%s", async (_name, override, code) => {
    const { artifacts } = workbench();
    const args = { repo: "r", files: { f: "1" }, message: "one" };
    await expect(artifacts.commit({ ...args, repo: "fresh", ...override }, me)).rejects.toMatchObject({ code });
    const before = await artifacts.commit(args, me);
    await expect(artifacts.commit({ ...args, files: { f: "2" }, ...override }, me)).rejects.toMatchObject({ code });
    expect((await artifacts.log(args, me)).commits.map((entry) => entry.commit)).toEqual([before.commit]);
    await expect(artifacts.log({ repo: "fresh" }, me)).rejects.toMatchObject({ code: "not_found" });
    await expect(artifacts.commit({ ...args, files: { f: "3" } }, me)).resolves.toMatchObject({ changed: 1 });
  });

  test("every path that leaves the tree, reaches into .git or is no plain path", async () => {
    const paths = [
      ...["../x", "a/../../x", "..", ".", "./x", "a/./b", "a//b", "/etc/passwd", "a/", "C:/x", "c:x", "a\\b", "..\\x"],
      ...["a\0b", "a\nb", "a\x7fb", ".git/config", "a/.GIT/hooks/x", ".git./x", ".git /x", "git~1/x", "GIT~1", ".Git"],
      ...[
        ".git::$INDEX_ALLOCATION/x",
        ".g\u200cit/config",
        ".gi\u200dt",
        "\u200e.git",
        ".git\ufeff",
        "...",
        ".. ",
        " .",
      ],
      ...["%2e%2e/x", "a/%2E%2e/x", "..%2fx".replace("..", "%2e%2e"), ".%67it/../x", "", "\ud800", "a\u2028b"],
    ];
    const { artifacts } = workbench();
    const { commit } = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
    for (const path of paths) {
      const evil = { repo: "r", files: { fine: "x", [path]: "x" }, message: "two" };
      await expect(artifacts.commit(evil, me), JSON.stringify(path)).rejects.toMatchObject({ code: "invalid_request" });
    }
    expect((await artifacts.checkout({ repo: "r" }, me)).commit).toBe(commit);
    await expect(artifacts.commit({ repo: "r", files: { f: "2" }, message: "two" }, me)).resolves.toBeDefined();
  });

  test("a commit that changes nothing, naming the commit that has it", async () => {
    const { artifacts } = workbench();
    const args = { repo: "r", files: { f: "1" }, message: "one" };
    const { commit } = await artifacts.commit(args, me);
    await expect(artifacts.commit(args, me)).rejects.toMatchObject({
      code: "invalid_request",
      details: { head: commit },
    });
  });

  test("a file where a directory is, a name that collides with one that is there", async () => {
    const { artifacts } = workbench();
    await artifacts.commit({ repo: "r", files: { "dir/file": "1" }, message: "one" }, me);
    const bad = (files: Record<string, string | null>) => artifacts.commit({ repo: "r", files, message: "two" }, me);
    await expect(bad({ dir: "1" })).rejects.toMatchObject({ code: "invalid_request", details: { type: "directory" } });
    await expect(bad({ "dir/file/x": "1" })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(bad({ "dir/FILE": "1" })).rejects.toMatchObject({ details: { existing: "dir/file" } });
    await expect(bad({ "DIR/x": "1" })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(bad({ "dir/FILE": "1", "dir/file": null })).resolves.toMatchObject({ changed: 2 });
  });

  test("a branch beside one that is its directory", async () => {
    const { artifacts } = workbench();
    const on = (branch: string) => artifacts.commit({ repo: "r", branch, files: { f: branch }, message: "x" }, me);
    await on("topic");
    await expect(on("topic/deep")).rejects.toMatchObject({ code: "conflict", details: { existing: "topic" } });
    await on("other/deep");
    await expect(on("other")).rejects.toMatchObject({ code: "conflict", details: { existing: "other/deep" } });
    await git(artifacts.directoryOf("default", "r"), "pack-refs", "--all", "--prune");
    await expect(on("topic/deep")).rejects.toMatchObject({ code: "conflict" });
    await expect(on("other")).rejects.toMatchObject({ code: "conflict" });
  });

  test("a call that was cancelled", async () => {
    const { artifacts } = workbench();
    const args = { repo: "r", files: { f: "1" }, message: "one" };
    await expect(artifacts.commit(args, me, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });
    await expect(artifacts.log({ repo: "r" }, me)).rejects.toMatchObject({ code: "not_found" });
    await expect(artifacts.commit(args, me)).resolves.toBeDefined();
  });
});

/** Starts a process for each name, lets them all go at once, and answers what each of their commits became. */
async function race(directory: string, names: string[], count: number, expected?: string): Promise<string[][]> {
  const script = fileURLToPath(import.meta.resolve("./support/committer-process.ts"));
  const processes = names.map((name) => {
    const args = [script, directory, name, String(count), ...(expected === undefined ? [] : [expected])];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    let out = "";
    const ready = new Promise<void>((resolve) => {
      child.stdout.on("data", (data) => {
        out += String(data);
        resolve();
      });
    });
    const done = new Promise<string[]>((resolve) => child.on("close", () => resolve(out.trim().split("\n").slice(1))));
    return { child, ready, done };
  });
  await Promise.all(processes.map(({ ready }) => ready));
  for (const { child } of processes) child.stdin.write("go\n");
  return Promise.all(processes.map(({ done }) => done));
}
