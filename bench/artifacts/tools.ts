import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { localCaller as me } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { content } from "./generate.ts";
import { gitEnvironment, runGit } from "./run-git.ts";

export interface ToolFigure {
  readonly scenario: string;
  readonly ourCpuMs: number;
  readonly ourWallMs: number;
  /** CPU of git's processes and their time on the wall; absent where git has no like of it. */
  readonly theirCpuMs?: number;
  readonly theirWallMs?: number;
  /** The most CPU that it may take, where the size of the repository must not matter. */
  readonly barMs?: number;
}

/** What the tools cost, against the git command doing the same in a bare repository or a working tree. */
export async function measureTools(home: string, repository: string): Promise<ToolFigure[]> {
  const directory = join(home, "tools");
  rmSync(directory, { recursive: true, force: true });
  const artifacts = openArtifacts({ directory, clock: systemClock, rng: systemRng });
  await runGit("/", "clone", "-q", "--bare", repository, join(directory, "default/big.git"));
  await artifacts.checkout({ repo: "big", limit: 1 }, me);
  const figures: ToolFigure[] = [];
  let forks = 0;
  const fork = await measure(10, () => artifacts.fork({ repo: "big", as: `fork${forks++}` }, me));
  const cloneLocal = await measure(5, () =>
    runGit("/", "clone", "-q", "--bare", repository, join(home, `tools/c${forks++}`)),
  );
  figures.push({
    scenario: "fork of the repository (git clone --bare of its path)",
    ...both(fork, cloneLocal),
    barMs: 20,
  });
  let version = 0;
  for (const count of [1, 100, 5000]) {
    const rounds = count === 1 ? 40 : count === 100 ? 10 : 2;
    const files = () => {
      version += 1;
      return Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`new/d${i % 50}/f${i}.ts`, content(i, version)]),
      );
    };
    const ours = await measure(rounds, async () => {
      await artifacts.commit({ repo: "big", files: files(), message: "x" }, me);
    });
    const theirs = await measure(rounds, () => fastImport(join(directory, "default/big.git"), files()));
    figures.push({ scenario: `commit of ${count} files (git fast-import)`, ...both(ours, theirs) });
  }
  const paths = (await runGit(repository, "ls-tree", "-r", "--name-only", "main")).split("\n").slice(0, 300);
  const read = await measure(3, async () => {
    for (const path of paths) await artifacts.checkout({ repo: "big", path }, me);
  });
  const catFile = await measure(3, () =>
    pipeTo(repository, ["cat-file", "--batch"], paths.map((path) => `main:${path}\n`).join("")),
  );
  figures.push({ scenario: "read of 300 files, one call each (git cat-file --batch)", ...both(read, catFile) });
  const glob = await measure(3, () => artifacts.checkout({ repo: "big", glob: "src/part1/**", limit: 500 }, me));
  const archive = await measure(3, () => pipeTo(repository, ["archive", "main", "src/part1"], ""));
  figures.push({ scenario: "read of 417 files by a glob (git archive)", ...both(glob, archive) });
  const log = await measure(5, async () => {
    for (let cursor: string | undefined, shown = 0; shown < 1000; shown += 200) {
      const page = await artifacts.log({ repo: "big", limit: 200, cursor }, me);
      cursor = page.next_cursor;
    }
  });
  const gitLog = await measure(5, () => runGit(join(directory, "default/big.git"), "log", "-1000", "main"));
  figures.push({ scenario: "log of 1,000 commits in 5 pages (git log)", ...both(log, gitLog) });
  await artifacts.close();
  rmSync(directory, { recursive: true, force: true });
  return figures;
}

interface Cost {
  readonly ownMs: number;
  readonly childMs: number;
  readonly wallMs: number;
}

async function measure(rounds: number, act: () => Promise<unknown>): Promise<Cost> {
  const [own, child, start] = [process.cpuUsage(), childCpuMs(), performance.now()];
  for (let round = 0; round < rounds; round++) await act();
  const wallMs = (performance.now() - start) / rounds;
  const { user, system } = process.cpuUsage(own);
  return { ownMs: (user + system) / 1000 / rounds, childMs: (childCpuMs() - child) / rounds, wallMs };
}

function both(ours: Cost, theirs: Cost) {
  return { ourCpuMs: ours.ownMs, ourWallMs: ours.wallMs, theirCpuMs: theirs.childMs, theirWallMs: theirs.wallMs };
}

/** CPU time of child processes that have ended, in milliseconds. Linux. */
function childCpuMs(): number {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function fastImport(directory: string, files: Record<string, string>): Promise<void> {
  const parts = [
    "commit refs/heads/fast\ncommitter Bench <bench@example.com> 1700000000 +0000\ndata 2\nx\n\nfrom refs/heads/main\n",
  ];
  for (const [path, text] of Object.entries(files))
    parts.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  return pipeTo(directory, ["fast-import", "--quiet", "--force"], parts.join(""));
}

function pipeTo(cwd: string, args: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd, env: gitEnvironment, stdio: ["pipe", "pipe", "inherit"] });
    child.stdout.resume();
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`git ${args[0]} ended with ${code}`))));
    child.stdin.end(input);
  });
}
