import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Host } from "./host.ts";
import { expect, type Stage } from "./stage.ts";
import { fact, models } from "./steps.ts";

const run = promisify(execFile);

/** Runs the git command that is installed, without what its user has configured. */
async function git(...args: string[]): Promise<string> {
  const person = ["-c", "user.name=A person", "-c", "user.email=person@example.com"];
  const env = { PATH: process.env.PATH ?? "", HOME: tmpdir(), GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" };
  return (await run("git", [...person, ...args], { env })).stdout.trim();
}

/** The repository is an ordinary one: git itself clones it. */
export async function artifactSteps(stage: Stage, host: Host, home: string): Promise<void> {
  await stage.step("artifact.log", async () => {
    const { commits } = (await host.call("artifact_log", { repo: "demo" })) as {
      commits: { commit: string; message: string }[];
    };
    expect(commits.length === 1, `there are ${commits.length} commits`);
    return { says: commits.map(({ commit, message }) => `${commit.slice(0, 10)} ${message.trim()}`) };
  });
  await stage.step("git clone of the artifact, with git itself", async () => {
    const clone = join(home, "clone");
    await git("clone", "--quiet", join(home, "artifacts", "default", "demo.git"), clone);
    await git("-C", clone, "fsck", "--strict");
    const report = await readFile(join(clone, "report.md"), "utf8");
    expect(
      models.every((model) => report.includes(model)),
      "the clone does not hold the report",
    );
    expect(report.includes(fact), "the clone does not hold what was remembered");
    return { says: [`report.md, ${report.length} characters, git fsck --strict is clean`] };
  });
}

const reviewed = "\nReviewed by a person.\n";

/** A person works with the git they have on what an agent made, and the agent sees it. */
export async function gitOverHttpSteps(stage: Stage, host: Host, home: string): Promise<void> {
  const clone = join(home, "http-clone");
  let url = "";
  await stage.step("artifact.fork: a copy of its own for a person, with a token that opens it alone", async () => {
    const fork = { repo: "demo", as: "demo-review", token: { scope: "write", ttl_s: 600 } };
    const { remote, token } = (await host.call("artifact_fork", fork)) as {
      remote: string;
      token: { token: string; expires_at: string };
    };
    url = remote.replace("://", `://person:${token.token}@`);
    return { says: [remote, `the token is good until ${token.expires_at}`] };
  });
  let pushed = "";
  await stage.step("git clone over HTTP, git commit, git push", async () => {
    await git("clone", "--quiet", url, clone);
    const file = join(clone, "report.md");
    await writeFile(file, (await readFile(file, "utf8")) + reviewed);
    await git("-C", clone, "commit", "--quiet", "--all", "--message", "Reviewed");
    await git("-C", clone, "push", "--quiet");
    await git("-C", clone, "fsck", "--strict");
    pushed = await git("-C", clone, "rev-parse", "HEAD");
    return { says: [`pushed ${pushed.slice(0, 10)}, git fsck --strict is clean`] };
  });
  await stage.step("artifact.checkout sees what the person pushed", async () => {
    const found = (await host.call("artifact_checkout", { repo: "demo-review", path: "report.md" })) as {
      commit: string;
      files: Record<string, { text: string }>;
    };
    expect(found.commit === pushed, `it is at ${found.commit}, and ${pushed} was pushed`);
    expect(found.files["report.md"]?.text.endsWith(reviewed) === true, "it does not show what was pushed");
    return { says: [`“${reviewed.trim()}” at the end of report.md`] };
  });
}
