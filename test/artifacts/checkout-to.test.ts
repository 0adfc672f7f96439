import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cloneOf, git, me, temporaryDirectory, workbench } from "./support/workbench.ts";

async function bench() {
  const allowed = temporaryDirectory();
  const { artifacts } = workbench({ allowedDirectories: [allowed] });
  await artifacts.commit(
    { repo: "r", files: { "a.txt": "a", "d/b.txt": "b", "d/e/c.bin": { base64: "AAE=" } }, message: "one" },
    me,
  );
  return { artifacts, allowed };
}

describe("artifact.checkout to a directory", () => {
  test("writes every file, or those chosen, and replaces what is there", async () => {
    const { artifacts, allowed } = await bench();
    const to = join(allowed, "out");
    const got = await artifacts.checkout({ repo: "r", to_directory: to }, me);
    expect(got).toMatchObject({ directory: to, written: 3, bytes: 4, skipped: [] });
    expect(readFileSync(join(to, "d/e/c.bin"))).toEqual(Buffer.from([0, 1]));
    await artifacts.commit({ repo: "r", files: { "a.txt": "A2" }, message: "two" }, me);
    writeFileSync(join(to, "mine"), "kept");
    await artifacts.checkout({ repo: "r", to_directory: to }, me);
    expect(readFileSync(join(to, "a.txt"), "utf8")).toBe("A2");
    expect(readFileSync(join(to, "mine"), "utf8")).toBe("kept");
    await artifacts.checkout({ repo: "r", path: "d", glob: "*.txt", to_directory: join(allowed, "some") }, me);
    expect(readdirSync(join(allowed, "some"))).toEqual(["b.txt"]);
    await artifacts.checkout({ repo: "r", path: "d/b.txt", ref: "main~1", to_directory: join(allowed, "one") }, me);
    expect(readdirSync(join(allowed, "one"))).toEqual(["b.txt"]);
  });

  test("writes only below what is allowed, for the local user alone", async () => {
    const { artifacts, allowed } = await bench();
    const outside = temporaryDirectory();
    symlinkSync(outside, join(allowed, "link"));
    const bad = [
      outside,
      join(allowed, "../x"),
      "relative",
      join(allowed, "link"),
      join(allowed, "none/deep"),
      `${allowed}x`,
      "/",
    ];
    for (const to_directory of bad) {
      await expect(artifacts.checkout({ repo: "r", to_directory }, me), to_directory).rejects.toMatchObject({
        code: "forbidden",
      });
    }
    const remote = { ...me, key: "key_1" };
    await expect(artifacts.checkout({ repo: "r", to_directory: allowed }, remote)).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  test("writes through no link and makes none that leaves the directory", async () => {
    const { artifacts, allowed } = await bench();
    const outside = temporaryDirectory();
    writeFileSync(join(outside, "secret"), "secret");
    const clone = await cloneOf(artifacts.directoryOf("default", "r"));
    const links = {
      up: "../../etc/passwd",
      abs: "/etc/passwd",
      in: "a.txt",
      deep: "d/../../x",
      "d/back": "../a.txt",
      dot: "d/e/../b.txt",
    };
    for (const [name, target] of Object.entries(links)) {
      mkdirSync(join(clone, "d"), { recursive: true });
      symlinkSync(target, join(clone, name));
    }
    await git(clone, "add", "-A");
    await git(clone, "commit", "-qm", "links");
    await git(clone, "push", "-q", "origin", "main");
    const to = join(allowed, "out");
    mkdirSync(to);
    symlinkSync(outside, join(to, "d"));
    symlinkSync(join(outside, "secret"), join(to, "a.txt"));
    const got = await artifacts.checkout({ repo: "r", to_directory: to }, me);
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
    expect(readdirSync(outside)).toEqual(["secret"]);
    expect(lstatSync(join(to, "a.txt")).isSymbolicLink()).toBe(false);
    expect(readlinkSync(join(to, "in"))).toBe("a.txt");
    expect("skipped" in got && got.skipped.map((one) => one.path).sort()).toEqual([
      "abs",
      "d/b.txt",
      "d/back",
      "d/e/c.bin",
      "deep",
      "dot",
      "up",
    ]);
  });
});
