import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cloneOf, commitIn, expectSound, git, me, workbench } from "./support/workbench.ts";

// A few for every run of the suite; SWITCHYARD_CRASH_ROUNDS=50 for a long one.
const rounds = Number(process.env.SWITCHYARD_CRASH_ROUNDS ?? 4);

/** Starts one of the support programs; answers it and the first line it prints. */
async function start(program: string, ...args: string[]): Promise<{ child: ChildProcess; line: string }> {
  const path = fileURLToPath(import.meta.resolve(`./support/${program}`));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["pipe", "pipe", "ignore"] });
  const [data] = await once(child.stdout, "data");
  return { child, line: String(data).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** After a crash: every reference names what is whole, and the next change needs no waiting and no repair. */
async function expectRecovered(directory: string): Promise<void> {
  await expectSound(directory);
  const { artifacts } = workbench({ directory: join(directory, "../..") });
  const head = await git(directory, "rev-parse", "main");
  const next = await artifacts.commit(
    { repo: "race", files: { [`after-${head}`]: "x" }, message: "after", metadata: { after: head } },
    me,
  );
  expect(next.parents).toEqual([head]);
  expect(readdirSync(join(directory, "refs/heads")).filter((name) => name.endsWith(".lock"))).toEqual([]);
}

test("a process killed at any moment of committing leaves every reference whole and no lock in the way", {
  timeout: 600_000,
}, async () => {
  const { artifacts, directory } = workbench();
  const repository = artifacts.directoryOf("default", "race");
  await artifacts.commit({ repo: "race", files: { f: "1" }, message: "one" }, me);
  for (let round = 0; round < rounds * 2; round++) {
    const { child } = await start("committer-process.ts", directory, `round${round}`, "1000000");
    const before = await git(repository, "rev-parse", "main");
    child.stdin?.write("go\n");
    // Some time into its work: when it has committed at least once, and a little that differs each round.
    while ((await git(repository, "rev-parse", "main")) === before) await setTimeout(1);
    await setTimeout((round * 7) % 11);
    await kill(child);
    await expectRecovered(repository);
  }
});

test("a server killed at any moment of a push leaves every reference whole, and the push works when it is back", {
  timeout: 600_000,
}, async () => {
  const { artifacts, directory } = workbench();
  const repository = artifacts.directoryOf("default", "race");
  await artifacts.commit({ repo: "race", files: { f: "1" }, message: "one" }, me);
  const clone = await cloneOf(repository);
  for (let round = 0; round < rounds; round++) {
    await git(clone, "pull", "-q", repository, "main");
    const files = Array.from({ length: 300 }, (_, i) => [`d${i % 7}/r${round}-${i}`, `${round} ${i}\n`.repeat(20)]);
    await commitIn(clone, Object.fromEntries(files));
    const first = await start("server-process.ts", directory);
    const push = git(clone, "push", "-q", `${first.line}/default/race.git`, "main").catch(() => "cut");
    await setTimeout(20 + ((round * 37) % 150));
    await kill(first.child);
    await push;
    await expectRecovered(repository);
    const second = await start("server-process.ts", directory);
    await git(clone, "push", "-q", "--force", `${second.line}/default/race.git`, "main");
    await kill(second.child);
    await expectSound(repository);
    expect(await git(repository, "rev-parse", "main")).toBe(await git(clone, "rev-parse", "HEAD"));
    expect(readdirSync(join(repository, "switchyard")).filter((name) => /^(incoming|discarded)-/.test(name))).toEqual(
      [],
    );
  }
});
