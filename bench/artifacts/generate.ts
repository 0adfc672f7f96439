import { spawn } from "node:child_process";
import { runGit } from "./run-git.ts";

export interface History {
  readonly commits: number;
  readonly files: number;
}

/**
 * Makes a bare repository by `git fast-import`: the first commit has all files, three directories deep; each later
 * one changes three of them. The same input every time.
 */
export async function generateRepository(directory: string, { commits, files }: History): Promise<void> {
  await runGit("/", "init", "-q", "--bare", "-b", "main", directory);
  const random = newRandom(1);
  const names = Array.from({ length: files }, (_, i) => `src/part${i % 12}/module${i % 144}/file${i}.ts`);
  const versions = new Uint32Array(files);
  const child = spawn("git", ["fast-import", "--quiet"], { cwd: directory, stdio: ["pipe", "inherit", "inherit"] });
  const write = async (text: string) => {
    if (!child.stdin.write(text)) await new Promise((resolve) => child.stdin.once("drain", resolve));
  };
  for (let commit = 0; commit < commits; commit++) {
    const changed = commit === 0 ? names.keys() : [random(files), random(files), random(files)].values();
    await write(`commit refs/heads/main\ncommitter Bench <bench@example.com> ${1_700_000_000 + commit * 60} +0000\n`);
    await write(data(`Commit ${commit}\n`));
    for (const i of new Set(changed)) {
      versions[i] = (versions[i] ?? 0) + 1;
      await write(`M 100644 inline ${names[i]}\n${data(content(i, versions[i] ?? 0))}`);
    }
    await write("\n");
  }
  child.stdin.end();
  await new Promise((resolve, reject) => {
    child.on("close", (code) => (code === 0 ? resolve(code) : reject(new Error(`git fast-import ended with ${code}`))));
  });
  await runGit(directory, "repack", "-adfq");
  await runGit(directory, "pack-refs", "--all");
}

export function content(file: number, version: number): string {
  const lines = Array.from({ length: 24 }, (_, line) => {
    const changed = line % 8 === version % 8 ? ` // version ${version}` : "";
    return `export const value${file}x${line} = ${(file * 31 + line * 7) % 1000};${changed}`;
  });
  return `${lines.join("\n")}\n`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function newRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
