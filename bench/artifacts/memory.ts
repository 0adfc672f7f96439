import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { startServer } from "./measured-server.ts";
import { runGit } from "./run-git.ts";

const mib = 1024 * 1024;
const files = 96;
const fileBytes = 4 * mib;

export interface MemoryFigure {
  readonly scenario: string;
  /** The most that our server has had when it was over. */
  readonly rssBytes: number;
  readonly packBytes: number;
}

/** What our server holds while a pack much larger than that is fetched from it by four clients at once, and pushed to it. */
export async function measureMemory(home: string): Promise<MemoryFigure[]> {
  const directory = join(home, "memory");
  const repository = join(directory, "default/noise.git");
  await runGit("/", "init", "-q", "--bare", "-b", "main", repository);
  await importNoise(repository);
  const packBytes = files * fileBytes;
  const figures: MemoryFigure[] = [];
  const measured = async (scenario: string, run: (url: string) => Promise<unknown>) => {
    const server = await startServer("our", directory);
    await run(server.url);
    figures.push({ scenario, packBytes, rssBytes: (await server.usage()).rssBytes });
    await server.stop();
  };
  const target = (n: number) => join(home, `memory-clone${n}`);
  await measured("four clones at once", (url) =>
    Promise.all([0, 1, 2, 3].map((n) => runGit("/", "clone", "-q", "--bare", `${url}/noise.git`, target(n)))),
  );
  await measured("push into an empty repository", (url) => runGit(target(0), "push", "-q", `${url}/new.git`, "main"));
  for (const n of [0, 1, 2, 3]) rmSync(target(n), { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
  return figures;
}

/** A commit of files that nothing makes smaller. */
async function importNoise(repository: string): Promise<void> {
  const child = spawn("git", ["fast-import", "--quiet"], { cwd: repository, stdio: ["pipe", "inherit", "inherit"] });
  const closed = new Promise((resolve) => child.on("close", resolve));
  const write = async (data: string | Buffer) => {
    if (!child.stdin.write(data)) await new Promise((resolve) => child.stdin.once("drain", resolve));
  };
  await write("commit refs/heads/main\ncommitter Bench <bench@example.com> 1700000000 +0000\ndata 2\nx\n\n");
  for (let i = 0; i < files; i++) {
    await write(`M 100644 inline noise${i}\ndata ${fileBytes}\n`);
    await write(randomBytes(fileBytes));
    await write("\n");
  }
  child.stdin.end();
  await closed;
}
