import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffLines } from "../../src/artifacts/text/line-diff.ts";
import { joinLines, splitLines } from "../../src/artifacts/text/lines.ts";
import { mergeLines } from "../../src/artifacts/text/merge-lines.ts";
import { artifactLimits } from "../../src/core/limits.ts";
import { cloneOf, git, me, temporaryDirectory, workbench } from "./support/workbench.ts";

const line = fc.constantFrom("a\n", "b\n", "c\n", "d\n", "e\n");
const text = fc.array(line, { maxLength: 40 });

const edit = fc.constantFrom("keep", "keep", "keep", "drop", "one", "other", "before");

/** Two edits of one text. No line comes twice in any of them, so that there is only one shortest way to tell them apart. */
const threeSides = fc.array(fc.tuple(edit, edit), { maxLength: 30 }).map((edits) => {
  const side = (which: 0 | 1) =>
    edits.flatMap((both, i) => {
      const kept = `${i}\n`;
      if (both[which] === "keep") return [kept];
      if (both[which] === "drop") return [];
      return both[which] === "before" ? [`before ${i}\n`, kept] : [`${i} ${both[which]}\n`];
    });
  return [edits.map((_, i) => `${i}\n`), side(0), side(1)] as const;
});

function apply(a: readonly string[], b: readonly string[]): string[] {
  const out: string[] = [];
  let at = 0;
  for (const { aStart, aEnd, bStart, bEnd } of diffLines(a, b)) {
    out.push(...a.slice(at, aStart), ...b.slice(bStart, bEnd));
    at = aEnd;
  }
  return [...out, ...a.slice(at)];
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    for (let j = 0; j < b.length; j++)
      next.push(one === b[j] ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe("the difference of two texts", () => {
  test("turns one into the other, with as few edits as can be", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(apply(a, b)).toEqual(b);
        const kept = a.length - diffLines(a, b).reduce((sum, change) => sum + change.aEnd - change.aStart, 0);
        expect(kept).toBe(commonLength(a, b));
      }),
      { numRuns: 500 },
    );
  });

  test("is right though not shortest when it is too much work to find the shortest", () => {
    const many = (seed: number) =>
      Array.from({ length: artifactLimits.diffEditsMax * 2 }, (_, i) => `${(i * seed) % 7919}\n`);
    const [a, b] = [many(3), many(5)];
    expect(apply(a, b)).toEqual(b);
  });

  test("of lines in another order, or with nothing in common, takes work in proportion to what is looked at", () => {
    const lines = (count: number, make: (i: number) => number) =>
      Array.from({ length: count }, (_, i) => `${make(i)}\n`);
    const count = 60_000;
    const ordered = lines(count, (i) => i);
    // A stride that is prime to the count visits every line once.
    const shuffled = lines(count, (i) => (i * 7_919) % count);
    expect(apply(ordered, shuffled)).toEqual(shuffled);
    const others = lines(count, (i) => count + i);
    expect(diffLines(ordered, others)).toEqual([{ aStart: 0, aEnd: count, bStart: 0, bEnd: count }]);
  });

  test("merges with another: one side's change alone, both alike, and conflicts as git marks them", async () => {
    const directory = temporaryDirectory();
    await git(directory, "init", "-q");
    for (const [base, ours, theirs] of fc.sample(threeSides, 60)) {
      for (const [name, lines] of Object.entries({ base, ours, theirs }))
        writeFileSync(join(directory, name), lines.join(""));
      const merged = mergeLines(base, ours, theirs, { ours: "ours", theirs: "theirs" });
      const expected = await git(directory, "merge-file", "-p", "ours", "base", "theirs").then(
        (text) => ({ conflicts: 0, text }),
        (error: { code: number }) => ({ conflicts: error.code, text: "" }),
      );
      expect(merged.conflicts > 0).toBe(expected.conflicts > 0);
      if (expected.conflicts === 0) expect(joinLines(merged.lines).toString().trimEnd()).toBe(expected.text);
    }
  });

  test("keeps every byte of lines", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(joinLines(splitLines(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe("artifact.diff", () => {
  test("gives a patch that git applies to come from one commit to the other", async () => {
    const { artifacts } = workbench();
    const body = (changed: number[]) =>
      Array.from({ length: 60 }, (_, i) => (changed.includes(i) ? `changed ${i}` : `line ${i}`)).join("\n");
    const first = {
      "a b.txt": body([]),
      "gone.txt": "x\n",
      "no-end": "one\ntwo",
      'q"uote.txt': "q",
      "ünï.txt": "u\n",
      same: "s",
    };
    const one = await artifacts.commit({ repo: "r", files: first, message: "one" }, me);
    const second = {
      "a b.txt": body([3, 4, 30, 59]),
      "gone.txt": null,
      "no-end": "one\ntwo\nthree",
      'q"uote.txt': "x",
      "ünï.txt": "v\n",
      "d/new": "n\n",
      empty: "",
    };
    const two = await artifacts.commit({ repo: "r", files: second, message: "two" }, me);
    const { diff = "", files } = await artifacts.diff({ repo: "r", from: "main~1", to: "main" }, me);
    const clone = await cloneOf(artifacts.directoryOf("default", "r"));
    await git(clone, "checkout", "-q", one.commit);
    writeFileSync(join(clone, ".git/patch"), diff);
    await git(clone, "apply", "--index", ".git/patch");
    expect(await git(clone, "write-tree")).toBe(two.tree);
    const stat = (
      await git(clone, "-c", "core.quotePath=false", "diff", "--numstat", "--no-renames", one.commit, two.commit)
    ).split("\n");
    expect(
      files.map(
        ({ path, added, deleted }) => `${added}\t${deleted}\t${/["]/.test(path) ? JSON.stringify(path) : path}`,
      ),
    ).toEqual(stat);
  });

  test("agrees with git's own patch, byte for byte, where lines are unlike one another", async () => {
    const { artifacts } = workbench();
    const body = (changed: number[]) =>
      Array.from({ length: 80 }, (_, i) => `line ${i}${changed.includes(i) ? " changed" : ""}`).join("\n");
    await artifacts.commit({ repo: "r", files: { f: body([]), g: `${body([])}\n` }, message: "one" }, me);
    await artifacts.commit(
      { repo: "r", files: { f: body([0, 9, 40, 79]), g: `${body([5, 12, 13, 20])}\n`, h: "new" }, message: "two" },
      me,
    );
    const { diff } = await artifacts.diff({ repo: "r", from: "main~1" }, me);
    const directory = artifacts.directoryOf("default", "r");
    const theirs = await git(directory, "diff", "--no-renames", "--full-index", "main~1", "main");
    // Git puts the line a hunk is in behind its second mark.
    expect(diff?.trimEnd()).toBe(theirs.replace(/^(@@ .* @@).*$/gm, "$1"));
  });

  test("tells of binary files, modes, links and kinds", async () => {
    const { artifacts } = workbench();
    await artifacts.commit(
      { repo: "r", files: { bin: { base64: "AAEC" }, f: "1\n", k: "target" }, message: "one" },
      me,
    );
    const clone = await cloneOf(artifacts.directoryOf("default", "r"));
    await git(clone, "update-index", "--chmod=+x", "f");
    const blob = await git(clone, "rev-parse", "HEAD:k");
    await git(clone, "update-index", "--cacheinfo", `120000,${blob},k`);
    writeFileSync(join(clone, "bin"), Buffer.from([0, 1, 3]));
    await git(clone, "add", "bin");
    await git(clone, "commit", "-qm", "two");
    await git(clone, "push", "-q", "origin", "main");
    const { files, diff } = await artifacts.diff({ repo: "r", from: "main~1" }, me);
    expect(files).toMatchObject([
      { path: "bin", change: "modified", binary: true },
      { path: "f", change: "modified", added: 0, deleted: 0 },
      { path: "k", change: "deleted", type: "file" },
      { path: "k", change: "added", type: "symlink" },
    ]);
    expect(diff).toContain("Binary files a/bin and b/bin differ\n");
    expect(diff).toContain("old mode 100644\nnew mode 100755\n");
    expect(diff).toContain("new file mode 120000\n");
  });

  test("narrows to a path, counts alone, hunks as data, and pages", async () => {
    const { artifacts } = workbench();
    const files = (n: number) => Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`d${i % 3}/f${i}`, `${n}\n`]));
    const one = await artifacts.commit({ repo: "r", files: files(1), message: "one" }, me);
    const two = await artifacts.commit({ repo: "r", files: files(2), message: "two" }, me);
    const range = { repo: "r", from: one.commit, to: two.commit };
    const stat = await artifacts.diff({ ...range, path: "d1", format: "stat" }, me);
    expect(stat.files.map((file) => file.path)).toEqual(["d1/f1", "d1/f4", "d1/f7"]);
    expect(stat).not.toHaveProperty("diff");
    expect(stat.to).toEqual({ commit: two.commit, tree: two.tree });
    const data = await artifacts.diff({ ...range, path: "d2/f2", format: "data" }, me);
    expect(data.files[0]?.hunks).toEqual([
      { old_start: 1, old_lines: 1, new_start: 1, new_lines: 1, lines: ["-1", "+2"] },
    ]);
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await artifacts.diff({ ...range, limit: 2, cursor }, me);
      seen.push(...page.files.map((file) => file.path));
      cursor = page.next_cursor;
      if (cursor === undefined) break;
    }
    expect(seen).toEqual(Object.keys(files(1)).sort());
    expect((await artifacts.diff({ ...range, to: one.commit }, me)).files).toEqual([]);
    await expect(artifacts.diff({ ...range, from: "nowhere" }, me)).rejects.toMatchObject({ code: "not_found" });
  });
});
