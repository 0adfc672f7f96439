import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { artifactLimits } from "../../src/core/limits.ts";
import { cloneOf, expectSound, git, gitFails, me, servedWorkbench } from "./support/workbench.ts";

const mib = 1024 * 1024;
// Just over what is held in memory; SWITCHYARD_LARGE_FILE_MB=1024 for a gigabyte.
const size = Number(process.env.SWITCHYARD_LARGE_FILE_MB ?? artifactLimits.objectBytesMax / mib + 12) * mib;

test("a file too large to be held is refused in a push, and in a repository where git put it hinders nobody", {
  timeout: 600_000,
}, async () => {
  const { artifacts, url } = await servedWorkbench();
  const { commit } = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
  const directory = artifacts.directoryOf("default", "r");
  const work = await cloneOf(directory);
  writeFileSync(join(work, "large"), "");
  truncateSync(join(work, "large"), size);
  await git(work, "add", "large");
  await git(work, "commit", "-q", "-m", "large");
  const before = process.memoryUsage().rss;

  const refused = await gitFails(work, "push", url("r"), "HEAD:main");
  expect(refused).toContain(`an object of ${size} bytes is over the limit of ${artifactLimits.objectBytesMax} bytes`);
  expect(await git(directory, "rev-parse", "main")).toBe(commit);

  await git(work, "push", "-q", directory, "HEAD:main");
  const { entries, files } = await artifacts.checkout({ repo: "r", path: "large" }, me);
  expect(entries).toMatchObject([{ path: "large", bytes: size }]);
  expect(files).toEqual({ large: { truncated: true } });
  const { files: changed } = await artifacts.diff({ repo: "r", from: commit, to: "main", format: "stat" }, me);
  expect(changed).toMatchObject([{ path: "large", change: "added" }]);
  await artifacts.fork({ repo: "r", as: "fork" }, me);
  await artifacts.commit({ repo: "r", branch: "side", from: commit, files: { g: "1" }, message: "side" }, me);
  expect((await artifacts.merge({ repo: "r", into: "side", from: "main" }, me)).status).toBe("merged");
  expect(await artifacts.maintain("r", me)).not.toBeNull();
  for (const repo of ["r", "fork"]) {
    const clone = await cloneOf(url(repo), "--no-checkout");
    expect(await git(clone, "cat-file", "-s", "origin/main:large")).toBe(String(size));
  }
  await git(directory, "repack", "-adq");
  await expectSound(await cloneOf(url("r"), "--no-checkout"));
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * mib);
});
