import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect } from "vitest";
import { type ArtifactOptions, type Artifacts, openArtifacts } from "../../../src/artifacts/artifacts.ts";
import { type Caller, localCaller } from "../../../src/core/caller.ts";
import { systemClock, systemRng } from "../../../src/core/clock.ts";
import { serveGitOverHttp } from "./git-server.ts";

const run = promisify(execFile);
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Runs `close` after the test, last made first closed. */
export function afterTest(close: () => Promise<void> | void): void {
  open.push(async () => close());
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-artifacts-"));
  afterTest(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Opens artifacts over a new directory, or a given one; every repository in it is checked with git after the test. */
export function workbench(options: Partial<ArtifactOptions> = {}): { artifacts: Artifacts; directory: string } {
  const directory = options.directory ?? temporaryDirectory();
  const artifacts = openArtifacts({ clock: systemClock, rng: systemRng, ...options, directory });
  afterTest(async () => {
    await artifacts.close();
    for (const repository of repositoriesUnder(directory)) await expectSound(repository);
  });
  return { artifacts, directory };
}

function repositoriesUnder(directory: string): string[] {
  return globSync("*/*.git", { cwd: directory }).map((path) => join(directory, path));
}

/** The settings that keep a person's own git configuration out of a test. */
export const gitEnvironment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Tess",
  GIT_AUTHOR_EMAIL: "tess@example.com",
  GIT_COMMITTER_NAME: "Tess",
  GIT_COMMITTER_EMAIL: "tess@example.com",
  GIT_TERMINAL_PROMPT: "0",
};

/** Runs a git command in a directory and answers what it prints. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("git", args, { cwd, env: gitEnvironment, maxBuffer: 256 * 1024 * 1024 });
  return stdout.trimEnd();
}

/** The same with the time, in seconds since the epoch, that a commit made by it gets. */
export async function gitAt(time: number, cwd: string, ...args: string[]): Promise<string> {
  const date = `${time} +0000`;
  const env = { ...gitEnvironment, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date };
  return (await run("git", args, { cwd, env })).stdout.trimEnd();
}

/** The same, for a command that must fail: what it says on its error output. */
export async function gitFails(cwd: string, ...args: string[]): Promise<string> {
  try {
    await git(cwd, ...args);
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr);
  }
  throw new Error(`git ${args.join(" ")} was expected to fail`);
}

/** What `git fsck --strict` has to say of a repository must be nothing. */
export async function expectSound(directory: string): Promise<void> {
  const { stdout, stderr } = await run("git", ["fsck", "--strict", "--full", "--no-dangling", "--no-progress"], {
    cwd: directory,
    env: gitEnvironment,
  });
  expect(`${stdout}${stderr}`.replace(/^notice: .*\n?/gm, "")).toBe("");
}

export const me = localCaller;

/** Artifacts with a server for git clients in front. `url` names a repository. */
export async function servedWorkbench(options: Partial<ArtifactOptions> = {}, caller: Caller | null = me) {
  const bench = workbench(options);
  const server = await serveGitOverHttp(bench.artifacts, caller ?? undefined);
  afterTest(server.close);
  const url = (repo: string, login = "") => `${server.url.replace("//", `//${login}`)}/default/${repo}.git`;
  return { ...bench, url };
}

/** A directory for clones, and a clone in it. */
export async function cloneOf(url: string, ...args: string[]): Promise<string> {
  const directory = join(temporaryDirectory(), "clone");
  await git(
    "/",
    ...args.filter((arg) => arg.includes("=")).flatMap((arg) => (arg.startsWith("--") ? [] : ["-c", arg])),
    "clone",
    "-q",
    ...args.filter((arg) => arg.startsWith("--")),
    url,
    directory,
  );
  return directory;
}

/** Writes files into a clone and commits them; answers the commit. */
export async function commitIn(clone: string, files: Record<string, string>, message = "change"): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), text);
  }
  await git(clone, "add", "-A");
  await git(clone, "commit", "-q", "-m", message);
  return git(clone, "rev-parse", "HEAD");
}
