import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A person's own configuration must not change what is measured. */
export const gitEnvironment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Bench",
  GIT_AUTHOR_EMAIL: "bench@example.com",
  GIT_COMMITTER_NAME: "Bench",
  GIT_COMMITTER_EMAIL: "bench@example.com",
  GIT_TERMINAL_PROMPT: "0",
};

export async function runGit(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("git", args, { cwd, env: gitEnvironment, maxBuffer: 1024 ** 3 });
  return stdout.trim();
}
