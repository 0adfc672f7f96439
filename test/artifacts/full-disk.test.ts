import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { afterTest, cloneOf, commitIn, expectSound, git, gitFails, me, workbench } from "./support/workbench.ts";

// No disk is filled: a limit on the size of files makes the kernel refuse the write at the same place.
test("a push that the disk has no room for is refused, leaves nothing, and a smaller one goes in", async () => {
  const { artifacts, directory } = workbench();
  const { commit } = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
  const repository = artifacts.directoryOf("default", "r");
  const program = fileURLToPath(import.meta.resolve("./support/server-process.ts"));
  const limited = spawn("sh", ["-c", `ulimit -f 400; exec "$0" "$@"`, process.execPath, program, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  afterTest(() => void limited.kill("SIGKILL"));
  const [line] = await once(limited.stdout, "data");
  const url = `${String(line).trim()}/default/r.git`;
  const clone = await cloneOf(url);
  await commitIn(clone, { big: Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("base64") });
  for (let i = 0; i < 10; i++) {
    await commitIn(clone, {
      [`big${i}`]: Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("base64"),
    });
  }
  expect(await gitFails(clone, "push")).toMatch(/the disk refused to keep the data/);
  expect(await git(repository, "rev-parse", "main")).toBe(commit);
  expect(readdirSync(join(repository, "switchyard"))).toEqual([]);
  expect(readdirSync(join(repository, "objects/pack"))).toEqual([]);
  await expectSound(repository);
  await git(clone, "reset", "-q", "--hard", commit);
  const small = await commitIn(clone, { small: "fits" });
  await git(clone, "push", "-q");
  expect(await git(repository, "rev-parse", "main")).toBe(small);
});
